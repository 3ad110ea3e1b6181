"""Items: for every slot, armor type and class, with gems, enchantments and class sets. All are invented."""

from dataclasses import dataclass

from sandbox.world.gamedata import CLASSES

ARMOR, WEAPON, GEM, ENHANCEMENT = 4, 2, 3, 8
ITEM_CLASSES = {ARMOR: "Armor", WEAPON: "Weapon", GEM: "Gem", ENHANCEMENT: "Item Enhancement"}
MISCELLANEOUS, CLOTH, LEATHER, MAIL, PLATE, SHIELD = 0, 1, 2, 3, 4, 6
BOW, TWO_HANDED_SWORD, ONE_HANDED_SWORD, STAFF, DAGGER = 2, 8, 7, 10, 15
SUBCLASSES = {
    (ARMOR, MISCELLANEOUS): "Miscellaneous", (ARMOR, CLOTH): "Cloth", (ARMOR, LEATHER): "Leather",
    (ARMOR, MAIL): "Mail", (ARMOR, PLATE): "Plate", (ARMOR, SHIELD): "Shield", (WEAPON, BOW): "Bow",
    (WEAPON, TWO_HANDED_SWORD): "Sword",
    (WEAPON, ONE_HANDED_SWORD): "Sword", (WEAPON, STAFF): "Staff", (WEAPON, DAGGER): "Dagger",
    (GEM, 9): "Multiple Stats", (ENHANCEMENT, 10): "Misc",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """An equipment slot; ``group`` is armor, jewelry, trinket, cloak, weapon or cosmetic."""

    type: str
    name: str
    inventory_type: str
    inventory_name: str
    group: str
    piece: str


# In the order of Battle.net's responses.
SLOTS = (
    Slot("HEAD", "Head", "HEAD", "Head", "armor", "Cowl"),
    Slot("NECK", "Neck", "NECK", "Neck", "jewelry", "Torc"),
    Slot("SHOULDER", "Shoulders", "SHOULDER", "Shoulder", "armor", "Mantle"),
    Slot("SHIRT", "Shirt", "BODY", "Shirt", "cosmetic", "Shirt"),
    Slot("CHEST", "Chest", "CHEST", "Chest", "armor", "Coat"),
    Slot("WAIST", "Waist", "WAIST", "Waist", "armor", "Belt"),
    Slot("LEGS", "Legs", "LEGS", "Legs", "armor", "Breeches"),
    Slot("FEET", "Feet", "FEET", "Feet", "armor", "Boots"),
    Slot("WRIST", "Wrist", "WRIST", "Wrist", "armor", "Cuffs"),
    Slot("HANDS", "Hands", "HAND", "Hands", "armor", "Mitts"),
    Slot("FINGER_1", "Ring 1", "FINGER", "Finger", "jewelry", "Band"),
    Slot("FINGER_2", "Ring 2", "FINGER", "Finger", "jewelry", "Signet"),
    Slot("TRINKET_1", "Trinket 1", "TRINKET", "Trinket", "trinket", "Thimble"),
    Slot("TRINKET_2", "Trinket 2", "TRINKET", "Trinket", "trinket", "Locket"),
    Slot("BACK", "Back", "CLOAK", "Back", "cloak", "Cloak"),
    Slot("MAIN_HAND", "Main Hand", "WEAPON", "One-Hand", "weapon", ""),
    Slot("OFF_HAND", "Off Hand", "WEAPON", "One-Hand", "weapon", ""),
    Slot("TABARD", "Tabard", "TABARD", "Tabard", "cosmetic", "Tabard"),
)
SET_SLOTS = ("HEAD", "SHOULDER", "CHEST", "LEGS", "HANDS")
_MAKERS = ("Fenwright's", "Orchardist's", "Ferryman's", "Lampmaker's", "Quarryman's")
_SET_NAMES = (
    "Quarry Guard", "Lantern Vigil", "Fen Strider", "Gloam Cutter", "Choir Vestments", "Rime Harrow", "Storm Reader",
    "Clockwork Robes", "Pact Weave", "Windmill Wraps", "Hedge Warden", "Scarred Oath", "Scale Warden",
)  # fmt: skip
_ARMOR_OF_CLASS = {
    1: PLATE, 2: PLATE, 6: PLATE, 3: MAIL, 7: MAIL, 13: MAIL, 4: LEATHER, 10: LEATHER, 11: LEATHER, 12: LEATHER,
    5: CLOTH, 8: CLOTH, 9: CLOTH,
}  # fmt: skip
_FIRST_ITEM, _FIRST_SET_ITEM, _FIRST_EXTRA = 400_000, 410_000, 420_000


@dataclass(frozen=True, slots=True)
class Item:
    """An item. ``inventory`` is the type and name of its inventory type (NON_EQUIP for gems and enhancements)."""

    id: int
    name: str
    item_class: int
    subclass: int
    inventory: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Enchantment:
    """An enchantment. ``effect`` is the text on the enchanted item, ``source`` the item it comes from."""

    id: int
    effect: str
    source: Item


@dataclass(frozen=True, slots=True)
class ItemSet:
    """The set of a class: one item for each of the ``SET_SLOTS``."""

    id: int
    name: str
    class_id: int
    items: dict[str, Item]


# Weapons and off-hand items: class, subclass, inventory type and name.
WEAPONS = {
    "two-hander": (WEAPON, TWO_HANDED_SWORD, ("TWOHWEAPON", "Two-Hand"), "Cleaver"),
    "sword": (WEAPON, ONE_HANDED_SWORD, ("WEAPON", "One-Hand"), "Blade"),
    "dagger": (WEAPON, DAGGER, ("WEAPON", "One-Hand"), "Awl"),
    "bow": (WEAPON, BOW, ("RANGED", "Ranged"), "Longbow"),
    "staff": (WEAPON, STAFF, ("TWOHWEAPON", "Two-Hand"), "Crook"),
    "shield": (ARMOR, SHIELD, ("SHIELD", "Off Hand"), "Buckler"),
    "orb": (ARMOR, MISCELLANEOUS, ("HOLDABLE", "Held In Off-hand"), "Inkwell"),
}


def _build_items() -> dict[tuple[str, int, int], Item]:
    """Return items by slot (or weapon), subclass and maker."""
    made: dict[tuple[str, int, int], Item] = {}
    for slot in SLOTS:
        if slot.group == "weapon":
            continue
        subclasses = {"armor": (CLOTH, LEATHER, MAIL, PLATE), "cloak": (CLOTH,)}.get(slot.group, (MISCELLANEOUS,))
        for subclass in subclasses:
            worn = (slot.inventory_type, slot.inventory_name)
            _add(made, slot.type, slot.piece, ARMOR, subclass, worn)
    for word, (item_class, subclass, worn, piece) in WEAPONS.items():
        _add(made, word, piece, item_class, subclass, worn)
    return made


def _add(
    made: dict[tuple[str, int, int], Item], key: str, piece: str, item_class: int, subclass: int, worn: tuple[str, str]
) -> None:
    for maker, name in enumerate(_MAKERS):
        item = Item(_FIRST_ITEM + len(made), f"{name} {piece}", item_class, subclass, worn)
        made[key, subclass, maker] = item


def _build_sets() -> dict[int, ItemSet]:
    slots = {slot.type: slot for slot in SLOTS}
    sets = {}
    for place, class_id in enumerate(CLASSES):
        name = _SET_NAMES[place]
        items = {}
        for number, slot_type in enumerate(SET_SLOTS):
            slot = slots[slot_type]
            worn = (slot.inventory_type, slot.inventory_name)
            item_id = _FIRST_SET_ITEM + class_id * 10 + number
            items[slot_type] = Item(item_id, f"{name}: {slot.piece}", ARMOR, _ARMOR_OF_CLASS[class_id], worn)
        sets[class_id] = ItemSet(1900 + class_id, name, class_id, items)
    return sets


def _extra(place: int, name: str, item_class: int, subclass: int) -> Item:
    return Item(_FIRST_EXTRA + place, name, item_class, subclass, ("NON_EQUIP", "Non-equippable"))


_WORN = _build_items()
_SETS_BY_CLASS = _build_sets()
GEMS = tuple(
    (_extra(place, name, GEM, 9), effect)
    for place, (name, effect) in enumerate(
        (
            ("Deft Amber", "+49 Haste and +16 Critical Strike"),
            ("Keen Jet", "+49 Mastery and +16 Haste"),
            ("Sly Beryl", "+49 Critical Strike and +16 Versatility"),
        )
    )
)
_ENCHANTED = {
    "CHEST": "Lantern Radiance", "LEGS": "+8 Main Attribute", "FEET": "Ferryman's March", "WRIST": "+43 Leech",
    "FINGER_1": "+21 Mastery", "FINGER_2": "+21 Haste", "BACK": "Quiet Wings", "MAIN_HAND": "Authority of Salt",
}  # fmt: skip
ENCHANTMENTS = {
    slot: Enchantment(8000 + place, effect, _extra(50 + place, f"Enchant {slot.title()} - {effect}", ENHANCEMENT, 10))
    for place, (slot, effect) in enumerate(_ENCHANTED.items())
}
BELT_ENCHANTMENT = Enchantment(8100, "Kite Strap", _extra(90, "Kite Strap", ENHANCEMENT, 10))
ITEM_SETS = {one.id: one for one in _SETS_BY_CLASS.values()}
ITEMS = {
    item.id: item
    for item in (
        *_WORN.values(),
        *(item for one in ITEM_SETS.values() for item in one.items.values()),
        *(gem for gem, _ in GEMS),
        *(enchantment.source for enchantment in ENCHANTMENTS.values()),
        BELT_ENCHANTMENT.source,
    )
}
# Spells of trinkets and embellished items by id, with names and descriptions.
EFFECTS = {
    490_001: (
        "Thimbleful of Luck",
        "Equip: Your attacks have a chance to grant 90 of the primary attribute for 15 sec.",
    ),
    490_002: ("Second Locket", "Use: Increase your highest secondary attribute for 20 sec. (2 Min Cooldown)"),
    490_003: ("Salted Edge", "Equip: Gain Salted Edge every 8 seconds spent in combat."),
    490_004: ("Kite Strap", "Use: Reduces your falling speed for 2 min. (3 Min Cooldown)"),
}
EMBELLISHMENT = 490_003
BELT_SPELL = 490_004


def item_for(slot_type: str, class_id: int, maker: int) -> Item:
    """Return an item for the class and slot (not for weapons)."""
    subclass = _ARMOR_OF_CLASS[class_id]
    for wanted in (subclass, CLOTH, MISCELLANEOUS):
        if (slot_type, wanted, 0) in _WORN:
            return _WORN[slot_type, wanted, maker % len(_MAKERS)]
    raise KeyError(slot_type)


def weapon_for(word: str, maker: int) -> Item:
    """Return an item of ``WEAPONS``."""
    return _WORN[word, WEAPONS[word][1], maker % len(_MAKERS)]


def set_of(class_id: int) -> ItemSet:
    """Return the set of the class."""
    return _SETS_BY_CLASS[class_id]
