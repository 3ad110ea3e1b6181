"""A character's specializations and talents."""

from sandbox.documents.catalog import spell_tooltip, tree_link
from sandbox.documents.characters import spec_entry
from sandbox.documents.context import DocumentContext, Json, character_path
from sandbox.world.content.talents import (
    PVP_SLOTS,
    SPEC_TREES,
    Talent,
    Tree,
    class_tree_of,
    hero_trees_of,
    pvp_talents_of,
)
from sandbox.world.gamedata import CLASSES, SPECS
from sandbox.world.models import Character

_HERO_LEVEL = 71


def specializations(context: DocumentContext, subject: Character) -> Json:
    """Render all specializations of the class; the active one and its hero tree are absent if there is none."""
    path = f"{character_path(subject)}/specializations"
    document: Json = {"_links": {"self": context.profile(path)}}
    if subject.spec_id is not None:
        known = [spec.id for spec in CLASSES[subject.class_id].specs] if subject.spec_id in SPECS else [subject.spec_id]
        document["specializations"] = [_specialization(context, subject, spec_id) for spec_id in known]
        document["active_specialization"] = spec_entry(context, subject.spec_id)
    document["character"] = context.character(subject)
    if _has_hero_tree(subject):
        document["active_hero_talent_tree"] = tree_link(context, _hero_tree(subject))
    return document


def _has_hero_tree(subject: Character) -> bool:
    return subject.level >= _HERO_LEVEL and subject.spec_id in SPECS


def _hero_tree(subject: Character) -> Tree:
    return hero_trees_of(subject.class_id)[subject.id % 2]


def _specialization(context: DocumentContext, subject: Character, spec_id: int) -> Json:
    """Return a specialization; the active one sometimes has two loadouts, and another sometimes none."""
    document: Json = {"specialization": spec_entry(context, spec_id)}
    if subject.id % 5 == 0 and spec_id in SPECS:
        document["glyphs"] = [context.entry("glyph", 1283, "Glyph of the Kettle")]
    if subject.level >= 20:
        document["pvp_talent_slots"] = _pvp_talents(context, subject)
    if spec_id != subject.spec_id and (subject.id + spec_id) % 3 == 0:
        # Its player never chose talents for it.
        return document
    count = 2 if subject.id % 3 == 0 and spec_id == subject.spec_id else 1
    document["loadouts"] = [
        _loadout(context, subject, spec_id, number, is_active=number == count - 1) for number in range(count)
    ]
    return document


def _pvp_talents(context: DocumentContext, subject: Character) -> list[Json]:
    return [
        {
            "selected": {
                "talent": context.entry("pvp-talent", number, one.name),
                "spell_tooltip": spell_tooltip(context, one, with_cost=False),
            },
            "slot_number": slot,
        }
        for slot, (number, one) in enumerate(pvp_talents_of(subject.class_id).items(), start=1)
        if slot <= PVP_SLOTS
    ]


def _loadout(context: DocumentContext, subject: Character, spec_id: int, number: int, *, is_active: bool) -> Json:
    class_tree, spec_tree = class_tree_of(subject.class_id), SPEC_TREES[spec_id]
    salt = subject.id + spec_id + number
    loadout: Json = {
        "is_active": is_active,
        "talent_loadout_code": f"C{spec_id:x}Q{salt:x}AAAAAAgZmZmxMz{number}",
        "selected_class_talents": _selected(context, class_tree, salt),
        "selected_spec_talents": _selected(context, spec_tree, salt + 1),
    }
    has_hero_tree = spec_id == subject.spec_id and _has_hero_tree(subject)
    if has_hero_tree:
        loadout["selected_hero_talents"] = _selected(context, _hero_tree(subject), salt=0)
    loadout["selected_class_talent_tree"] = tree_link(context, class_tree)
    loadout["selected_spec_talent_tree"] = tree_link(context, spec_tree)
    if has_hero_tree:
        loadout["selected_hero_talent_tree"] = tree_link(context, _hero_tree(subject))
    return loadout


def _selected(context: DocumentContext, tree: Tree, salt: int) -> list[Json]:
    """Return the selected talents of a tree: four of five; the first of class and hero trees is free."""
    chosen = [one for place, one in enumerate(tree.talents) if salt == 0 or (place + salt) % 5]
    entries = [_talent(context, one, place, salt) for place, one in enumerate(chosen)]
    if tree.spec_id is None:
        entries[0]["default_points"] = 1
    return entries


def _talent(context: DocumentContext, one: Talent, place: int, salt: int) -> Json:
    """Return a selected talent; sometimes, as at Battle.net, one has no tooltip."""
    entry: Json = {"id": one.node, "rank": 1 + (place + salt) % 2}
    if place or salt % 4:
        entry["tooltip"] = {
            "talent": context.entry("talent", one.id, one.name),
            "spell_tooltip": spell_tooltip(context, one),
        }
    return entry
