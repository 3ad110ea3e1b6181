"""Numbers of the game that programs rely on: hashes of buckets, classes, stats and the like."""

from typing import NamedTuple

from sandbox.bungie.world.text import Text

# Of loadout identifiers, instance ids and plugs that are not set.
UNSET = 2_166_136_261
NO_INSTANCE = "0"

KINETIC, ENERGY, POWER = 1498876634, 2465295065, 953998645
HELMET, GAUNTLETS, CHEST, LEGS, CLASS_ITEM = 3448274439, 3551918588, 14239492, 20886954, 1585787867
GHOST, VEHICLE, SHIP, EMBLEM, FINISHER = 4023194814, 2025709351, 284967655, 4274335291, 3683254069
EMOTE, CLAN_BANNER, SUBCLASS, ARTIFACT = 1107761855, 4292445962, 3284755031, 1506418338
MODIFICATIONS, CONSUMABLES, VAULT, POSTMASTER = 3313201758, 1469714392, 138197802, 215593132
ENGRAMS, QUESTS, GLIMMER, BRIGHT_DUST, SILVER = 375726501, 1345459588, 2689798308, 2689798311, 2689798310
WEAPON_BUCKETS = (KINETIC, ENERGY, POWER)
ARMOR_BUCKETS = (HELMET, GAUNTLETS, CHEST, LEGS, CLASS_ITEM)
# In the order in which a character's equipment is listed.
EQUIPMENT = (
    *WEAPON_BUCKETS, *ARMOR_BUCKETS, GHOST, VEHICLE, SHIP, SUBCLASS, CLAN_BANNER, EMBLEM, FINISHER, EMOTE, ARTIFACT,
)  # fmt: skip


class Bucket(NamedTuple):
    """A row of the buckets' table. ``location`` is 0 unknown, 1 inventory, 2 vault, 4 postmaster."""

    name: Text
    size: int
    scope: int
    category: int
    location: int
    order: int
    transfers: bool = False
    fifo: bool = False
    enabled: bool = True


BUCKETS: dict[int, Bucket] = {
    SUBCLASS: Bucket(Text("Subclass", "Doctrine"), 10, 0, 3, 1, 10),
    KINETIC: Bucket(Text("Kinetic Weapons", "Armes cinétiques"), 10, 0, 3, 1, 20, True),
    ENERGY: Bucket(Text("Energy Weapons", "Armes énergétiques"), 10, 0, 3, 1, 30, True),
    POWER: Bucket(Text("Power Weapons", "Armes puissantes"), 10, 0, 3, 1, 40, True),
    GHOST: Bucket(Text("Ghost", "Spectre"), 10, 0, 3, 1, 45, True),
    ARTIFACT: Bucket(Text("Artifacts", "Artéfacts"), 7, 0, 3, 1, 46),
    HELMET: Bucket(Text("Helmet", "Casque"), 10, 0, 3, 1, 50, True),
    GAUNTLETS: Bucket(Text("Gauntlets", "Gantelets"), 10, 0, 3, 1, 60, True),
    CHEST: Bucket(Text("Chest Armor", "Plastron"), 10, 0, 3, 1, 70, True),
    LEGS: Bucket(Text("Leg Armor", "Jambières"), 10, 0, 3, 1, 80, True),
    CLASS_ITEM: Bucket(Text("Class Armor", "Objet de classe"), 10, 0, 3, 1, 90, True),
    VEHICLE: Bucket(Text("Vehicle", "Véhicule"), 10, 0, 3, 1, 110, True),
    SHIP: Bucket(Text("Ships", "Vaisseaux"), 10, 0, 3, 1, 130, True),
    EMBLEM: Bucket(Text("Emblems", "Emblèmes"), 10, 0, 3, 1, 150),
    FINISHER: Bucket(Text("Finishers", "Coups de grâce"), 10, 0, 3, 1, 160),
    GLIMMER: Bucket(Text("Glimmer", "Lumen"), 1, 1, 2, 0, 10),
    BRIGHT_DUST: Bucket(Text("Bright Dust", "Poussière brillante"), 1, 1, 2, 0, 60),
    MODIFICATIONS: Bucket(Text("Modifications", "Modifications"), 50, 1, 1, 0, 20, True),
    CONSUMABLES: Bucket(Text("Consumables", "Consommables"), 50, 1, 1, 0, 30, True),
    VAULT: Bucket(Text("General", "Général"), 1300, 1, 1, 2, 30),
    ENGRAMS: Bucket(Text("Engrams", "Engrammes"), 10, 0, 1, 1, 40),
    POSTMASTER: Bucket(Text("Lost Items", "Objets perdus"), 21, 0, 0, 4, 0, fifo=True),
    3161908920: Bucket(Text("Messages", "Messages"), 20, 0, 0, 4, 0, fifo=True),
    1367666825: Bucket(Text("Special Orders", "Commandes spéciales"), 20, 1, 0, 4, 0),
    EMOTE: Bucket(Text("Emotes", "Interactions"), 1, 0, 0, 1, 0, enabled=False),
    CLAN_BANNER: Bucket(Text("Clan Banners", "Étendards de clan"), 1, 0, 0, 1, 0, enabled=False),
    QUESTS: Bucket(Text("Quests", "Quêtes"), 63, 0, 0, 1, 0, enabled=False),
    SILVER: Bucket(Text("Silver", "Argentum"), 1, 1, 0, 0, 0, enabled=False),
}

TITAN, HUNTER, WARLOCK, ANY_CLASS = 0, 1, 2, 3
CLASSES = {
    TITAN: (3655393761, Text("Titan", "Titan")),
    HUNTER: (671679327, Text("Hunter", "Chasseur")),
    WARLOCK: (2271682572, Text("Warlock", "Arcaniste")),
}
RACES = {
    0: (3887404748, Text("Human", "Humain")),
    1: (2803282938, Text("Awoken", "Éveillé")),
    2: (898834093, Text("Exo", "Exo")),
}
GENDERS = {0: (3111576190, Text("Body Type 1", "Type 1")), 1: (2204441813, Text("Body Type 2", "Type 2"))}
TIERS = {
    1: (3772930460, Text("Basic", "Basique")),
    2: (3340296461, Text("Common", "Commun")),
    3: (2395677314, Text("Uncommon", "Peu commun")),
    4: (2127292149, Text("Rare", "Rare")),
    5: (4008398120, Text("Legendary", "Légendaire")),
    6: (2759499571, Text("Exotic", "Exotique")),
}
COMMON, RARE, LEGENDARY, EXOTIC = 2, 4, 5, 6
DAMAGE_TYPES = {
    1: (3373582085, Text("Kinetic", "Cinétique")),
    2: (2303181850, Text("Arc", "Cryo-électrique")),
    3: (1847026933, Text("Solar", "Solaire")),
    4: (3454344768, Text("Void", "Abyssal")),
    6: (151347233, Text("Stasis", "Stase")),
    7: (3949783978, Text("Strand", "Filobscur")),
}
BREAKER_TYPES = {
    1: (485622768, Text("Shield-Piercing", "Antibarrière")),
    2: (2611060930, Text("Disruption", "Perturbation")),
    3: (3178805705, Text("Stagger", "Étourdissement")),
}

# Light of characters, damage of weapons, defense of armor.
POWER_STAT, ATTACK, DEFENSE = 1935470627, 1480404414, 3897883278
ARMOR_STATS = {
    2996146975: Text("Weapons", "Armes"),
    392767087: Text("Health", "Santé"),
    1943323491: Text("Class", "Classe"),
    1735777505: Text("Grenade", "Grenade"),
    144602215: Text("Super", "Super"),
    4244567218: Text("Melee", "Mêlée"),
}
IMPACT, RANGE, STABILITY, HANDLING, RELOAD = 4043523819, 1240592695, 155624089, 943549884, 4188031367
MAGAZINE, RPM, ZOOM, AIM, RECOIL, AIRBORNE = 3871231066, 4284893193, 3555269338, 1345609583, 2715839340, 2714457168
WEAPON_STATS = {
    IMPACT: Text("Impact", "Impact"),
    RANGE: Text("Range", "Portée"),
    STABILITY: Text("Stability", "Stabilité"),
    HANDLING: Text("Handling", "Maniement"),
    RELOAD: Text("Reload Speed", "Vitesse de rechargement"),
    AIM: Text("Aim Assistance", "Aide à la visée"),
    ZOOM: Text("Zoom", "Zoom"),
    AIRBORNE: Text("Airborne Effectiveness", "Efficacité aérienne"),
    RECOIL: Text("Recoil Direction", "Direction du recul"),
    MAGAZINE: Text("Magazine", "Chargeur"),
    RPM: Text("Rounds Per Minute", "Coups par minute"),
}
OTHER_STATS = {
    POWER_STAT: Text("Power", "Puissance"),
    ATTACK: Text("Attack", "Attaque"),
    DEFENSE: Text("Defense", "Défense"),
    3578062600: Text("Any Energy Type Cost", "Coût en énergie"),
}

ANY_ENERGY = 1198124803

# Socket categories: name and style.
INTRINSIC, WEAPON_PERKS, WEAPON_MODS, WEAPON_COSMETICS = 3956125808, 4241085061, 2685412949, 2048875504
ARMOR_MODS, ARMOR_COSMETICS, ARMOR_TIER, ARMOR_PERKS = 590099826, 1926152773, 760375309, 2518356196
ABILITIES, SUPER, ASPECTS, FRAGMENTS = 309722977, 457473665, 2140934067, 1313488945
SOCKET_CATEGORIES = {
    INTRINSIC: (Text("INTRINSIC TRAITS", "TRAITS INTRINSÈQUES"), 6),
    WEAPON_PERKS: (Text("WEAPON PERKS", "ATTRIBUTS D'ARME"), 1),
    WEAPON_MODS: (Text("WEAPON MODS", "MODS D'ARME"), 2),
    WEAPON_COSMETICS: (Text("WEAPON COSMETICS", "APPARENCE DE L'ARME"), 2),
    ARMOR_MODS: (Text("ARMOR MODS", "MODS D'ARMURE"), 2),
    ARMOR_COSMETICS: (Text("ARMOR COSMETICS", "APPARENCE DE L'ARMURE"), 2),
    ARMOR_TIER: (Text("ARMOR TIER", "NIVEAU D'ARMURE"), 5),
    ARMOR_PERKS: (Text("ARMOR PERKS", "ATTRIBUTS D'ARMURE"), 1),
    ABILITIES: (Text("ABILITIES", "APTITUDES"), 7),
    SUPER: (Text("SUPER", "SUPER"), 8),
    ASPECTS: (Text("ASPECTS", "ASPECTS"), 7),
    FRAGMENTS: (Text("FRAGMENTS", "FRAGMENTS"), 7),
}

# Item types and sub types.
(
    CURRENCY, ARMOR, WEAPON, ENGRAM, CONSUMABLE, MATERIAL, QUEST_STEP, EMBLEM_TYPE, SUBCLASS_TYPE, BANNER_TYPE, MOD,
    DUMMY, SHIP_TYPE, VEHICLE_TYPE, EMOTE_TYPE, GHOST_TYPE, PACKAGE, BOUNTY, ARTIFACT_TYPE, FINISHER_TYPE,
) = (1, 2, 3, 8, 9, 10, 12, 14, 16, 17, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29)  # fmt: skip
SHADER, ORNAMENT = 20, 21
PRIMARY_AMMO, SPECIAL_AMMO, HEAVY_AMMO = 1, 2, 3
DEFAULT_SHADER, DEFAULT_ORNAMENT, KILL_TRACKER = 4248210736, 2931483505, 2302094943
