"""The game's rules about what a guardian can wear together."""

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum

from destiny.game import ARMOR, SUBCLASS, WEAPONS
from destiny.loadouts.build import ANY_CLASS, Build
from destiny.loadouts.slots import SLOTS
from destiny.manifest.items import ItemDefinition


class Breach(StrEnum):
    """A rule that a loadout breaks (`destiny.loadouts.sentences` has the words)."""

    EXOTIC_WEAPONS = "exotic_weapons"
    EXOTIC_ARMOR = "exotic_armor"
    SAME_SLOT = "same_slot"
    OTHER_CLASS = "other_class"


def breaches(build: Build, definitions: Mapping[int, ItemDefinition]) -> Iterator[tuple[Breach, str]]:
    """Yield each rule that what is worn breaks, with the names of the items. Unknown items break none."""
    worn = [definitions[one.hash] for one in build.items if one.is_worn and one.hash in definitions]
    for breach, slots in ((Breach.EXOTIC_WEAPONS, WEAPONS), (Breach.EXOTIC_ARMOR, ARMOR)):
        exotic = [one for one in worn if one.is_exotic and one.bucket_hash in slots]
        if len(exotic) > 1:
            yield breach, _names(exotic)
    for bucket, count in Counter(one.bucket_hash for one in worn).items():
        if bucket in SLOTS and count > 1:
            yield Breach.SAME_SLOT, _names([one for one in worn if one.bucket_hash == bucket])
    others = [one for one in worn if not fits(one, build.class_type)]
    if others:
        yield Breach.OTHER_CLASS, _names(others)


def fits(definition: ItemDefinition, class_type: int) -> bool:
    """Return whether a guardian of the class can wear the item. A loadout for any class has no armor of one class."""
    return definition.class_type in (ANY_CLASS, class_type) or definition.bucket_hash not in (*ARMOR, SUBCLASS)


def _names(definitions: list[ItemDefinition]) -> str:
    return ", ".join(one.name or str(one.hash) for one in definitions)
