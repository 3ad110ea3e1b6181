"""Items as profiles and vendors list them, and their components."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sandbox.bungie.accounts.account import LOCKED, MASTERWORK, Item
from sandbox.bungie.accounts.rolls import cost_of, stats_of
from sandbox.bungie.clock import timestamp
from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import Definitions, Json, hash_of

_EQUIPPED, _NOT_TRANSFERRABLE = 1, 2
_LOCKABLE = (game.WEAPON, game.ARMOR, game.GHOST_TYPE, game.SHIP_TYPE, game.VEHICLE_TYPE)
ITEM_COMPONENTS = {
    300: "instances", 301: "objectives", 302: "perks", 303: "renderData", 304: "stats", 305: "sockets",
    306: "talentGrids", 308: "plugStates", 309: "plugObjectives", 310: "reusablePlugs",
}  # fmt: skip
ITEM_COMPONENT_NAMES = {
    "ItemInstances": 300, "ItemObjectives": 301, "ItemPerks": 302, "ItemRenderData": 303, "ItemStats": 304,
    "ItemSockets": 305, "ItemTalentGrids": 306, "ItemCommonData": 307, "ItemPlugStates": 308,
    "ItemPlugObjectives": 309, "ItemReusablePlugs": 310,
}  # fmt: skip


def item_document(definitions: Definitions, item: Item) -> Json:
    """Return an item as a list of items has it."""
    row = definitions.item(item.hash)
    status = _EQUIPPED * item.is_equipped | _NOT_TRANSFERRABLE * (row["nonTransferrable"] and not item.is_equipped)
    document: Json = {"itemHash": item.hash}
    if item.instance:
        document["itemInstanceId"] = str(item.instance)
    document |= {
        "quantity": item.quantity,
        "bindStatus": 0,
        "location": 2 if item.bucket in (game.VAULT, game.CONSUMABLES, game.MODIFICATIONS) and not item.holder else 1,
        "bucketHash": item.bucket,
        "transferStatus": status,
        "lockable": row["itemType"] in _LOCKABLE,
        "state": item.state,
        "dismantlePermission": 2 if item.state & LOCKED else 0,
        "isWrapper": False,
        "tooltipNotificationIndexes": [],
    }
    if item.power:
        document["versionNumber"] = 0
    ornament = next((plug for plug in item.plugs if _is_ornament(definitions, plug)), None)
    if ornament is not None:
        document["overrideStyleItemHash"] = ornament
    if item.expires_at is not None:
        document["expirationDate"] = timestamp(datetime.fromtimestamp(item.expires_at, UTC))
    return document


def _is_ornament(definitions: Definitions, plug: int) -> bool:
    return plug not in (0, game.DEFAULT_ORNAMENT) and definitions.item(plug)["itemSubType"] == game.ORNAMENT


def item_components(definitions: Definitions, items: dict[str, Item], wanted: set[int]) -> dict[str, Json]:
    """Return the data of the wanted components of items by their keys; plug states are by plug."""
    found: dict[str, Json] = {}
    for number, key in ITEM_COMPONENTS.items():
        if number not in wanted:
            continue
        if number == 308:
            found[key] = _plug_states(items.values())
            continue
        rendered = ((name, _RENDERERS[number](definitions, item)) for name, item in items.items())
        found[key] = {name: document for name, document in rendered if document is not None}
    return found


def _instance(definitions: Definitions, item: Item) -> Json:
    row = definitions.item(item.hash)
    document: Json = {"damageType": row["defaultDamageType"]}
    if row["defaultDamageType"]:
        document["damageTypeHash"] = row["defaultDamageTypeHash"]
    if item.power:
        stat = game.ATTACK if row["itemType"] == game.WEAPON else game.DEFENSE
        document["primaryStat"] = {"statHash": stat, "value": item.power}
    document |= {
        "itemLevel": item.power // 10,
        "quality": item.power % 10,
        "isEquipped": item.is_equipped,
        # Always false in the vault, whichever class could wear it.
        "canEquip": bool(item.holder) and row["equippable"] and item.bucket != game.POSTMASTER,
        "equipRequiredLevel": 0,
        "unlockHashesRequiredToEquip": [game.UNSET],
        "cannotEquipReason": 0,
    }
    if row["breakerType"]:
        document |= {"breakerType": row["breakerType"], "breakerTypeHash": row["breakerTypeHash"]}
    if row["itemType"] == game.ARMOR:
        used = sum(cost_of(definitions, plug) for plug in item.plugs if plug)
        capacity = armor_energy(definitions, item)
        document["energy"] = {
            "energyTypeHash": game.ANY_ENERGY, "energyType": 0, "energyCapacity": capacity, "energyUsed": used,
            "energyUnused": max(0, capacity - used),
        }  # fmt: skip
    return document


def armor_energy(definitions: Definitions, item: Item) -> int:
    """Return a piece's capacity, which its tier says; masterworks have all."""
    tiers = (definitions.item(plug)["plug"].get("energyCapacity") for plug in item.plugs if plug)
    most = max((tier["capacityValue"] for tier in tiers if tier), default=0)
    return 11 if item.state & MASTERWORK else max(most, 8)


def objective_documents(definitions: Definitions, hashes: Iterable[int], progress: int) -> list[Json]:
    """Return objectives with so much progress."""
    documents = []
    for hash_ in hashes:
        goal = definitions.tables["Objective"][hash_]["completionValue"]
        done = min(progress, goal)
        documents.append(
            {
                "objectiveHash": hash_,
                "progress": done,
                "completionValue": goal,
                "complete": done == goal,
                "visible": True,
            }
        )
    return documents


def _objectives(definitions: Definitions, item: Item) -> Json | None:
    row = definitions.item(item.hash)
    if "objectives" not in row:
        return None
    return {"objectives": objective_documents(definitions, row["objectives"]["objectiveHashes"], item.progress)}


def _perks(definitions: Definitions, item: Item) -> Json | None:
    perks = [perk["perkHash"] for plug in item.plugs if plug for perk in definitions.item(plug)["perks"]]
    if not perks:
        return None
    rows = definitions.tables["SandboxPerk"]
    return {
        "perks": [
            {"perkHash": perk, "iconPath": rows[perk]["displayProperties"].get("icon", ""), "isActive": True,
            "visible": True}
            for perk in perks
        ]
    }  # fmt: skip


def _stats(definitions: Definitions, item: Item) -> Json | None:
    if not item.power:
        return None
    stats = stats_of(definitions, item)
    return {"stats": {str(stat): {"statHash": stat, "value": value} for stat, value in stats.items()}}


def _sockets(definitions: Definitions, item: Item) -> Json | None:
    if not item.plugs:
        return None
    entries = definitions.item(item.hash)["sockets"]["socketEntries"]
    documents: list[Json] = []
    for plug, entry in zip(item.plugs, entries, strict=True):
        document: Json = {"plugHash": plug} if plug else {}
        documents.append(document | {"isEnabled": bool(plug), "isVisible": entry["defaultVisible"]})
    return {"sockets": documents}


def _plug_states(items: Iterable[Item]) -> Json:
    plugs = {plug for item in items for plug in item.plugs if plug}
    return {str(plug): {"plugItemHash": plug, "canInsert": True, "enabled": True} for plug in sorted(plugs)}


def _plug_objectives(definitions: Definitions, item: Item) -> Json | None:
    if game.KILL_TRACKER not in item.plugs:
        return None
    kills = {
        "objectiveHash": hash_of("kills"), "progress": item.instance % 5000, "completionValue": 0, "complete": False,
        "visible": True,
    }  # fmt: skip
    return {"objectivesPerPlug": {str(game.KILL_TRACKER): [kills]}}


def _reusable_plugs(definitions: Definitions, item: Item) -> Json | None:
    if not item.options:
        return None
    return {
        "plugs": {
            str(place): [{"plugItemHash": plug, "canInsert": True, "enabled": True} for plug in options]
            for place, options in item.options.items()
        }
    }


def _none(definitions: Definitions, item: Item) -> Json | None:
    return None


_RENDERERS: dict[int, Callable[[Definitions, Item], Json | None]] = {
    300: _instance,
    301: _objectives,
    302: _perks,
    303: _none,
    304: _stats,
    305: _sockets,
    306: _none,
    309: _plug_objectives,
    310: _reusable_plugs,
}
