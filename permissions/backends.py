"""Answers `user.has_perm("guilds.view", guild)` from the player's effective rights there."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from accounts.models import User
from guilds.models import Guild
from permissions.effective_rights import effective_rights


class GuildRankBackend(BaseBackend):
    """Rights in a guild. Django grants site admins (superusers) everything without asking."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not isinstance(obj, Guild) or not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        # After a guild's data was deleted, only the right to restore it is left.
        if obj.deleted_at is not None and perm != "guilds.delete":
            return False
        return perm in effective_rights(user_obj, obj).rights
