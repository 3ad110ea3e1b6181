"""Our tables and the sandbox's ground truth, as sets of rows to compare."""

from typing import Any

from characters.models import Character, ProfileState
from guilds.models import Guild, Membership
from tests.battlenet import Sandbox

Line = tuple[Any, ...]

# Columns of a roster: the sandbox's names and ours.
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
# Columns of a profile only.
DETAILS = {
    "gender": "character__gender",
    "spec_id": "character__active_spec_id",
    "role": "character__role",
    "average_item_level": "character__average_item_level",
    "equipped_item_level": "character__equipped_item_level",
}
STATES = {200: ProfileState.VISIBLE, 403: ProfileState.FORBIDDEN, 404: ProfileState.NOT_FOUND}


def address_of(guild: Guild) -> dict[str, str]:
    """Return the keys that address the guild in the sandbox."""
    return {"region": guild.region, "realm_slug": guild.realm.slug, "slug": guild.slug}


def our_roster(guild: Guild) -> set[Line]:
    """Return a row for each member from our tables."""
    return set(Membership.objects.filter(guild=guild).values_list(*ROSTER.values()))


def true_roster(sandbox: Sandbox, guild: Guild) -> set[Line]:
    """Return a row for each member from the ground truth."""
    return {tuple(member[key] for key in ROSTER) for member in sandbox.members(address_of(guild))}


def our_details(guild: Guild) -> set[Line]:
    """Return a row for each member from our tables, including profiles."""
    wanted = [*ROSTER.values(), *DETAILS.values(), "character__profile_state"]
    return set(Membership.objects.filter(guild=guild).values_list(*wanted))


def true_details(sandbox: Sandbox, guild: Guild) -> set[Line]:
    """Return a row for each member from the ground truth; without a profile, only what the roster lists."""
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


def address_in_sandbox(character: Character) -> dict[str, str]:
    """Return the keys that address the character in a mutation."""
    return {"region": character.region, "realm_slug": character.realm.slug, "name": character.name}
