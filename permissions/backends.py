"""Answers `user.has_perm("guilds.view", guild)` from the guild's own ranks."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from accounts.models import User
from guilds.models import Guild
from permissions.effective_rights import standing


class GuildRankBackend(BaseBackend):
    """Guild rights follow the person's best rank there; site admins (superusers) never reach this."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the person may do `perm` in the guild `obj`; False for anything that is not a guild."""
        if not isinstance(obj, Guild) or not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        # Of a guild whose data was deleted, nothing is left but the right to bring it back.
        if obj.deleted_at is not None and perm != "guilds.delete":
            return False
        return perm in standing(user_obj, obj).rights
