"""A character's equipment. Item levels match the summary; the rest is derived from class, specialization and id."""

from dataclasses import dataclass

from sandbox.documents.context import DocumentContext, Json, character_path
from sandbox.documents.item_parts import enchantments, set_part, sockets, stats
from sandbox.documents.items import GREEN, WHITE, display, item_classes, item_entry, sell_price, weapon
from sandbox.world.content.items import (
    EFFECTS,
    EMBELLISHMENT,
    SET_SLOTS,
    SLOTS,
    WEAPON,
    Item,
    Slot,
    item_for,
    set_of,
    weapon_for,
)
from sandbox.world.gamedata import CLASSES, MAX_LEVEL, SPECS, primary_stat
from sandbox.world.models import Character

# Origins of an item: name description and context.
_ORIGINS = (("Mythic+", 35), ("Heroic", 5), ("Mythic", 6), ("Raid Finder", 4), (None, 3), (None, 36))
_CRAFTED = ("Fortune Crafted", 13)
_CRAFTED_SLOTS = ("WRIST", "MAIN_HAND")
_COSMETIC_LEVEL = 15
_HUNTER, _STAFF_CLASSES = 3, (10, 11)


@dataclass(frozen=True, slots=True)
class WornItem:
    """An item in a slot. ``salt`` varies details between characters."""

    slot: Slot
    item: Item
    level: int
    salt: int


def equipment(context: DocumentContext, subject: Character) -> Json:
    """Render the equipment; the keys are absent without items, or without a set."""
    document: Json = {
        "_links": {"self": context.profile(f"{character_path(subject)}/equipment")},
        "character": context.character(subject),
    }
    worn = worn_by(subject)
    if worn:
        document["equipped_items"] = [_item(context, subject, one) for one in worn]
    count = _set_pieces(subject)
    if count:
        document["equipped_item_sets"] = [set_part(context, set_of(subject.class_id), SET_SLOTS[:count])]
    return document


def worn_by(subject: Character) -> list[WornItem]:
    """Return the equipped items in the order of the slots."""
    if subject.equipped_item_level == 0:
        return []
    items = _items(subject)
    return [
        WornItem(slot, items[slot.type], _level(subject, slot, place), subject.id * 19 + place)
        for place, slot in enumerate(SLOTS)
        if slot.type in items
    ]


def _items(subject: Character) -> dict[str, Item]:
    items = {
        slot.type: item_for(slot.type, subject.class_id, subject.id + place)
        for place, slot in enumerate(SLOTS)
        if slot.group != "weapon"
    }
    for slot_type, rest in (("SHIRT", 3), ("TABARD", 2)):
        if subject.id % rest == 0:
            del items[slot_type]
    for slot_type in SET_SLOTS[: _set_pieces(subject)]:
        items[slot_type] = set_of(subject.class_id).items[slot_type]
    hands = zip(("MAIN_HAND", "OFF_HAND"), _weapons(subject), strict=False)
    return items | {slot_type: weapon_for(word, subject.id) for slot_type, word in hands}


def _weapons(subject: Character) -> tuple[str, ...]:
    """Return the keys of main hand and off hand; a two-handed weapon leaves no off hand."""
    spec = SPECS.get(subject.spec_id or 0) or CLASSES[subject.class_id].specs[0]
    stat = primary_stat(spec)
    if stat == "STRENGTH":
        return ("sword", "shield") if spec.role == "TANK" else ("two-hander",)
    if subject.class_id == _HUNTER:
        return ("bow",)
    if stat == "AGILITY":
        return ("staff",) if subject.class_id in _STAFF_CLASSES else ("dagger", "dagger")
    return ("staff",) if subject.id % 2 else ("dagger", "orb")


def _set_pieces(subject: Character) -> int:
    return subject.id % (len(SET_SLOTS) + 1) if subject.level == MAX_LEVEL and subject.equipped_item_level else 0


def _level(subject: Character, slot: Slot, place: int) -> int:
    """Return a level around that of the summary, so that pairs of slots average to it."""
    level = subject.equipped_item_level
    if slot.group == "cosmetic":
        return min(level, _COSMETIC_LEVEL)
    pairs = [one for one in SLOTS if one.group not in ("cosmetic", "weapon")]
    if slot not in pairs or level < _COSMETIC_LEVEL:
        return level
    number = pairs.index(slot)
    spread = (subject.id + number // 2) % 5
    return level + spread if number % 2 else level - spread


def _set_here(subject: Character, worn: WornItem) -> bool:
    return worn.slot.type in SET_SLOTS[: _set_pieces(subject)]


def _item(context: DocumentContext, subject: Character, worn: WornItem) -> Json:
    if worn.slot.group == "cosmetic":
        return _cosmetic_item(context, worn)
    is_max_level = subject.level == MAX_LEVEL
    document = _head(context, worn, is_max_level=is_max_level)
    if worn.slot.group in ("armor", "cloak"):
        armor = worn.level // 5 + 1
        document["armor"] = {"value": armor, "display": display(context, f"{armor} Armor")}
    if worn.item.item_class == WEAPON:
        document["weapon"] = weapon(context, worn.level)
    document["stats"] = stats(context, subject, worn.level, worn.salt, has_primary=worn.slot.group != "jewelry")
    document |= _spells(context, subject, worn)
    document["sell_price"] = sell_price(context, 1000 * worn.level + worn.salt % 1000)
    document["requirements"] = _requirements(context, subject, is_class_bound=_set_here(subject, worn))
    if _set_here(subject, worn):
        pieces = SET_SLOTS[: _set_pieces(subject)]
        document["set"] = set_part(context, set_of(subject.class_id), pieces)
    document["level"] = {"value": worn.level, "display_string": context.text(f"Item Level {worn.level}")}
    return document | _tail(context, subject, worn)


def _head(context: DocumentContext, worn: WornItem, *, is_max_level: bool) -> Json:
    """Return the first part of an item: enchantments and sockets first, as in Battle.net's responses."""
    _, origin_context = _origin(worn)
    document: Json = {"item": context.nameless("item", worn.item.id)}
    if is_max_level:
        document |= enchantments(context, worn.slot.type, worn.salt) | sockets(context, worn.slot.type, worn.salt)
    document |= {
        "slot": context.kind(worn.slot.type, worn.slot.name),
        "quantity": 1,
        "context": origin_context,
        "bonus_list": [6600 + worn.salt % 90, 10_300 + worn.level, 12_100 + origin_context],
        "quality": context.kind("EPIC" if is_max_level else "RARE"),
        "name": context.text(worn.item.name),
        "modified_appearance_id": worn.item.id + 1,
        "media": context.nameless("media/item", worn.item.id),
        **item_classes(context, worn.item),
        "binding": context.kind("ON_ACQUIRE", "Binds when picked up"),
    }
    if worn.slot.type in ("FINGER_2", "TRINKET_1", "TRINKET_2"):
        document["unique_equipped"] = context.text("Unique-Equipped")
    if _is_embellished(worn):
        document["limit_category"] = context.text("Unique-Equipped: Embellished (2)")
    return document


def _cosmetic_item(context: DocumentContext, worn: WornItem) -> Json:
    """Return a shirt or tabard: no bonus, no stats."""
    return {
        "item": context.nameless("item", worn.item.id),
        "slot": context.kind(worn.slot.type, worn.slot.name),
        "quantity": 1,
        "context": 14,
        "quality": context.kind("COMMON"),
        "name": context.text(worn.item.name),
        "media": context.nameless("media/item", worn.item.id),
        **item_classes(context, worn.item),
        "binding": context.kind("ON_EQUIP", "Binds when equipped"),
        "level": {"value": worn.level, "display_string": context.text(f"Item Level {worn.level}")},
        "is_subclass_hidden": True,
    }


def _origin(worn: WornItem) -> tuple[str | None, int]:
    if worn.slot.type in _CRAFTED_SLOTS and worn.salt % 3 == 0:
        return _CRAFTED
    return _ORIGINS[worn.salt % len(_ORIGINS)]


def _is_embellished(worn: WornItem) -> bool:
    return _origin(worn) == _CRAFTED


def _spells(context: DocumentContext, subject: Character, worn: WornItem) -> Json:
    numbers = {"TRINKET_1": (490_001,), "TRINKET_2": (490_002,)}.get(worn.slot.type, ())
    if _is_embellished(worn):
        numbers = (EMBELLISHMENT,)
    if not numbers:
        return {}
    return {
        "spells": [
            {
                "spell": context.entry("spell", number, EFFECTS[number][0]),
                "description": context.text(EFFECTS[number][1]),
                "display_color": WHITE,
            }
            for number in numbers
        ]
    }


def _requirements(context: DocumentContext, subject: Character, *, is_class_bound: bool) -> Json:
    level = min(subject.level, 80)
    document: Json = {"level": {"value": level, "display_string": context.text(f"Requires Level {level}")}}
    if is_class_bound:
        owner = CLASSES[subject.class_id]
        document["playable_classes"] = {
            "links": [context.entry("playable-class", owner.id, owner.name)],
            "display_string": context.text(f"Classes: {owner.name}"),
        }
    return document


def _tail(context: DocumentContext, subject: Character, worn: WornItem) -> Json:
    document: Json = {}
    if worn.slot.group == "trinket":
        document["description"] = context.text("It hums when nobody listens.")
    if worn.slot.group == "armor" and worn.salt % 2:
        document["transmog"] = _transmog(context, subject, worn)
    if worn.slot.group in ("armor", "weapon"):
        document["durability"] = {"value": 100, "display_string": context.text("Durability 100 / 100")}
    origin, _ = _origin(worn)
    if origin:
        document["name_description"] = display(context, origin, GREEN)
    if _is_embellished(worn):
        document["modified_crafting_stat"] = [
            {"id": 49, **context.kind("MASTERY_RATING", "Mastery")},
            {"id": 36, **context.kind("HASTE_RATING", "Haste")},
        ]
    if worn.slot.group in ("jewelry", "trinket", "cloak"):
        document["is_subclass_hidden"] = True
    return document


def _transmog(context: DocumentContext, subject: Character, worn: WornItem) -> Json:
    shown = item_for(worn.slot.type, subject.class_id, worn.salt + 1)
    document: Json = {
        "item": item_entry(context, shown),
        "display_string": context.text(f"Transmogrified to:\n{shown.name}"),
        "item_modified_appearance_id": shown.id + 1,
    }
    if worn.slot.type == "SHOULDER":
        document |= {
            "second_item": item_entry(context, shown),
            "second_item_modified_appearance_id": shown.id + 1,
        }
    return document
