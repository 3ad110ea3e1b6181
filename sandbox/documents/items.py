"""Items, their classes and sets (static namespace)."""

from sandbox.documents.context import DocumentContext, Json
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


def item_entry(context: DocumentContext, subject: Item) -> Json:
    """Return a reference to an item."""
    return context.entry("item", subject.id, subject.name)


def item_classes(context: DocumentContext, subject: Item) -> Json:
    """Return class, subclass and inventory type of an item."""
    number, subclass = subject.item_class, subject.subclass
    return {
        "item_class": context.entry("item-class", number, ITEM_CLASSES[number]),
        "item_subclass": context.entry(f"item-class/{number}/item-subclass", subclass, SUBCLASSES[number, subclass]),
        "inventory_type": context.kind(*subject.inventory),
    }


def display(context: DocumentContext, text: str, color: Json = WHITE) -> Json:
    """Return a line of a tooltip."""
    return {"display_string": context.text(text), "color": color}


def stat(context: DocumentContext, kind: str, name: str, value: int) -> Json:
    """Return one stat of an item."""
    return {"type": context.kind(kind, name), "value": value, "display": display(context, f"+{value} {name}")}


def weapon(context: DocumentContext, level: int) -> Json:
    """Return damage and speed of a weapon of this level."""
    lowest, highest, speed = level // 6 + 1, level // 4 + 2, 1800
    dps = round((lowest + highest) / 2 / (speed / 1000), 6)
    return {
        "damage": {
            "min_value": lowest,
            "max_value": highest,
            "display_string": context.text(f"{lowest} - {highest} Damage"),
            "damage_class": context.kind("PHYSICAL"),
        },
        "attack_speed": {"value": speed, "display_string": context.text(f"Speed {speed / 1000:.2f}")},
        "dps": {"value": dps, "display_string": context.text(f"({dps:.1f} damage per second)")},
    }


def sell_price(context: DocumentContext, value: int) -> Json:
    """Return the vendor price in copper, and as strings."""
    return {
        "value": value,
        "display_strings": {
            "header": context.text("Sell Price:"),
            "gold": str(value // 10_000),
            "silver": str(value // 100 % 100),
            "copper": str(value % 100),
        },
    }


def item(context: DocumentContext, subject: Item) -> Json:
    """Render an item as it is before it drops."""
    number, price = subject.id, 900 * (subject.id % 1000)
    is_worn = subject.item_class in (ARMOR, WEAPON)
    document: Json = {
        "_links": {"self": context.static(f"item/{number}")},
        "id": number,
        "name": context.text(subject.name),
        "quality": context.kind("EPIC"),
        "level": _PREVIEW_LEVEL,
        "required_level": 80,
        "media": context.nameless("media/item", number),
        **item_classes(context, subject),
        "purchase_price": price * 5,
        "sell_price": price,
        "max_count": 0,
        "is_equippable": is_worn,
        "is_stackable": not is_worn,
        "preview_item": _preview(context, subject),
        "purchase_quantity": 1,
    }
    if subject.item_class not in (ARMOR, WEAPON):
        document["description"] = context.text("Made with patience.")
    return document


def _preview(context: DocumentContext, subject: Item) -> Json:
    preview: Json = {
        "item": context.nameless("item", subject.id),
        "context": 0,
        "bonus_list": [9000 + subject.id % 100],
        "quality": context.kind("EPIC"),
        "name": context.text(subject.name),
        "media": context.nameless("media/item", subject.id),
        **item_classes(context, subject),
        "binding": context.kind("ON_ACQUIRE", "Binds when picked up"),
    }
    if subject.item_class == WEAPON:
        preview["weapon"] = weapon(context, _PREVIEW_LEVEL)
    if subject.item_class in (ARMOR, WEAPON):
        useless = stat(context, "AGILITY", "Agility", 9) | {"is_negated": True}
        preview["stats"] = [useless, stat(context, "STAMINA", "Stamina", 141)]
    preview["requirements"] = {"level": {"value": 80, "display_string": context.text("Requires Level 80")}}
    preview["level"] = {
        "value": _PREVIEW_LEVEL,
        "display_string": context.text(f"Item Level {_PREVIEW_LEVEL}"),
    }
    if subject.item_class in (ARMOR, WEAPON):
        preview["durability"] = {"value": 100, "display_string": context.text("Durability 100 / 100")}
    return preview


def item_class_index(context: DocumentContext, world: World) -> Json:
    return {
        "_links": {"self": context.static("item-class/")},
        "item_classes": [context.entry("item-class", number, name) for number, name in ITEM_CLASSES.items()],
    }


def item_class(context: DocumentContext, number: int) -> Json:
    return {
        "_links": {"self": context.static(f"item-class/{number}")},
        "class_id": number,
        "name": context.text(ITEM_CLASSES[number]),
        "item_subclasses": [
            context.entry(f"item-class/{number}/item-subclass", subclass, name)
            for (owner, subclass), name in SUBCLASSES.items()
            if owner == number
        ],
    }


def item_subclass(context: DocumentContext, subject: tuple[int, int]) -> Json:
    number, subclass = subject
    return {
        "_links": {"self": context.static(f"item-class/{number}/item-subclass/{subclass}")},
        "class_id": number,
        "subclass_id": subclass,
        "display_name": context.text(SUBCLASSES[subject]),
    }


def item_set_index(context: DocumentContext, world: World) -> Json:
    return {
        "_links": {"self": context.static("item-set/")},
        "item_sets": [context.entry("item-set", one.id, one.name) for one in ITEM_SETS.values()],
    }


def set_effects(context: DocumentContext, subject: ItemSet) -> list[Json]:
    """Return the bonuses of two and four pieces."""
    owner = CLASSES[subject.class_id].name
    return [
        {"display_string": context.text(f"Set: The {owner} strikes {count * 3}% harder."), "required_count": count}
        for count in SET_COUNTS
    ]


def item_set(context: DocumentContext, subject: ItemSet) -> Json:
    return {
        "_links": {"self": context.static(f"item-set/{subject.id}")},
        "id": subject.id,
        "name": context.text(subject.name),
        "items": [item_entry(context, one) for one in subject.items.values()],
        "effects": set_effects(context, subject),
        "is_effect_active": False,
    }
