"""Our tables and the sandbox's truth, as sets of lines that can be compared."""

from typing import Any

from characters.models import Character, ProfileState
from guilds.models import Guild, Membership
from tests.battlenet import Sandbox

Line = tuple[Any, ...]

# What a roster tells, as the sandbox names it and as our tables do.
ROSTER = {
    "id": "character__blizzard_id",
    "name": "character__name",
    "realm_id": "character__realm_id",
    "realm_slug": "character__realm__slug",
    "region": "character__region",
    "rank": "rank",
    "level": "character__level",
    "class_id": "character__playable_class_id",
    "race_id": "character__playable_race_id",
    "faction": "character__faction",
}
# What only a character's own page tells.
DETAILS = {
    "gender": "character__gender",
    "spec_id": "character__active_spec_id",
    "role": "character__role",
    "average_item_level": "character__average_item_level",
    "equipped_item_level": "character__equipped_item_level",
}
STATES = {200: ProfileState.VISIBLE, 403: ProfileState.FORBIDDEN, 404: ProfileState.NOT_FOUND}


def address_of(guild: Guild) -> dict[str, str]:
    """How the sandbox names our guild."""
    return {"region": guild.region, "realm_slug": guild.realm.slug, "slug": guild.slug}


def our_roster(guild: Guild) -> set[Line]:
    """A line for each member in our tables."""
    return set(Membership.objects.filter(guild=guild).values_list(*ROSTER.values()))


def true_roster(sandbox: Sandbox, guild: Guild) -> set[Line]:
    """A line for each member in the sandbox's world."""
    return {tuple(member[key] for key in ROSTER) for member in sandbox.members(address_of(guild))}


def our_details(guild: Guild) -> set[Line]:
    """A line for each member in our tables, with all that was fetched one by one."""
    wanted = [*ROSTER.values(), *DETAILS.values(), "character__profile_state"]
    return set(Membership.objects.filter(guild=guild).values_list(*wanted))


def true_details(sandbox: Sandbox, guild: Guild) -> set[Line]:
    """A line for each member in the sandbox's world; of those whom Battle.net does not show, what the roster tells."""
    hidden = ("", None, "UNKNOWN", None, None)
    return {
        (
            *(member[key] for key in ROSTER),
            *(_shown(member) if member["profile"] == 200 else hidden),
            STATES[member["profile"]],
        )
        for member in sandbox.members(address_of(guild))
    }


def _shown(member: dict[str, Any]) -> Line:
    return tuple(member[key] if key != "role" else member[key] or "UNKNOWN" for key in DETAILS)


def order(character: Character) -> dict[str, str]:
    """How an order to the sandbox names our character."""
    return {"region": character.region, "realm_slug": character.realm.slug, "name": character.name}
