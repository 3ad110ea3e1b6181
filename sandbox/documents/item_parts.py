"""Parts of an equipped item: enchantments, sockets, stats and set."""

from sandbox.documents.context import DocumentContext, Json
from sandbox.documents.items import GRAY, GREEN, display, item_entry, set_effects, stat
from sandbox.world.content.items import BELT_ENCHANTMENT, BELT_SPELL, EFFECTS, ENCHANTMENTS, GEMS, SET_SLOTS, ItemSet
from sandbox.world.gamedata import CLASSES, SPECS, primary_stat
from sandbox.world.models import Character

_PERMANENT, _ON_USE = {"id": 0, "type": "PERMANENT"}, {"id": 7, "type": "ON_USE_SPELL"}
_SECONDARY = (
    ("CRIT_RATING", "Critical Strike"), ("HASTE_RATING", "Haste"), ("MASTERY_RATING", "Mastery"),
    ("VERSATILITY", "Versatility"),
)  # fmt: skip
# Number of sockets by slot, and slots that sometimes have one.
_SOCKETS = {"NECK": 2, "FINGER_1": 2, "FINGER_2": 2}
_SOMETIMES = ("HEAD", "WRIST", "WAIST")
_GEM_CONTEXT = 14


def enchantments(context: DocumentContext, slot_type: str, salt: int) -> Json:
    """Return the enchantment of slots that can have one; some items have none."""
    if slot_type == "WAIST" and salt % 4 == 0:
        return {"enchantments": [_belt(context)]}
    if slot_type not in ENCHANTMENTS or salt % 5 == 0:
        return {}
    enchantment = ENCHANTMENTS[slot_type]
    entry: Json = {"display_string": context.text(f"Enchanted: {enchantment.effect}")}
    if salt % 2:
        # Recent player-made enchantments do not name the item they come from.
        entry["source_item"] = item_entry(context, enchantment.source)
    entry |= {"enchantment_id": enchantment.id, "enchantment_slot": _PERMANENT}
    return {"enchantments": [entry]}


def _belt(context: DocumentContext) -> Json:
    name, description = EFFECTS[BELT_SPELL]
    return {
        "display_string": context.text(name),
        "source_item": item_entry(context, BELT_ENCHANTMENT.source),
        "enchantment_id": BELT_ENCHANTMENT.id,
        "enchantment_slot": _ON_USE,
        "spell": {"spell": context.entry("spell", BELT_SPELL, name), "description": context.text(description)},
    }


def sockets(context: DocumentContext, slot_type: str, salt: int) -> Json:
    """Return the sockets; one without a gem has neither item nor text."""
    count = _SOCKETS.get(slot_type, 1 if slot_type in _SOMETIMES and salt % 3 == 0 else 0)
    return {"sockets": [_socket(context, salt + place) for place in range(count)]} if count else {}


def _socket(context: DocumentContext, salt: int) -> Json:
    socket: Json = {"socket_type": context.kind("PRISMATIC", "Prismatic Socket")}
    if salt % 6 == 0:
        return socket
    gem, effect = GEMS[salt % len(GEMS)]
    socket["item"] = item_entry(context, gem)
    if salt % 4 == 0:
        socket["context"] = _GEM_CONTEXT
    socket |= {"display_string": context.text(effect), "media": context.nameless("media/item", gem.id)}
    if salt % 4 == 0:
        socket["display_color"] = {"r": 255, "g": 245, "b": 105, "a": 0}
    return socket


def stats(context: DocumentContext, subject: Character, level: int, salt: int, *, has_primary: bool) -> list[Json]:
    """Return the stats of an item: primary stat (sometimes with a negated one), stamina, two secondary ones."""
    spec = SPECS.get(subject.spec_id or 0) or CLASSES[subject.class_id].specs[0]
    primary = primary_stat(spec)
    listed = []
    if has_primary:
        listed.append(stat(context, primary, primary.title(), level // 6 + 1))
        other = "INTELLECT" if primary != "INTELLECT" else "AGILITY"
        if salt % 3 == 0:
            listed.append(stat(context, other, other.title(), level // 6 + 1) | {"is_negated": True})
            listed[-1]["display"]["color"] = GRAY
    listed.append(stat(context, "STAMINA", "Stamina", level + 17))
    for place in (salt % 4, (salt + 1) % 4):
        kind, name = _SECONDARY[place]
        bonus = stat(context, kind, name, level // 10 + place + 1)
        bonus["display"] = display(context, f"+{bonus['value']} {name}", GREEN)
        listed.append(bonus | {"is_equip_bonus": True})
    return listed


def set_part(context: DocumentContext, subject: ItemSet, pieces: tuple[str, ...]) -> Json:
    """Return a set with its equipped pieces; flags are true or absent, never false."""
    items = [
        {"item": item_entry(context, one), **({"is_equipped": True} if slot_type in pieces else {})}
        for slot_type, one in subject.items.items()
    ]
    effects = [
        effect | ({"is_active": True} if len(pieces) >= effect["required_count"] else {})
        for effect in set_effects(context, subject)
    ]
    return {
        "item_set": context.entry("item-set", subject.id, subject.name),
        "items": items,
        "effects": effects,
        "display_string": context.text(f"{subject.name} ({len(pieces)}/{len(SET_SLOTS)})"),
    }
