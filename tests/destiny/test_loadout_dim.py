"""DIM's format: what is read is written again, recorded loadouts are read, and nothing malformed is."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny.loadouts.build import LARGEST_HASH, Build, BuildItem
from destiny.loadouts.dim import LARGEST_FILE, NotDim, read, write

KEY = UUID(int=7)
ITEM = {"id": "6917529907423587045", "hash": 2374129871, "socketOverrides": {"3": 4}}
LOADOUT: dict[str, Any] = {"name": "Raid", "classType": 2, "equipped": [ITEM], "unequipped": []}

hashes = st.integers(0, LARGEST_HASH)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
numbers = st.integers(0, 2**53 - 1)
items = st.builds(
    BuildItem,
    hash=hashes,
    instance_id=st.none() | st.integers(1, 2**63 - 1),
    plugs=st.dictionaries(st.integers(0, 99), hashes, max_size=10),
    amount=st.integers(0, 999),
    crafted_at=st.none() | numbers,
)
worn, carried = st.lists(items, max_size=6), st.lists(items, max_size=3)
parameters = st.fixed_dictionaries(
    {},
    optional={
        "exoticArmorHash": hashes,
        "autoStatMods": st.booleans(),
        "query": texts,
        "statConstraints": st.lists(
            st.fixed_dictionaries({"statHash": hashes}, optional={"maxTier": numbers}), max_size=3
        ),
        "modsByBucket": st.dictionaries(hashes.map(str), st.lists(hashes, max_size=3), max_size=3),
        "artifactUnlocks": st.fixed_dictionaries(
            {"unlockedItemHashes": st.lists(hashes, max_size=5), "seasonNumber": numbers}
        ),
    },
)


@st.composite
def builds(draw: st.DrawFn) -> Build:
    kept = {"clearSpace": True} if draw(st.booleans()) else {}
    more = draw(parameters)
    return Build(
        name=draw(texts.map(str.strip).filter(bool)),
        notes=draw(texts),
        class_type=draw(st.integers(0, 3)),
        items=(*draw(worn), *(replace(one, is_worn=False) for one in draw(carried))),
        mods=tuple(draw(st.lists(hashes, max_size=8))),
        dim=kept | ({"parameters": more} if more else {}),
    )


def written(build: Build) -> dict[str, Any]:
    return write(build, KEY, created_at=1.0, changed_at=2.0)


@given(builds())
def test_what_is_exported_is_imported_again(build: Build) -> None:
    assert read(json.dumps(written(build))) == [build]
    assert read(json.dumps({"loadouts": [{"loadout": written(build)}]}, ensure_ascii=False)) == [build]


@given(builds())
def test_what_is_stored_is_read_again(build: Build) -> None:
    assert tuple(BuildItem.from_json(json.loads(json.dumps(one.as_json()))) for one in build.items) == build.items


def test_a_list_a_backup_and_a_link_are_read() -> None:
    one = json.dumps(LOADOUT)
    backup = {"loadouts": [{"loadout": LOADOUT, "destinyVersion": 2}, {"loadout": {"name": "D1"}, "destinyVersion": 1}]}
    for text in (one, f"[{one}]", json.dumps(backup), f"https://app.example/loadouts?loadout={quote(one)}"):
        (build,) = read(text)
        assert (build.name, build.items[0].hash, build.items[0].plugs) == ("Raid", 2374129871, {3: 4})


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"name": None}, "0.name"),
        ({"name": 3}, "0.name"),
        ({"name": "a\0b"}, "0.name"),
        ({"name": "\ud800"}, "0.name"),
        ({"classType": 4}, "0.classType"),
        ({"classType": True}, "0.classType"),
        ({"equipped": {}}, "0.equipped"),
        ({"equipped": [ITEM] * 61}, "0.equipped"),
        ({"equipped": [ITEM, {"hash": "7"}]}, "0.equipped.1.hash"),
        ({"equipped": [{"hash": -1}]}, "0.equipped.0.hash"),
        ({"equipped": [{"hash": 2**32}]}, "0.equipped.0.hash"),
        ({"equipped": [{"hash": 1, "id": "x"}]}, "0.equipped.0.id"),
        ({"equipped": [{"hash": 1, "socketOverrides": {"a": 1}}]}, "0.equipped.0.socketOverrides.a.[key]"),
        ({"parameters": {"mods": [1.5]}}, "0.parameters.mods.0"),
    ],
)
def test_a_malformed_loadout_is_refused_with_its_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(NotDim) as error:
        read(json.dumps({**LOADOUT, **change}))
    assert error.value.where == where


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "null", '"x"', "[" * 9_000, '{"name": ' + "9" * 5_000 + "}", "https://a.example/?x=1"],
)
def test_what_is_no_loadout_is_refused(text: str) -> None:
    with pytest.raises(NotDim):
        read(text)


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(NotDim):
        read(json.dumps(LOADOUT) + " " * LARGEST_FILE)


def test_recorded_loadouts_of_dim_survive(recorded_answers: Path) -> None:
    """What the site keeps of each is what DIM wrote; another project's key is left out."""
    listed = json.loads((recorded_answers.parent / "bungie" / "dim-api-loadouts-2024-05-12.json").read_text())
    for one, build in zip(listed, read(json.dumps(listed)), strict=True):
        again = written(build)
        for key in ("name", "classType", "clearSpace", "equipped", "unequipped"):
            assert again[key] == one[key], key
        assert again.get("parameters", {}) == one.get("parameters", {})


def test_recorded_loadouts_of_links_are_read(recorded_answers: Path) -> None:
    listed = json.loads((recorded_answers.parent / "bungie" / "dim-share-links.json").read_text())
    builds = {entry["generatedBy"]: read(json.dumps(entry["loadout"]))[0] for entry in listed}
    assert len(builds["guardian.report"].items) == 5
    assert builds["DIM"].mods == (2623485440,)
    assert builds["D2ArmorPicker"].items[-1].instance_id == 12345
