"""Changes to a persona's account in a region."""

from sandbox.world import changes
from sandbox.world.changes import Event
from sandbox.world.characters import generate_character
from sandbox.world.gamedata import ALLIANCE, HORDE, MAX_LEVEL
from sandbox.world.models import REGIONS, Character, Persona
from sandbox.world.personas import add_to_account
from sandbox.world.rng import SeededRandom
from sandbox.world.world import World


def start_playing(world: World, person: Persona, region: str, count: int) -> Event:
    """Create characters in another region, half of them in a guild if there is one."""
    _check_region(region)
    if person.characters_in(region) or not 0 < count <= 60:
        raise ValueError(f"{person.name} already plays in {region}, or characters is not 1 to 60")
    set_account_missing(world, person, region, is_missing=False)
    guild = next((one for one in world.guilds.values() if one.region == region), None)
    created = [_draw(world, person, region, number) for number in range(count)]
    for character in created[: (count + 1) // 2]:
        if guild is not None:
            changes.join(world, character, guild, 9)
    return {
        "kind": "plays_in_region",
        "day": world.clock.day,
        "persona": person.name,
        "region": region,
        "characters": [changes.describe(character) for character in created],
    }


def _draw(world: World, person: Persona, region: str, number: int) -> Character:
    rng = SeededRandom(world.seed, "region", region, person.name, number)
    realms = [realm for realm in world.realms.values() if realm.region == region]
    level = MAX_LEVEL if number == 0 else rng.between(10, MAX_LEVEL)
    character = generate_character(world, rng, rng.pick(realms), rng.pick((ALLIANCE, HORDE)), level=level)
    character.id = world.new_character_id()
    world.touch(character)
    return add_to_account(person, character)


def set_account_missing(world: World, person: Persona, region: str, *, is_missing: bool) -> Event:
    """Set whether the account's URLs answer 404 in the region; the characters stay."""
    _check_region(region)
    others = tuple(one for one in person.missing_regions if one != region)
    person.missing_regions = (*others, region) if is_missing else others
    return {
        "kind": "account_missing",
        "day": world.clock.day,
        "persona": person.name,
        "region": region,
        "missing": is_missing,
    }


def _check_region(region: str) -> None:
    if region not in REGIONS:
        raise ValueError(f"region must be one of {', '.join(REGIONS)}")
