"""Documents with little more than a name, and talents of classes and specializations."""

from collections.abc import Callable

from sandbox.documents.context import DocumentContext, Json
from sandbox.world.content.catalog import ACHIEVEMENT_CATEGORIES, ACHIEVEMENTS, SPELLS
from sandbox.world.content.talents import PVP_SLOTS, PVP_TALENTS, TALENTS, Talent, Tree, class_tree_of, hero_trees_of
from sandbox.world.gamedata import CLASSES, PlayableClass, spec_name
from sandbox.world.realms import REGION_IDS, REGION_NAMES
from sandbox.world.world import World

Named = tuple[int, str]


def named(kind: str) -> Callable[[DocumentContext, Named], Json]:
    """Return a renderer of a document with id and name."""

    def render(context: DocumentContext, subject: Named) -> Json:
        number, name = subject
        return {"_links": {"self": context.static(f"{kind}/{number}")}, "id": number, "name": context.text(name)}

    return render


def named_index(kind: str, key: str, names: dict[int, str]) -> Callable[[DocumentContext, World], Json]:
    """Return a renderer of an index with id and name of each entry."""

    def render(context: DocumentContext, world: World) -> Json:
        return {
            "_links": {"self": context.static(f"{kind}/")},
            key: [context.entry(kind, number, name) for number, name in names.items()],
        }

    return render


def spell(context: DocumentContext, number: int) -> Json:
    name, description = SPELLS[number]
    return {
        "_links": {"self": context.static(f"spell/{number}")},
        "id": number,
        "name": context.text(name),
        "description": context.text(description),
        "media": context.nameless("media/spell", number),
    }


def achievement(context: DocumentContext, number: int) -> Json:
    name, category = ACHIEVEMENTS[number]
    return {
        "_links": {"self": context.static(f"achievement/{number}")},
        "id": number,
        "category": context.entry("achievement-category", category, ACHIEVEMENT_CATEGORIES[category]),
        "name": context.text(name),
        "points": 10,
        "is_account_wide": True,
        "media": context.nameless("media/achievement", number),
    }


def spell_tooltip(context: DocumentContext, talent: Talent, *, with_spell: bool = True, with_cost: bool = True) -> Json:
    """Return the in-game tooltip of a talent. Some documents leave out the spell, some its cost."""
    tooltip: Json = {"spell": context.entry("spell", talent.spell_id, talent.name)} if with_spell else {}
    tooltip |= {
        "description": context.text(talent.description),
        "cast_time": context.text("Passive" if talent.is_passive else "Instant"),
    }
    if not talent.is_passive:
        if with_cost:
            cost = f"{10 + talent.id % 5 * 5} {CLASSES[talent.class_id].power[1]}"
            tooltip["power_cost"] = context.text(cost)
        tooltip |= {
            "range": context.text("Melee Range" if talent.id % 2 else "40 yd range"),
            "cooldown": context.text(f"{1 + talent.id % 3} min cooldown"),
        }
    return tooltip


def talent(context: DocumentContext, number: int) -> Json:
    subject = TALENTS[number]
    return {
        "_links": {"self": context.static(f"talent/{number}")},
        "id": number,
        "spell": context.entry("spell", subject.spell_id, subject.name),
        "playable_class": context.entry("playable-class", subject.class_id, CLASSES[subject.class_id].name),
    }


def pvp_talent(context: DocumentContext, number: int) -> Json:
    subject = PVP_TALENTS[number]
    return {
        "_links": {"self": context.static(f"pvp-talent/{number}")},
        "id": number,
        "spell": context.entry("spell", subject.spell_id, subject.name),
        "description": context.text(subject.description),
        "unlock_player_level": 20,
        "compatible_slots": list(range(1, PVP_SLOTS + 1)),
    }


def pvp_talent_slots(context: DocumentContext, subject: PlayableClass) -> Json:
    """Render the levels at which a class unlocks its PvP talent slots."""
    return {
        "_links": {"self": context.static(f"playable-class/{subject.id}/pvp-talent-slots")},
        "talent_slots": [
            {"slot_number": number, "unlock_player_level": 10 * (number + 1)} for number in range(1, PVP_SLOTS + 1)
        ],
    }


def tree_link(context: DocumentContext, tree: Tree) -> Json:
    """Return a reference to a tree. Only hero trees have an id."""
    path = f"talent-tree/{tree.class_tree}"
    if tree.hero_id is not None:
        return {
            "key": context.static(f"{path}/hero-talent/{tree.hero_id}"),
            "name": context.text(tree.name),
            "id": tree.hero_id,
        }
    if tree.spec_id is not None:
        path += f"/playable-specialization/{tree.spec_id}"
    return {"key": context.static(path), "name": context.text(tree.name)}


def talent_tree(context: DocumentContext, tree: Tree) -> Json:
    """Render a tree with its talents, with links to related trees."""
    document: Json = {
        "_links": {"self": tree_link(context, tree)["key"]},
        "id": tree.hero_id or tree.class_tree,
        "name": context.text(tree.name),
        "playable_class": context.entry("playable-class", tree.class_id, CLASSES[tree.class_id].name),
    }
    if tree.spec_id is not None:
        document["playable_specialization"] = context.entry(
            "playable-specialization", tree.spec_id, spec_name(tree.spec_id)
        )
        document["class_talent_tree"] = tree_link(context, class_tree_of(tree.class_id))
        document["hero_talent_trees"] = [tree_link(context, hero) for hero in hero_trees_of(tree.class_id)]
    document["talent_nodes"] = [
        {"id": one.node, "ranks": [{"rank": 1, "tooltip": _tooltip(context, one)}]} for one in tree.talents
    ]
    return document


def _tooltip(context: DocumentContext, subject: Talent) -> Json:
    return {
        "talent": context.entry("talent", subject.id, subject.name),
        "spell_tooltip": spell_tooltip(context, subject),
    }


def region(context: DocumentContext, number: int) -> Json:
    tag = next(name for name, region_id in REGION_IDS.items() if region_id == number)
    return {
        "_links": {"self": context.dynamic(f"region/{number}")},
        "id": number,
        "name": context.text(REGION_NAMES[tag]),
        "tag": tag.upper(),
    }


def region_index(context: DocumentContext, world: World) -> Json:
    """Render the index of regions, which lists only the region itself."""
    return {
        "_links": {"self": context.dynamic("region/")},
        "regions": [context.dynamic(f"region/{REGION_IDS[context.region]}")],
    }
