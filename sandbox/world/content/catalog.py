"""Names by kind and id, for documents that have little more than a name."""

from sandbox.world.content.items import EFFECTS
from sandbox.world.content.talents import PVP_TALENTS, TALENTS
from sandbox.world.gamedata import CLASSES, MOUNTS, TOYS

TITLES = {512: "Lamplighter", 540: "Warden of the Ninth Gate", 566: "Kettlemaster"}
COVENANTS = {1: "Kyrian", 2: "Venthyr", 3: "Night Fae", 4: "Necrolord"}
REPUTATIONS = {2901: "The Ferrymen of Tarn", 2902: "Gravel Court", 2903: "Lamplighters' Guild"}
QUESTS = {88_101: "A Kettle for the Road", 88_102: "Salt and Glass", 88_103: "The Ninth Bell"}
PETS = {3901: "Kiln Hatchling", 3902: "Reed Wren", 3903: "Pocket Otter"}
GLYPHS = {1283: "Glyph of the Kettle"}
HEIRLOOMS = {501: "Grandmother's Shears", 502: "Well-Mended Coat"}
APPEARANCE_SETS = {701: "Quarry Guard", 702: "Choir Vestments"}

PROFESSIONS = {
    164: "Blacksmithing", 165: "Leatherworking", 171: "Alchemy", 182: "Herbalism", 186: "Mining", 197: "Tailoring",
    202: "Engineering", 333: "Enchanting", 393: "Skinning", 755: "Jewelcrafting", 773: "Inscription",
    185: "Cooking", 356: "Fishing", 794: "Archaeology",
}  # fmt: skip
ARCHAEOLOGY = 794
SECONDARY_PROFESSIONS = (185, 356, ARCHAEOLOGY)
# The only tier of each profession.
TIERS = {number: (2900 + number % 800, f"Midnight {name}") for number, name in PROFESSIONS.items()}
_MADE = ("Lantern Frame", "Quiet Bell", "Salted Draught", "Reed Charm")
RECIPES = {
    52_000 + number * 10 + place: f"{_MADE[place]} ({name})"
    for number, name in PROFESSIONS.items()
    for place in range(len(_MADE))
    if number != ARCHAEOLOGY
}

ACHIEVEMENT_CATEGORIES = {92: "Character", 168: "Dungeons & Raids", 15_076: "Guild", 15_088: "General"}
ACHIEVEMENTS = {
    6: ("Level 10", 92), 4826: ("Level 85", 92), 40_001: ("Choir Practice", 168), 40_002: ("Every Bell Rung", 168),
    4860: ("Working Together", 15_088), 4861: ("A Full Table", 15_088), 5028: ("Hides for Everyone", 15_088),
}  # fmt: skip
GUILD_ACHIEVEMENTS = tuple(number for number, (_, category) in ACHIEVEMENTS.items() if category == 15_088)
CHARACTER_ACHIEVEMENTS = tuple(number for number in ACHIEVEMENTS if number not in GUILD_ACHIEVEMENTS)

POWER_TYPES = {
    **{playable.power[0]: playable.power[1] for playable in CLASSES.values()},
    0: "Mana", 1: "Rage", 3: "Energy", 11: "Maelstrom",
}  # fmt: skip

SPELLS: dict[int, tuple[str, str]] = {
    **{talent.spell_id: (talent.name, talent.description) for talent in TALENTS.values()},
    **{talent.spell_id: (talent.name, talent.description) for talent in PVP_TALENTS.values()},
    **EFFECTS,
}

# Kinds of documents with just a name (and media, for some): the word in the path, and names by id.
NAMES: dict[str, dict[int, str]] = {
    "title": TITLES,
    "covenant": COVENANTS,
    "reputation-faction": REPUTATIONS,
    "quest": QUESTS,
    "pet": PETS,
    "heirloom": HEIRLOOMS,
    "mount": MOUNTS,
    "toy": TOYS,
    "profession": PROFESSIONS,
    "recipe": RECIPES,
    "glyph": GLYPHS,
    "achievement-category": ACHIEVEMENT_CATEGORIES,
    "power-type": POWER_TYPES,
    "item-appearance-set": APPEARANCE_SETS,
}
