"""Parts that all items have: the row of an item, its sockets and its plugs."""

from collections.abc import Sequence
from typing import Any

from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import ITEM, Definitions, Json, display, hash_of, icon
from sandbox.bungie.world.text import EMPTY, Text

_ACTION = {
    "verbName": Text("Dismantle", "Démanteler"), "verbDescription": "", "isPositive": False,
    "requiredCooldownSeconds": 0,
    "requiredItems": [], "progressionRewards": [], "actionTypeLabel": "shard", "rewardSheetHash": 0,
    "rewardItemHash": 0,
    "rewardSiteHash": 0, "requiredCooldownHash": 0, "deleteOnAction": True, "consumeEntireStack": False,
    "useOnAcquire": False,
}  # fmt: skip


def add_item(
    definitions: Definitions,
    label: str,
    name: Text,
    *,
    item_type: int,
    bucket: int,
    type_name: Text,
    tier: int = game.LEGENDARY,
    description: Text = EMPTY,
    instanced: bool = True,
    stack: int = 1,
    transferable: bool = True,
    number: int | None = None,
    **more: Any,
) -> int:
    """Add an item and return its hash. ``more`` are other keys of the row, also those that it has by default."""
    tier_hash, tier_name = game.TIERS[tier]
    row = {
        "displayProperties": display(name, description, icon(label)),
        "tooltipNotifications": [],
        "backgroundColor": {"colorHash": 0, "red": 0, "green": 0, "blue": 0, "alpha": 0},
        "isFeaturedItem": False, "isHolofoil": False, "isAdept": False,
        "itemTypeDisplayName": type_name,
        "flavorText": "",
        "uiItemDisplayStyle": "",
        "itemTypeAndTierDisplayName": Text(f"{tier_name.en} {type_name.en}", f"{type_name.fr} {tier_name.fr.lower()}"),
        "displaySource": "",
        "action": _ACTION,
        "inventory": {
            "maxStackSize": stack, "bucketTypeHash": bucket, "recoveryBucketTypeHash": game.POSTMASTER,
            "tierTypeHash": tier_hash, "isInstanceItem": instanced, "nonTransferrableOriginal": False,
            "tierTypeName": tier_name, "tierType": tier, "expirationTooltip": "", "expiredInActivityMessage": "",
            "expiredInOrbitMessage": "", "suppressExpirationWhenObjectivesComplete": True,
        },
        "acquireRewardSiteHash": 0, "acquireUnlockHash": 0,
        "investmentStats": [], "perks": [],
        "allowActions": True, "doesPostmasterPullHaveSideEffects": False,
        "nonTransferrable": not transferable,
        "itemCategoryHashes": [], "specialItemType": 0,
        "itemType": item_type, "itemSubType": 0, "classType": game.ANY_CLASS, "breakerType": 0,
        "equippable": False, "defaultDamageType": 0, "isWrapper": False,
        **more,
    }  # fmt: skip
    return definitions.add(ITEM, label, row, number)


def equipping(slot: int, ammo: int = 0, exotic: str = "") -> Json:
    """Return the block of what can be equipped; ``exotic`` is the label of which only one can be."""
    block: Json = {"equipmentSlotTypeHash": slot, "attributes": 0, "equippingSoundHash": 0, "hornSoundHash": 0}
    if exotic:
        block = {"uniqueLabel": exotic, "uniqueLabelHash": hash_of(exotic), **block}
    return {**block, "ammoType": ammo, "displayStrings": [""]}


def add_plug(
    definitions: Definitions,
    label: str,
    name: Text,
    category: str,
    type_name: Text,
    *,
    description: Text = EMPTY,
    stats: dict[int, int] | None = None,
    cost: int = 0,
    has_perk: bool = True,
    **more: Any,
) -> int:
    """Add an item that goes into sockets, with the perk that it grants. ``cost`` is in armor energy."""
    perks = [_perk(definitions, label, name, description)] if has_perk else []
    plug: Json = {
        "insertionRules": [], "plugCategoryIdentifier": category, "plugCategoryHash": hash_of(category),
        "onActionRecreateSelf": False, "actionRewardSiteHash": 0, "actionRewardItemOverrideHash": 0,
        "insertionMaterialRequirementHash": 0, "previewItemOverrideHash": 0, "enabledMaterialRequirementHash": 0,
        "enabledRules": [], "uiPlugLabel": "", "plugStyle": 0, "plugAvailability": 0, "alternateUiPlugLabel": "",
        "alternatePlugStyle": 0, "isDummyPlug": False,
        "parentItemOverride": {"additionalEquipRequirementsDisplayStrings": []}, "applyStatsToSocketOwnerItem": False,
    }  # fmt: skip
    if cost:
        plug["energyCost"] = {"energyCost": cost, "energyTypeHash": game.ANY_ENERGY, "energyType": 0}
    values = [
        {"statTypeHash": stat, "value": value, "isConditionallyActive": False} for stat, value in (stats or {}).items()
    ]
    bucket = more.pop("bucket", game.CONSUMABLES)
    defaults = {"tier": game.COMMON, "instanced": False, "transferable": False}
    return add_item(
        definitions,
        label,
        name,
        item_type=game.MOD,
        bucket=bucket,
        type_name=type_name,
        description=description,
        plug=plug,
        tooltipStyle="build",
        investmentStats=values,
        perks=perks,
        **defaults | more,
    )


def _perk(definitions: Definitions, label: str, name: Text, description: Text) -> Json:
    row = {"displayProperties": display(name, description, icon(label)), "isDisplayable": True, "damageType": 0}
    number = definitions.add("SandboxPerk", label, row)
    return {"requirementDisplayString": "", "perkHash": number, "perkVisibility": 0}


def add_socket_type(definitions: Definitions, label: str, category: int, plug_categories: Sequence[str]) -> int:
    """Add a kind of socket, which takes plugs of some categories."""
    row = {
        "displayProperties": display(""),
        "insertAction": {"actionExecuteSeconds": 0, "actionSoundHash": 0, "isPositiveAction": False, "actionType": 0},
        "plugWhitelist": [
            {"categoryHash": hash_of(one), "categoryIdentifier": one, "reinitializationPossiblePlugHashes": []}
            for one in plug_categories
        ],
        "socketCategoryHash": category,
        "visibility": 0,
        "alwaysRandomizeSockets": False, "isPreviewEnabled": False, "hideDuplicateReusablePlugs": True,
        "overridesUiAppearance": False, "avoidDuplicatesOnInitialization": False, "currencyScalars": [],
    }  # fmt: skip
    return definitions.add("SocketType", label, row)


def socket(kind: int, first: int, *, options: int = 0, random: int = 0, visible: bool = True) -> Json:
    """Return a socket: its type, the plug it begins with, and the set of its options or of its random ones."""
    entry: Json = {
        "socketTypeHash": kind, "singleInitialItemHash": first, "reusablePlugItems": [],
        "preventInitializationOnVendorPurchase": False, "preventInitializationWhenVersioning": False,
        "hidePerksInItemTooltip": False, "plugSources": 6 if options else 2, "overridesUiAppearance": False,
        "defaultVisible": visible,
    }  # fmt: skip
    if options:
        entry["reusablePlugSetHash"] = options
    if random:
        entry["randomizedPlugSetHash"] = random
    return entry


def sockets(entries: Sequence[Json], categories: dict[int, list[int]]) -> Json:
    """Return the block of sockets, with the categories that they are shown in."""
    return {
        "detail": Text("Details", "Détails"),
        "socketEntries": list(entries),
        "intrinsicSockets": [],
        "socketCategories": [
            {"socketCategoryHash": category, "socketIndexes": places} for category, places in categories.items()
        ],
    }


def stats_block(group: int, values: dict[int, int], primary: int) -> Json:
    """Return the block of stats as the definition shows them."""
    return {
        "disablePrimaryStatDisplay": False,
        "statGroupHash": group,
        "stats": {
            str(stat): {"statHash": stat, "value": value, "minimum": 0, "maximum": 0, "displayMaximum": 100}
            for stat, value in values.items()
        },
        "hasDisplayableStats": True,
        "primaryBaseStatHash": primary,
    }


def investment(values: dict[int, int]) -> list[Json]:
    """Return the list of an item's own stats."""
    return [{"statTypeHash": stat, "value": value, "isConditionallyActive": False} for stat, value in values.items()]


def looks(label: str, *, season: int = 1) -> Json:
    """Return the keys with pictures that equipment has."""
    watermark = icon("season", season, kind="png")
    return {
        "iconWatermark": watermark, "iconWatermarkShelved": watermark, "iconWatermarkFeatured": watermark,
        "screenshot": f"/common/destiny2_content/screenshots/{hash_of(label)}.jpg",
        "flavorText": Text("Somebody left this where you would find it.", "Quelqu'un l'a laissé là pour vous."),
        "translationBlock": {
            "weaponPatternHash": 0, "defaultDyes": [{"channelHash": 1667433279, "dyeHash": hash_of(label, "dye")}],
            "lockedDyes": [], "customDyes": [], "arrangements": [{"classHash": 0,
            "artArrangementHash": hash_of(label)}],
            "hasGeometry": True,
        },
        "preview": {
            "screenStyle": "screen_style_sockets", "previewVendorHash": 0, "previewActionString": Text("Preview",
            "Aperçu"),
        },
        "quality": {
            "itemLevels": [], "qualityLevel": 0, "infusionCategoryName": "2601628231",
            "infusionCategoryHash": 2601628231,
            "infusionCategoryHashes": [2601628231], "progressionLevelRequirementHash": 0, "currentVersion": 0,
            "versions": [{"powerCapHash": 2759499571}], "displayVersionWatermarkIcons": [watermark],
        },
    }  # fmt: skip


def lore_and_trait(definitions: Definitions, label: str, name: Text, trait: str) -> Json:
    """Add the rows that equipment refers to, and return the keys that do."""
    story = Text("Nobody wrote it down.", "Personne ne l'a écrit.")
    lore = definitions.add("Lore", label, {"displayProperties": display(name, story), "subtitle": ""})
    traits = definitions.tables["Trait"]
    if hash_of("Trait", trait) not in traits:
        definitions.add("Trait", trait, {"displayProperties": display(trait), "traitCategoryId": "", "displayHint": ""})
    return {"loreHash": lore, "traitIds": [trait], "traitHashes": [hash_of("Trait", trait)]}


def add_collectible(definitions: Definitions, label: str, name: Text, item: int) -> int:
    """Add the entry of an item in the collections."""
    row = {
        "displayProperties": display(name, "", icon(label)),
        "scope": 0,
        "sourceString": Text("Source: the sandbox", "Source : le bac à sable"),
        "sourceHash": hash_of("source"),
        "itemHash": item,
        "acquisitionInfo": {"runOnlyAcquisitionRewardSite": False},
        "stateInfo": {"requirements": {"entitlementUnavailableMessage": ""}},
        "presentationNodeType": 3,
        "traitIds": [],
        "traitHashes": [],
        "parentNodeHashes": [],
    }
    number = definitions.add("Collectible", label, row)
    definitions.item(item)["collectibleHash"] = number
    return number
