"""Items, their classes and sets (static namespace)."""

from sandbox.documents.context import Edition, Json
from sandbox.world.content.items import (
    ARMOR,
    ITEM_CLASSES,
    ITEM_SETS,
    SUBCLASSES,
    WEAPON,
    Item,
    ItemSet,
)
from sandbox.world.gamedata import CLASSES
from sandbox.world.world import World

WHITE = {"r": 255, "g": 255, "b": 255, "a": 1}
GREEN = {"r": 0, "g": 255, "b": 0, "a": 1}
GRAY = {"r": 128, "g": 128, "b": 128, "a": 1}
SET_COUNTS = (2, 4)
_PREVIEW_LEVEL = 121


def item_entry(edition: Edition, subject: Item) -> Json:
    """A reference to an item, with its name."""
    return edition.entry("item", subject.id, subject.name)


def item_classes(edition: Edition, subject: Item) -> Json:
    """What kind of item it is and where it is worn."""
    number, subclass = subject.item_class, subject.subclass
    return {
        "item_class": edition.entry("item-class", number, ITEM_CLASSES[number]),
        "item_subclass": edition.entry(f"item-class/{number}/item-subclass", subclass, SUBCLASSES[number, subclass]),
        "inventory_type": edition.kind(*subject.inventory),
    }


def display(edition: Edition, text: str, color: Json = WHITE) -> Json:
    """A line as the game shows it."""
    return {"display_string": edition.text(text), "color": color}


def stat(edition: Edition, kind: str, name: str, value: int) -> Json:
    """One attribute that an item gives."""
    return {"type": edition.kind(kind, name), "value": value, "display": display(edition, f"+{value} {name}")}


def weapon(edition: Edition, level: int) -> Json:
    """How hard and how fast a weapon of the level hits."""
    lowest, highest, speed = level // 6 + 1, level // 4 + 2, 1800
    dps = round((lowest + highest) / 2 / (speed / 1000), 6)
    return {
        "damage": {
            "min_value": lowest,
            "max_value": highest,
            "display_string": edition.text(f"{lowest} - {highest} Damage"),
            "damage_class": edition.kind("PHYSICAL"),
        },
        "attack_speed": {"value": speed, "display_string": edition.text(f"Speed {speed / 1000:.2f}")},
        "dps": {"value": dps, "display_string": edition.text(f"({dps:.1f} damage per second)")},
    }


def sell_price(edition: Edition, value: int) -> Json:
    """What a merchant pays, in copper and in words."""
    return {
        "value": value,
        "display_strings": {
            "header": edition.text("Sell Price:"),
            "gold": str(value // 10_000),
            "silver": str(value // 100 % 100),
            "copper": str(value % 100),
        },
    }


def item(edition: Edition, subject: Item) -> Json:
    """An item as it is before anybody wears it."""
    number, price = subject.id, 900 * (subject.id % 1000)
    is_worn = subject.item_class in (ARMOR, WEAPON)
    document: Json = {
        "_links": {"self": edition.static(f"item/{number}")},
        "id": number,
        "name": edition.text(subject.name),
        "quality": edition.kind("EPIC"),
        "level": _PREVIEW_LEVEL,
        "required_level": 80,
        "media": edition.nameless("media/item", number),
        **item_classes(edition, subject),
        "purchase_price": price * 5,
        "sell_price": price,
        "max_count": 0,
        "is_equippable": is_worn,
        "is_stackable": not is_worn,
        "preview_item": _preview(edition, subject),
        "purchase_quantity": 1,
    }
    if subject.item_class not in (ARMOR, WEAPON):
        document["description"] = edition.text("Made with patience.")
    return document


def _preview(edition: Edition, subject: Item) -> Json:
    preview: Json = {
        "item": edition.nameless("item", subject.id),
        "context": 0,
        "bonus_list": [9000 + subject.id % 100],
        "quality": edition.kind("EPIC"),
        "name": edition.text(subject.name),
        "media": edition.nameless("media/item", subject.id),
        **item_classes(edition, subject),
        "binding": edition.kind("ON_ACQUIRE", "Binds when picked up"),
    }
    if subject.item_class == WEAPON:
        preview["weapon"] = weapon(edition, _PREVIEW_LEVEL)
    if subject.item_class in (ARMOR, WEAPON):
        useless = stat(edition, "AGILITY", "Agility", 9) | {"is_negated": True}
        preview["stats"] = [useless, stat(edition, "STAMINA", "Stamina", 141)]
    preview["requirements"] = {"level": {"value": 80, "display_string": edition.text("Requires Level 80")}}
    preview["level"] = {
        "value": _PREVIEW_LEVEL,
        "display_string": edition.text(f"Item Level {_PREVIEW_LEVEL}"),
    }
    if subject.item_class in (ARMOR, WEAPON):
        preview["durability"] = {"value": 100, "display_string": edition.text("Durability 100 / 100")}
    return preview


def item_class_index(edition: Edition, world: World) -> Json:
    """All classes of items by name."""
    return {
        "_links": {"self": edition.static("item-class/")},
        "item_classes": [edition.entry("item-class", number, name) for number, name in ITEM_CLASSES.items()],
    }


def item_class(edition: Edition, number: int) -> Json:
    """A class of items with its subclasses."""
    return {
        "_links": {"self": edition.static(f"item-class/{number}")},
        "class_id": number,
        "name": edition.text(ITEM_CLASSES[number]),
        "item_subclasses": [
            edition.entry(f"item-class/{number}/item-subclass", subclass, name)
            for (owner, subclass), name in SUBCLASSES.items()
            if owner == number
        ],
    }


def item_subclass(edition: Edition, subject: tuple[int, int]) -> Json:
    """A subclass of items."""
    number, subclass = subject
    return {
        "_links": {"self": edition.static(f"item-class/{number}/item-subclass/{subclass}")},
        "class_id": number,
        "subclass_id": subclass,
        "display_name": edition.text(SUBCLASSES[subject]),
    }


def item_set_index(edition: Edition, world: World) -> Json:
    """All sets by name."""
    return {
        "_links": {"self": edition.static("item-set/")},
        "item_sets": [edition.entry("item-set", one.id, one.name) for one in ITEM_SETS.values()],
    }


def set_effects(edition: Edition, subject: ItemSet) -> list[Json]:
    """What wearing two and four of the items does."""
    owner = CLASSES[subject.class_id].name
    return [
        {"display_string": edition.text(f"Set: The {owner} strikes {count * 3}% harder."), "required_count": count}
        for count in SET_COUNTS
    ]


def item_set(edition: Edition, subject: ItemSet) -> Json:
    """A set with its items."""
    return {
        "_links": {"self": edition.static(f"item-set/{subject.id}")},
        "id": subject.id,
        "name": edition.text(subject.name),
        "items": [item_entry(edition, one) for one in subject.items.values()],
        "effects": set_effects(edition, subject),
        "is_effect_active": False,
    }
