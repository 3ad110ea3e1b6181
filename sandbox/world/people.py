"""Drawing characters: what a player of a realm looks like, left to chance within the game's rules."""

from collections.abc import Sequence

from sandbox.world.clock import DAY
from sandbox.world.gamedata import CLASSES, HIDDEN_SPEC_ID, MAX_LEVEL, SPEC_LEVEL, races_for
from sandbox.world.models import Character, Realm
from sandbox.world.names import draw_name
from sandbox.world.rng import Dice
from sandbox.world.world import World

_GENDERS = ("MALE", "FEMALE")
# Days since the last login, as (from, to) and weight: most of a living guild plays, and a tail has stopped.
_ABSENCES: tuple[tuple[tuple[int, int], int], ...] = (
    ((0, 2), 30), ((3, 13), 22), ((14, 59), 20), ((60, 199), 16), ((200, 700), 12)
)  # fmt: skip
_LEVELS: tuple[tuple[tuple[int, int], int], ...] = (
    ((MAX_LEVEL, MAX_LEVEL), 62), ((80, 89), 12), ((70, 79), 10), ((SPEC_LEVEL, 69), 13), ((2, 9), 3)
)  # fmt: skip
OLDEST_ID, NEWEST_ID = 90_000_000, 250_000_000


def draw_character(
    world: World,
    dice: Dice,
    realm: Realm,
    faction: str,
    *,
    name: str | None = None,
    level: int | None = None,
    class_id: int | None = None,
) -> Character:
    """A new character of the realm with everything that is not given left to chance, already placed in the world."""
    if level is None:
        level = dice.between(*dice.weighted(_LEVELS))
    class_id = class_id or dice.pick(list(CLASSES))
    average = average_item_level(dice, level)
    character = Character(
        id=world.claim_id(realm.region, dice.between(OLDEST_ID, NEWEST_ID)),
        name=name or free_name(world, dice, realm),
        realm=realm,
        level=level,
        class_id=class_id,
        race_id=dice.pick(races_for(class_id, faction)).id,
        gender=dice.pick(_GENDERS),
        faction=faction,
        spec_id=draw_spec(dice, class_id, level),
        average_item_level=average,
        equipped_item_level=max(1, average - dice.below(6)),
        snapshot=world.clock.anchor - dice.between(*dice.weighted(_ABSENCES)) * DAY - dice.between(60, DAY - 60),
    )
    world.place(character)
    return character


def free_name(world: World, dice: Dice, realm: Realm) -> str:
    """A name that nobody on the realm has."""
    while not world.is_free(realm, name := draw_name(dice, realm.locale)):
        continue
    return name


def name_free_on(world: World, dice: Dice, realms: Sequence[Realm]) -> str:
    """A name that nobody has on any of the realms."""
    while not all(world.is_free(realm, name := draw_name(dice, realms[0].locale)) for realm in realms):
        continue
    return name


def draw_spec(dice: Dice, class_id: int, level: int) -> int | None:
    """A specialization of the class; None below the level at which one is chosen."""
    return dice.pick(CLASSES[class_id].specs).id if level >= SPEC_LEVEL else None


def average_item_level(dice: Dice, level: int) -> int:
    """What a character of the level may wear."""
    return dice.between(214, 289) if level == MAX_LEVEL else max(1, level * 2 - dice.below(12))


def hide_spec(character: Character) -> None:
    """Turn the character into a low-level one with a specialization that no index lists."""
    character.level, character.class_id, character.spec_id = 8, 1, HIDDEN_SPEC_ID
    if character.race_id not in {race.id for race in races_for(1, character.faction)}:
        character.race_id = races_for(1, character.faction)[0].id
    character.average_item_level = character.equipped_item_level = 12
