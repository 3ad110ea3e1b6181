"""Answers `user.has_perm("guilds.view", guild)` from the guild's own ranks."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import Min

from accounts.models import User
from guilds.models import GUILD_MASTER_RANK, Guild, Membership
from permissions.models import Rank

# What can be asked of a guild, and the column of PermissionSet that grants it.
FLAG_OF = {
    "guilds.view": "can_view",
    "guilds.manage_roster": "can_manage_roster",
    "guilds.edit_info": "can_edit_info",
    "guilds.manage_ranks": "can_manage_ranks",
    "guilds.delete": "can_delete",
    "guilds.read_notes": "can_read_notes",
    "guilds.write_notes": "can_write_notes",
    "guilds.refresh": "can_refresh",
}
# The rights of a rank for which the guild has not chosen a set.
RESTRICTED = frozenset({"guilds.view"})


def best_rank(user: User, guild: Guild) -> int | None:
    """The best (lowest) rank among the person's characters in the guild; None for an outsider."""
    rank: int | None = Membership.objects.filter(guild=guild, character__user=user).aggregate(best=Min("rank"))["best"]
    return rank


def rights_of_rank(guild: Guild, rank_level: int) -> frozenset[str]:
    """What the guild lets this rank do. The guild master may do everything, always."""
    if rank_level == GUILD_MASTER_RANK:
        return frozenset(FLAG_OF)
    rank = Rank.objects.select_related("permission_set").filter(guild=guild, rank_level=rank_level).first()
    if rank is None:
        return RESTRICTED
    return frozenset(perm for perm, flag in FLAG_OF.items() if getattr(rank.permission_set, flag))


class GuildRankBackend(BaseBackend):
    """Guild rights follow the person's best rank there; site admins (superusers) never reach this."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the person may do `perm` in the guild `obj`; False for anything that is not a guild."""
        if not isinstance(obj, Guild) or not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        rank = best_rank(user_obj, obj)
        return rank is not None and perm in rights_of_rank(obj, rank)
