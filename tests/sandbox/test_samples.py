"""The sandbox's documents have the structure of answers that were recorded from Battle.net."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.client import ROOT, Client

SAMPLES = ROOT.parent / "shared" / "samples" / "blizzard"
CHARACTERS = 40
GUILD = "/data/wow/guild/tarn-hollow/gravel-orchard"

_ITEM_DETAILS = """
    armor azerite_details binding bonus_list context description durability enchantments inventory_type
    is_subclass_hidden item_class item_subclass modified_appearance_id name_description requirements sell_price
    sockets spells stats transmog unique_equipped weapon
"""
# What the samples have and the sandbox leaves out: keys that are optional, that stopped being sent, or details of
# items, talents and spells that a guild's site has no use for.
LEFT_OUT = {
    "character": {".covenant_progress", ".raid_progression"},
    "character-media": {".avatar_url", ".bust_url", ".render_url"},
    "character-specializations": {".specializations[].talents", ".specializations[].pvp_talent_slots"},
    "character-equipment": {f".equipped_items[].{key}" for key in _ITEM_DETAILS.split()},
    "playable-specialization": {".pvp_talents", ".spec_talent_tree"},
}
# What the sandbox has and the samples have not, being older than these keys, or not having needed them.
NEWER = {
    "account-collections-index": {".toys", ".heirlooms", ".transmogs"},
    "character": {".encounters", ".hunter_pets", ".name_search"},
    "character-media": {".assets"},
    "character-specializations": {".specializations[].loadouts"},
    "connected-realm": {".auctions"},
    "guild": {".name_search"},
    "guild-roster": {".members[].character.faction"},
    "mythic-keystone-profile": {".current_mythic_rating"},
    "playable-race": {".playable_classes"},
}
OF_CHARACTERS = {
    "character": "",
    "character-media": "/character-media",
    "character-status": "/status",
    "character-specializations": "/specializations",
    "character-equipment": "/equipment",
    "mythic-keystone-profile": "/mythic-keystone-profile",
    "encounters-raids": "/encounters/raids",
}
OF_ACCOUNTS = {
    "account-profile": "/profile/user/wow",
    "account-collections-index": "/profile/user/wow/collections",
    "account-collections-mounts": "/profile/user/wow/collections/mounts",
}
SINGLE = {
    "guild": (GUILD, "profile-eu"),
    "guild-roster": (f"{GUILD}/roster", "profile-eu"),
    "realm": ("/data/wow/realm/tarn-hollow", "dynamic-eu"),
    "realm-index": ("/data/wow/realm/index", "dynamic-eu"),
    "connected-realm": ("/data/wow/connected-realm/1902", "dynamic-eu"),
    "connected-realm-index": ("/data/wow/connected-realm/index", "dynamic-eu"),
    "playable-class": ("/data/wow/playable-class/11", "static-eu"),
    "playable-class-index": ("/data/wow/playable-class/index", "static-eu"),
    "playable-race": ("/data/wow/playable-race/1", "static-eu"),
    "playable-race-index": ("/data/wow/playable-race/index", "static-eu"),
    "playable-specialization": ("/data/wow/playable-specialization/262", "static-eu"),
    "playable-specialization-index": ("/data/wow/playable-specialization/index", "static-eu"),
    "error-404-character": ("/profile/wow/character/tarn-hollow/q", "profile-eu"),
    "error-404-guild": ("/data/wow/guild/tarn-hollow/q", "profile-eu"),
}


@pytest.mark.parametrize("kind", SINGLE)
def test_a_document_has_the_recorded_structure(sandbox: Client, kind: str) -> None:
    path, namespace = SINGLE[kind]
    _compare(kind, [sandbox.api(path, namespace).json()])


@pytest.mark.parametrize("kind", OF_CHARACTERS)
def test_a_characters_document_has_the_recorded_structure(sandbox: Client, kind: str) -> None:
    members = [m for m in sandbox.demo_guild()["members"] if m["level"] == 90 and m["profile"] == 200]
    _compare(kind, [sandbox.summary(m, OF_CHARACTERS[kind]).json() for m in members[:CHARACTERS]])


@pytest.mark.parametrize("kind", OF_ACCOUNTS)
def test_an_accounts_document_has_the_recorded_structure(sandbox: Client, kind: str) -> None:
    _compare(kind, [sandbox.api(OF_ACCOUNTS[kind], token=sandbox.sign_in("raider")).json()])


def test_a_protected_character_has_the_recorded_structure(sandbox: Client) -> None:
    own = sandbox.control("truth/account/social")["characters"][0]
    path = f"/profile/user/wow/protected-character/{own['realm_id']}-{own['id']}"
    _compare("protected-character", [sandbox.api(path, token=sandbox.sign_in("social")).json()])


def test_the_description_of_the_service_has_the_recorded_structure(sandbox: Client) -> None:
    _compare("oidc-discovery", [sandbox.get("/.well-known/openid-configuration").json()])


def _compare(kind: str, documents: list[Any]) -> None:
    if not SAMPLES.is_dir():
        pytest.skip(f"the recorded answers are not here: {SAMPLES}")
    recorded = _structure([_read(path) for path in SAMPLES.glob(f"{kind}__*.json")])
    assert recorded, f"there is no sample of {kind}"
    ours = _structure(documents)
    assert _without(recorded - ours, LEFT_OUT.get(kind, set())) == set(), "the sandbox lacks what was recorded"
    assert _without(ours - recorded, NEWER.get(kind, set())) == set(), "the sandbox has what was never recorded"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _structure(documents: list[Any]) -> set[str]:
    return {path for document in documents for path in _paths(document, "")}


def _paths(value: Any, path: str) -> Iterator[str]:
    """The path of each key and, for values that are neither objects nor lists, its type: ".members[].rank int"."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}.{key}"
            yield from _paths(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, f"{path}[]")
    else:
        yield f"{path} {'number' if type(value) in (int, float) else type(value).__name__}"


def _without(paths: set[str], allowed: set[str]) -> set[str]:
    return {
        path
        for path in paths
        if not any(path == top or path.startswith((f"{top}.", f"{top}[", f"{top} ")) for top in allowed)
    }
