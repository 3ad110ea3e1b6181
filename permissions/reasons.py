"""Why somebody may do what they may do: this character, this rank, this set, this grant."""

from dataclasses import dataclass

from accounts.models import User
from guilds.models import Guild, Membership
from permissions.models import FLAG_OF, Grant, Rank
from permissions.rules import Rights
from permissions.standing import standing


@dataclass(frozen=True, slots=True)
class Held:
    """One right, and from where the person has it."""

    right: str
    by_rank: bool
    in_grace: bool
    grants: list[Grant]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Where a person stands in a guild; `place` and `rank` are empty for who has no character there."""

    place: Membership | None
    rank: Rank | None
    held: list[Held]
    lacks: Rights
    grants: list[Grant]


def reasons_of(user: User, guild: Guild, ranks: list[Rank]) -> Reasons:
    """The person's rights in the guild with their causes; what a site admin holds as such is not among them."""
    found = standing(user, guild)
    places = guild.memberships.filter(character__user=user).select_related("character")
    place = places.order_by("rank", "-is_main", "character__name", "pk").first()
    grants = list(guild.grants.running().filter(user=user).select_related("granted_by")) if place else []
    held = [
        Held(right, right in found.of_rank, right in found.in_grace, [one for one in grants if right in one.rights])
        for right in FLAG_OF
        if right in found.rights
    ]
    return Reasons(
        place=place,
        rank=next((one for one in ranks if place and one.rank_level == place.rank), None),
        held=held,
        lacks=frozenset(FLAG_OF) - found.rights,
        grants=grants,
    )
