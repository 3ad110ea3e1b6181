"""Classes, races and specializations: real ones of retail 12.x (the rest of the world is invented)."""

from dataclasses import dataclass

ALLIANCE = "ALLIANCE"
HORDE = "HORDE"
NEUTRAL = "NEUTRAL"
MAX_LEVEL = 90
# Characters below this level have not chosen a specialization.
SPEC_LEVEL = 10
# A hidden specialization that the index does not list. It is not known whether the real API has such ids.
HIDDEN_SPEC_ID = 1446


@dataclass(frozen=True, slots=True)
class Specialization:
    """A specialization. ``role`` is TANK, HEALER or DAMAGE; the API has it only in the detail document."""

    id: int
    name: str
    role: str
    class_id: int


@dataclass(frozen=True, slots=True)
class PlayableClass:
    """A class. ``power`` is the id and name of its primary resource."""

    id: int
    name: str
    power: tuple[int, str]
    specs: tuple[Specialization, ...]


@dataclass(frozen=True, slots=True)
class Race:
    """A race. The API has ``faction`` only in the detail document, and some names exist once per faction."""

    id: int
    name: str
    faction: str
    allied: bool = False


_ROLES = {"T": "TANK", "H": "HEALER", "D": "DAMAGE"}
_MANA, _RAGE, _FOCUS, _ENERGY = (0, "Mana"), (1, "Rage"), (2, "Focus"), (3, "Energy")
_RUNIC, _FURY = (6, "Runic Power"), (17, "Fury")

_CLASS_TABLE: tuple[tuple[int, str, tuple[int, str], str], ...] = (
    (1, "Warrior", _RAGE, "71 Arms D, 72 Fury D, 73 Protection T"),
    (2, "Paladin", _MANA, "65 Holy H, 66 Protection T, 70 Retribution D"),
    (3, "Hunter", _FOCUS, "253 Beast Mastery D, 254 Marksmanship D, 255 Survival D"),
    (4, "Rogue", _ENERGY, "259 Assassination D, 260 Outlaw D, 261 Subtlety D"),
    (5, "Priest", _MANA, "256 Discipline H, 257 Holy H, 258 Shadow D"),
    (6, "Death Knight", _RUNIC, "250 Blood T, 251 Frost D, 252 Unholy D"),
    (7, "Shaman", _MANA, "262 Elemental D, 263 Enhancement D, 264 Restoration H"),
    (8, "Mage", _MANA, "62 Arcane D, 63 Fire D, 64 Frost D"),
    (9, "Warlock", _MANA, "265 Affliction D, 266 Demonology D, 267 Destruction D"),
    (10, "Monk", _ENERGY, "268 Brewmaster T, 269 Windwalker D, 270 Mistweaver H"),
    (11, "Druid", _MANA, "102 Balance D, 103 Feral D, 104 Guardian T, 105 Restoration H"),
    (12, "Demon Hunter", _FURY, "577 Havoc D, 581 Vengeance T, 1480 Devourer D"),
    (13, "Evoker", _MANA, "1467 Devastation D, 1468 Preservation H, 1473 Augmentation D"),
)

_RACE_TABLE = (
    "1 Human A, 2 Orc H, 3 Dwarf A, 4 Night Elf A, 5 Undead H, 6 Tauren H, 7 Gnome A, 8 Troll H, 9 Goblin H, "
    "10 Blood Elf H, 11 Draenei A, 22 Worgen A, 24 Pandaren N, 25 Pandaren A, 26 Pandaren H, 27 Nightborne H, "
    "28 Highmountain Tauren H, 29 Void Elf A, 30 Lightforged Draenei A, 31 Zandalari Troll H, 32 Kul Tiran A, "
    "34 Dark Iron Dwarf A, 35 Vulpera H, 36 Mag'har Orc H, 37 Mechagnome A, 52 Dracthyr A, 70 Dracthyr H, "
    "84 Earthen H, 85 Earthen A, 86 Haranir A, 91 Haranir H"
)
_FACTIONS = {"A": ALLIANCE, "H": HORDE, "N": NEUTRAL}

# Classes limited to some races; all other classes are open to all races but dracthyr and neutral pandaren.
_CLASS_RACES = {
    11: {4, 6, 8, 22, 28, 31, 32, 86, 91},
    12: {4, 10, 29},
    13: {52, 70},
}
_RACES_WITH_FEW_CLASSES = {24, 52, 70}
_ALLIED = {27, 28, 29, 30, 31, 32, 34, 35, 36, 37, 84, 85, 86, 91}

_STRENGTH, _AGILITY, _INTELLECT = "STRENGTH", "AGILITY", "INTELLECT"
_CLASS_STATS = {1: _STRENGTH, 2: _STRENGTH, 6: _STRENGTH, 3: _AGILITY, 4: _AGILITY, 10: _AGILITY, 12: _AGILITY}
# Specializations with another primary stat than most of their class.
_SPEC_STATS = {65: _INTELLECT, 270: _INTELLECT, 1480: _INTELLECT, 103: _AGILITY, 104: _AGILITY, 263: _AGILITY}


def _read_spec(entry: str, class_id: int) -> Specialization:
    number, *words, role = entry.split()
    return Specialization(int(number), " ".join(words), _ROLES[role], class_id)


def _read_class(row: tuple[int, str, tuple[int, str], str]) -> PlayableClass:
    class_id, name, power, specs = row
    return PlayableClass(class_id, name, power, tuple(_read_spec(entry, class_id) for entry in specs.split(", ")))


def _read_race(entry: str) -> Race:
    number, *words, faction = entry.split()
    return Race(int(number), " ".join(words), _FACTIONS[faction], allied=int(number) in _ALLIED)


CLASSES = {row[0]: _read_class(row) for row in _CLASS_TABLE}
SPECS = {spec.id: spec for playable in CLASSES.values() for spec in playable.specs}
PET_SPECS = {74: "Ferocity", 79: "Cunning", 81: "Tenacity"}
RACES = {race.id: race for race in map(_read_race, _RACE_TABLE.split(", "))}


def races_for(class_id: int, faction: str | None = None) -> list[Race]:
    """Return the races that can be of the class, ordered by id; optionally of one faction."""
    allowed = _CLASS_RACES.get(class_id) or RACES.keys() - _RACES_WITH_FEW_CLASSES
    return [race for race in RACES.values() if race.id in allowed and faction in (None, race.faction)]


def role_of(spec_id: int | None) -> str | None:
    """Return the role of a specialization; None for no or a hidden one."""
    spec = SPECS.get(spec_id or 0)
    return spec.role if spec else None


def spec_name(spec_id: int) -> str:
    """Return the name of a specialization, including hidden ones."""
    return SPECS[spec_id].name if spec_id in SPECS else "Initial"


def primary_stat(spec: Specialization) -> str:
    """Return the primary stat of the specialization."""
    return _SPEC_STATS.get(spec.id) or _CLASS_STATS.get(spec.class_id, _INTELLECT)


def opposite(faction: str) -> str:
    """Return the other faction."""
    return HORDE if faction == ALLIANCE else ALLIANCE


# Mounts and toys are invented; it only matters that there are many.
_COLORS = ("Ashen", "Brindled", "Cobalt", "Dappled", "Ochre", "Pewter", "Russet", "Saffron")
MOUNTS = {
    6 + 17 * number: f"{_COLORS[number % 8]} {beast}"
    for number, beast in enumerate(("Heath Pony", "Reed Tern", "Moss Tortoise", "Kiln Drake", "Tarn Otter") * 8)
}
TOYS = {
    101 + 13 * number: f"{_COLORS[number % 8]} {thing}"
    for number, thing in enumerate(("Paper Lantern", "Tin Whistle", "Pocket Kite") * 8)
}
