"""The sources of a player's own rights: which character, rank, permission set and grants."""

from dataclasses import dataclass

from accounts.models import User
from guilds.models import Guild, Membership
from permissions.effective_rights import effective_rights
from permissions.models import Grant, Rank
from permissions.resolver import EffectiveRights
from permissions.rights import EVERY_RIGHT, Rights


@dataclass(frozen=True, slots=True)
class Explanation:
    """A player's rights in a guild with their sources; `place` and `rank` are empty without a character there."""

    place: Membership | None
    rank: Rank | None
    rights: EffectiveRights
    grants: list[Grant]

    @property
    def missing(self) -> Rights:
        """The rights that no source gives. Site admins have them all the same."""
        return EVERY_RIGHT - self.rights.rights


def explain(user: User, guild: Guild, ranks: list[Rank]) -> Explanation:
    """Return the player's rights in the guild with their sources."""
    places = guild.memberships.with_confirmed_link_to(user).select_related("character")
    place = places.order_by("rank", "-is_main", "character__name", "pk").first()
    return Explanation(
        place=place,
        rank=next((rank for rank in ranks if place and rank.rank_level == place.rank), None),
        rights=effective_rights(user, guild),
        grants=list(guild.grants.running().filter(user=user).select_related("granted_by")) if place else [],
    )
