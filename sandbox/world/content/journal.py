"""Expansions, raids and dungeons with their encounters. The ids and names of expansions and difficulties are real."""

from dataclasses import dataclass
from functools import cache

RAID, DUNGEON = "RAID", "DUNGEON"
CURRENT_SEASON = 505
CURRENT_EXPANSION = 516

# Name and number of players of each difficulty.
DIFFICULTIES = {
    "LFR": ("Raid Finder", 30), "NORMAL": ("Normal", 30), "HEROIC": ("Heroic", 30), "MYTHIC": ("Mythic", 20),
    "LEGACY_10_MAN": ("10 Player", 10), "LEGACY_25_MAN": ("25 Player", 25),
    "LEGACY_10_MAN_HEROIC": ("10 Player (Heroic)", 10), "LEGACY_25_MAN_HEROIC": ("25 Player (Heroic)", 25),
}  # fmt: skip
_RAID_MODES = ("LFR", "NORMAL", "HEROIC", "MYTHIC")
_LEGACY_MODES = ("LEGACY_10_MAN", "LEGACY_25_MAN", "LEGACY_10_MAN_HEROIC", "LEGACY_25_MAN_HEROIC")
_DUNGEON_MODES = ("NORMAL", "HEROIC", "MYTHIC")
_DUNGEON_PLAYERS = 5


@dataclass(frozen=True, slots=True)
class Encounter:
    """A boss of an instance."""

    id: int
    name: str
    instance_id: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A raid or a dungeon; ``modes`` are the types of its difficulties, easiest first."""

    id: int
    name: str
    expansion_id: int
    category: str
    modes: tuple[str, ...]
    encounters: tuple[Encounter, ...]

    @property
    def map_id(self) -> int:
        """Return the id of its map, which is not the instance's id."""
        return self.id + 1300

    def players(self, mode: str) -> int:
        """Return the number of players in a difficulty."""
        return _DUNGEON_PLAYERS if self.category == DUNGEON else DIFFICULTIES[mode][1]


EXPANSIONS = {
    72: "Wrath of the Lich King", 73: "Cataclysm", 499: "Shadowlands", 503: "Dragonflight", 514: "The War Within",
    CURRENT_EXPANSION: "Midnight", CURRENT_SEASON: "Current Season",
}  # fmt: skip

_RAIDS = (
    (758, "Frostloom Spire", 72, "Skein Warden Hollis, The Twin Shuttles, Threadwight, Queen Rimeweft"),
    (754, "The Ember Stair", 73, "Cindermaw, Foreman Slagg, The Third Kiln"),
    (1190, "Halls of Verdigris", 499, "Curator Patina, The Tin Court, Oxide, Lord Filigree, The Unpolished"),
    (1200, "The Paper Citadel", 503, "Quillmother, Blotter and Nib, Archivist Vellum, The Last Draft"),
    (1273, "Lantern Vault", 514, "Wickwraith, Snuffer Pell, The Brass Moth, Glasswright Orla, Umbra of the Vault"),
    (
        1401,
        "The Sunken Choir",
        516,
        "Cantor Ulm, The Drowned Pair, Mother Brine, Ossifex, The Undertow, Archcantor Vey",
    ),
)
_DUNGEONS = (
    (1301, "The Flooded Archive", 516, "Reader Moss, The Dripping Shelf, Keeper Alluvia"),
    (1302, "Barrow of Bells", 516, "Ringer Toll, The Cracked Bell, Old Campanile"),
    (1303, "Saltglass Works", 516, "Foreman Halite, The Furnace Twins, Mistress Silica"),
    (1304, "Thornwright's Maze", 516, "Hedge Knight Bramble, The Green Door, Thornwright"),
    (1281, "Lamplighters' Guildhall", 514, "Wickmaster Tam, The Long Shadow, Treasurer Glint"),
    (1282, "Moth Orchard", 514, "Pollenkeeper, The Grey Swarm, Lunara Dustwing"),
    (1202, "Scriptorium of Ash", 503, "Copyist Cinder, The Burnt Index, Redactor Soot"),
    (1185, "The Copper Cloister", 499, "Sexton Rivet, The Green Sister, Abbess Patina"),
)
_FIRST_ENCOUNTER = 2901


def _build() -> dict[int, Instance]:
    instances, number = {}, _FIRST_ENCOUNTER
    for category, rows in ((RAID, _RAIDS), (DUNGEON, _DUNGEONS)):
        for instance_id, name, expansion_id, bosses in rows:
            names = bosses.split(", ")
            encounters = tuple(Encounter(number + place, boss, instance_id) for place, boss in enumerate(names))
            modes = _DUNGEON_MODES if category == DUNGEON else _raid_modes(expansion_id)
            instances[instance_id] = Instance(instance_id, name, expansion_id, category, modes, encounters)
            number += len(names)
    return instances


def _raid_modes(expansion_id: int) -> tuple[str, ...]:
    return _LEGACY_MODES if expansion_id <= 73 else _RAID_MODES


INSTANCES = _build()
ENCOUNTERS = {encounter.id: encounter for instance in INSTANCES.values() for encounter in instance.encounters}


@cache
def instances_of(expansion_id: int, category: str) -> tuple[Instance, ...]:
    """Return the raids or dungeons of an expansion; the current season has those of the current expansion."""
    expansion = CURRENT_EXPANSION if expansion_id == CURRENT_SEASON else expansion_id
    return tuple(one for one in INSTANCES.values() if (one.expansion_id, one.category) == (expansion, category))
