"""Things of which the API tells hardly more than the name, and what belongs to classes and specializations."""

from collections.abc import Callable

from sandbox.documents.context import Edition, Json
from sandbox.world.content.catalog import ACHIEVEMENT_CATEGORIES, ACHIEVEMENTS, SPELLS
from sandbox.world.content.talents import PVP_SLOTS, PVP_TALENTS, TALENTS, Talent, Tree, class_tree_of, hero_trees_of
from sandbox.world.gamedata import CLASSES, PlayableClass, spec_name
from sandbox.world.realms import REGION_IDS, REGION_NAMES
from sandbox.world.world import World

Named = tuple[int, str]


def named(kind: str) -> Callable[[Edition, Named], Json]:
    """A document that is the name of a thing and nothing else."""

    def render(edition: Edition, subject: Named) -> Json:
        number, name = subject
        return {"_links": {"self": edition.static(f"{kind}/{number}")}, "id": number, "name": edition.text(name)}

    return render


def named_index(kind: str, key: str, names: dict[int, str]) -> Callable[[Edition, World], Json]:
    """All things of a kind by name."""

    def render(edition: Edition, world: World) -> Json:
        return {
            "_links": {"self": edition.static(f"{kind}/")},
            key: [edition.entry(kind, number, name) for number, name in names.items()],
        }

    return render


def spell(edition: Edition, number: int) -> Json:
    """What a spell does."""
    name, description = SPELLS[number]
    return {
        "_links": {"self": edition.static(f"spell/{number}")},
        "id": number,
        "name": edition.text(name),
        "description": edition.text(description),
        "media": edition.nameless("media/spell", number),
    }


def achievement(edition: Edition, number: int) -> Json:
    """An achievement with its category."""
    name, category = ACHIEVEMENTS[number]
    return {
        "_links": {"self": edition.static(f"achievement/{number}")},
        "id": number,
        "category": edition.entry("achievement-category", category, ACHIEVEMENT_CATEGORIES[category]),
        "name": edition.text(name),
        "points": 10,
        "is_account_wide": True,
        "media": edition.nameless("media/achievement", number),
    }


def spell_tooltip(edition: Edition, talent: Talent, *, with_spell: bool = True, with_cost: bool = True) -> Json:
    """What a talent teaches, as it is shown in the game. Some documents leave out the spell, some its cost."""
    tooltip: Json = {"spell": edition.entry("spell", talent.spell_id, talent.name)} if with_spell else {}
    tooltip |= {
        "description": edition.text(talent.description),
        "cast_time": edition.text("Passive" if talent.is_passive else "Instant"),
    }
    if not talent.is_passive:
        if with_cost:
            cost = f"{10 + talent.id % 5 * 5} {CLASSES[talent.class_id].power[1]}"
            tooltip["power_cost"] = edition.text(cost)
        tooltip |= {
            "range": edition.text("Melee Range" if talent.id % 2 else "40 yd range"),
            "cooldown": edition.text(f"{1 + talent.id % 3} min cooldown"),
        }
    return tooltip


def talent(edition: Edition, number: int) -> Json:
    """A talent with its spell."""
    subject = TALENTS[number]
    return {
        "_links": {"self": edition.static(f"talent/{number}")},
        "id": number,
        "spell": edition.entry("spell", subject.spell_id, subject.name),
        "playable_class": edition.entry("playable-class", subject.class_id, CLASSES[subject.class_id].name),
    }


def pvp_talent(edition: Edition, number: int) -> Json:
    """A talent for players against players with its spell."""
    subject = PVP_TALENTS[number]
    return {
        "_links": {"self": edition.static(f"pvp-talent/{number}")},
        "id": number,
        "spell": edition.entry("spell", subject.spell_id, subject.name),
        "description": edition.text(subject.description),
        "unlock_player_level": 20,
        "compatible_slots": list(range(1, PVP_SLOTS + 1)),
    }


def pvp_talent_slots(edition: Edition, subject: PlayableClass) -> Json:
    """At which levels a class gets its slots for such talents."""
    return {
        "_links": {"self": edition.static(f"playable-class/{subject.id}/pvp-talent-slots")},
        "talent_slots": [
            {"slot_number": number, "unlock_player_level": 10 * (number + 1)} for number in range(1, PVP_SLOTS + 1)
        ],
    }


def tree_link(edition: Edition, tree: Tree) -> Json:
    """A reference to a tree. Only those of heroes come with an id."""
    path = f"talent-tree/{tree.class_tree}"
    if tree.hero_id is not None:
        return {
            "key": edition.static(f"{path}/hero-talent/{tree.hero_id}"),
            "name": edition.text(tree.name),
            "id": tree.hero_id,
        }
    if tree.spec_id is not None:
        path += f"/playable-specialization/{tree.spec_id}"
    return {"key": edition.static(path), "name": edition.text(tree.name)}


def talent_tree(edition: Edition, tree: Tree) -> Json:
    """A tree with its talents; that of a class leads to those of its specializations and heroes."""
    document: Json = {
        "_links": {"self": tree_link(edition, tree)["key"]},
        "id": tree.hero_id or tree.class_tree,
        "name": edition.text(tree.name),
        "playable_class": edition.entry("playable-class", tree.class_id, CLASSES[tree.class_id].name),
    }
    if tree.spec_id is not None:
        document["playable_specialization"] = edition.entry(
            "playable-specialization", tree.spec_id, spec_name(tree.spec_id)
        )
        document["class_talent_tree"] = tree_link(edition, class_tree_of(tree.class_id))
        document["hero_talent_trees"] = [tree_link(edition, hero) for hero in hero_trees_of(tree.class_id)]
    document["talent_nodes"] = [
        {"id": one.node, "ranks": [{"rank": 1, "tooltip": _tooltip(edition, one)}]} for one in tree.talents
    ]
    return document


def _tooltip(edition: Edition, subject: Talent) -> Json:
    return {
        "talent": edition.entry("talent", subject.id, subject.name),
        "spell_tooltip": spell_tooltip(edition, subject),
    }


def region(edition: Edition, number: int) -> Json:
    """A region."""
    tag = next(name for name, region_id in REGION_IDS.items() if region_id == number)
    return {
        "_links": {"self": edition.dynamic(f"region/{number}")},
        "id": number,
        "name": edition.text(REGION_NAMES[tag]),
        "tag": tag.upper(),
    }


def region_index(edition: Edition, world: World) -> Json:
    """The region that was asked: each knows itself only."""
    return {
        "_links": {"self": edition.dynamic("region/")},
        "regions": [edition.dynamic(f"region/{REGION_IDS[edition.region]}")],
    }
