"""Why somebody may do what they may do: this character, this rank, this set, this grant."""

from dataclasses import dataclass

from accounts.models import User
from guilds.models import Guild, Membership
from permissions.effective_rights import standing
from permissions.models import EVERY_RIGHT, Grant, Rank
from permissions.rules import Rights


@dataclass(frozen=True, slots=True)
class Reasons:
    """Where a person stands in a guild, and what comes from where.

    `place` and `rank` are empty for who has no character there. What a site admin holds as such is left out.
    """

    place: Membership | None
    rank: Rank | None
    of_rank: Rights
    grants: list[Grant]
    in_grace: Rights
    lacks: Rights


def reasons_of(user: User, guild: Guild, ranks: list[Rank]) -> Reasons:
    """The person's rights in the guild with their causes."""
    found = standing(user, guild)
    places = guild.memberships.giving_rights_to(user).select_related("character")
    place = places.order_by("rank", "-is_main", "character__name", "pk").first()
    return Reasons(
        place=place,
        rank=next((one for one in ranks if place and one.rank_level == place.rank), None),
        of_rank=found.of_rank,
        grants=list(guild.grants.running().filter(user=user).select_related("granted_by")) if place else [],
        in_grace=found.in_grace,
        lacks=EVERY_RIGHT - found.rights,
    )
