"""Generating random characters within the game's rules."""

from collections.abc import Sequence

from sandbox.world.clock import DAY
from sandbox.world.gamedata import CLASSES, HIDDEN_SPEC_ID, MAX_LEVEL, SPEC_LEVEL, races_for
from sandbox.world.models import Character, Realm
from sandbox.world.names import random_name
from sandbox.world.rng import SeededRandom
from sandbox.world.world import World

_GENDERS = ("MALE", "FEMALE")
# Days since the last login, as (from, to) and weight: most members play, some have stopped.
_ABSENCES: tuple[tuple[tuple[int, int], int], ...] = (
    ((0, 2), 30), ((3, 13), 22), ((14, 59), 20), ((60, 199), 16), ((200, 700), 12)
)  # fmt: skip
_LEVELS: tuple[tuple[tuple[int, int], int], ...] = (
    ((MAX_LEVEL, MAX_LEVEL), 62), ((80, 89), 12), ((70, 79), 10), ((SPEC_LEVEL, 69), 13), ((2, 9), 3)
)  # fmt: skip
OLDEST_ID, NEWEST_ID = 90_000_000, 250_000_000


def generate_character(
    world: World,
    rng: SeededRandom,
    realm: Realm,
    faction: str,
    *,
    name: str | None = None,
    level: int | None = None,
    class_id: int | None = None,
) -> Character:
    """Add a new character to the world; what is not given is random."""
    if level is None:
        level = rng.between(*rng.weighted(_LEVELS))
    class_id = class_id or rng.pick(list(CLASSES))
    average = average_item_level(rng, level)
    character = Character(
        id=world.claim_id(realm.region, rng.between(OLDEST_ID, NEWEST_ID)),
        name=name or unused_name(world, rng, realm),
        realm=realm,
        level=level,
        class_id=class_id,
        race_id=rng.pick(races_for(class_id, faction)).id,
        gender=rng.pick(_GENDERS),
        faction=faction,
        spec_id=random_spec(rng, class_id, level),
        average_item_level=average,
        equipped_item_level=max(1, average - rng.below(6)),
        snapshot=world.clock.anchor - rng.between(*rng.weighted(_ABSENCES)) * DAY - rng.between(60, DAY - 60),
    )
    world.add_character(character)
    return character


def unused_name(world: World, rng: SeededRandom, realm: Realm) -> str:
    """Return a name that is free on the realm."""
    while not world.is_free(realm, name := random_name(rng, realm.locale)):
        continue
    return name


def unused_name_on_all(world: World, rng: SeededRandom, realms: Sequence[Realm]) -> str:
    """Return a name that is free on all of the realms."""
    while not all(world.is_free(realm, name := random_name(rng, realms[0].locale)) for realm in realms):
        continue
    return name


def random_spec(rng: SeededRandom, class_id: int, level: int) -> int | None:
    """Return a specialization of the class, or None below the level at which one is chosen."""
    return rng.pick(CLASSES[class_id].specs).id if level >= SPEC_LEVEL else None


def average_item_level(rng: SeededRandom, level: int) -> int:
    """Return a plausible item level for a character of this level."""
    return rng.between(214, 289) if level == MAX_LEVEL else max(1, level * 2 - rng.below(12))


def set_hidden_spec(character: Character) -> None:
    """Make the character a low-level one with a specialization that no index lists."""
    character.level, character.class_id, character.spec_id = 8, 1, HIDDEN_SPEC_ID
    if character.race_id not in {race.id for race in races_for(1, character.faction)}:
        character.race_id = races_for(1, character.faction)[0].id
    character.average_item_level = character.equipped_item_level = 12
