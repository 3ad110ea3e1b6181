"""Talent trees: a class tree for each class, a tree for each specialization, two hero trees for each class."""

from dataclasses import dataclass

from sandbox.world.gamedata import CLASSES, HIDDEN_SPEC_ID


def _words(text: str) -> list[str]:
    return text.split()


def _listed(text: str) -> list[str]:
    return text.split(", ")


_FIRST_WORDS = _words(
    "Amber Barbed Brisk Calm Cinder Copper Deft Echoing Even Flint Gale Glass Harrow Hollow Iron Keen Lantern "
    "Lasting Measured Moss Patient Quick Salt Silent Steady Thorn Tidal Umber Vigil Winter"
)
_SECOND_WORDS = _words(
    "Accord Answer Bargain Breath Cadence Chorus Current Edge Ember Focus Guard Hand Hymn Knot Lesson Mark Measure "
    "Oath Pace Pulse Reach Refrain Resolve Riposte Rite Stance Step Stitch Temper Ward"
)
_HERO_TREES = _listed(
    "Lampbearer, Quarrybreaker, Almoner, Lightwright, Fenstalker, Falconer, Cutpurse Royal, Gloaming, Choirmaster, "
    "Confessor, Gravewright, Rimekeeper, Stormcaller, Wellspring, Clockmage, Kindler, Hexwright, Pactkeeper, "
    "Brewwarden, Windreader, Hedgewarden, Moonreader, Felwright, Scarred Oath, Scalewarden, Timekeeper"
)
_CLASS_TALENTS, _SPEC_TALENTS, _HERO_TALENTS, _PVP_TALENTS = 12, 12, 6, 3
_FIRST_NODE, _FIRST_TALENT, _FIRST_SPELL, _FIRST_PVP_TALENT = 90_000, 117_000, 440_000, 5_600
_FIRST_CLASS_TREE, _FIRST_HERO_TREE = 780, 100
PVP_SLOTS = 3


@dataclass(frozen=True, slots=True)
class Talent:
    """A talent. ``node`` is its place in a tree, ``spell_id`` its spell; PvP talents have no node."""

    id: int
    node: int
    name: str
    spell_id: int
    class_id: int
    is_passive: bool

    @property
    def description(self) -> str:
        """Return a generic description."""
        return f"Increases the effect of {self.name} by {5 + self.id % 4 * 5}%."


@dataclass(frozen=True, slots=True)
class Tree:
    """A talent tree. A class tree has no ``spec_id`` or ``hero_id``; ``class_tree`` is the id in all trees' URLs."""

    class_tree: int
    class_id: int
    name: str
    talents: tuple[Talent, ...]
    spec_id: int | None = None
    hero_id: int | None = None


def _talents(class_id: int, salt: int, count: int, *, all_passive: bool = False) -> tuple[Talent, ...]:
    """Return talents with ids derived from the salt, which differs between trees."""
    made = []
    for place in range(count):
        number = salt * 20 + place
        first, second = _FIRST_WORDS[(number * 7 + salt) % 30], _SECOND_WORDS[(number * 11 + salt * 3) % 30]
        ids = (_FIRST_TALENT + number, _FIRST_NODE + number, f"{first} {second}", _FIRST_SPELL + number)
        made.append(Talent(*ids, class_id, is_passive=all_passive or place % 3 != 0))
    return tuple(made)


def _class_tree(class_id: int) -> int:
    return _FIRST_CLASS_TREE + class_id


def _build_specs() -> dict[int, Tree]:
    specs = [(spec.id, spec.name, spec.class_id) for playable in CLASSES.values() for spec in playable.specs]
    specs.append((HIDDEN_SPEC_ID, "Initial", 1))
    return {
        spec_id: Tree(_class_tree(class_id), class_id, name, _talents(class_id, 20 + place, _SPEC_TALENTS), spec_id)
        for place, (spec_id, name, class_id) in enumerate(specs)
    }


def _build_heroes() -> dict[int, Tree]:
    trees = {}
    for place, name in enumerate(_HERO_TREES):
        class_id, hero_id = 1 + place // 2, _FIRST_HERO_TREE + place
        talents = _talents(class_id, 80 + place, _HERO_TALENTS, all_passive=True)
        trees[hero_id] = Tree(_class_tree(class_id), class_id, name, talents, hero_id=hero_id)
    return trees


CLASS_TREES = {
    _class_tree(class_id): Tree(
        _class_tree(class_id), class_id, playable.name, _talents(class_id, class_id, _CLASS_TALENTS)
    )
    for class_id, playable in CLASSES.items()
}
SPEC_TREES = _build_specs()
HERO_TREES = _build_heroes()
TALENTS = {
    talent.id: talent
    for trees in (CLASS_TREES, SPEC_TREES, HERO_TREES)
    for tree in trees.values()
    for talent in tree.talents
}
PVP_TALENTS = {
    _FIRST_PVP_TALENT + class_id * 10 + place: talent
    for class_id in CLASSES
    for place, talent in enumerate(_talents(class_id, 110 + class_id, _PVP_TALENTS))
}


def class_tree_of(class_id: int) -> Tree:
    """Return the tree that all specializations of the class share."""
    return CLASS_TREES[_class_tree(class_id)]


def hero_trees_of(class_id: int) -> tuple[Tree, Tree]:
    """Return the two hero trees of the class."""
    first = _FIRST_HERO_TREE + (class_id - 1) * 2
    return HERO_TREES[first], HERO_TREES[first + 1]


def pvp_talents_of(class_id: int) -> dict[int, Talent]:
    """Return the PvP talents of the class by id."""
    first = _FIRST_PVP_TALENT + class_id * 10
    return {first + place: PVP_TALENTS[first + place] for place in range(_PVP_TALENTS)}
