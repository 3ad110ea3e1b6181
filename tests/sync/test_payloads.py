"""Responses of every age are parsed, and invalid ones raise named errors."""

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.hostile import VALUES, mutated
from sandbox.world.rng import SeededRandom
from sync.blizzard import game_data, media, payloads
from sync.engine.errors import PayloadError
from tests.sync.documents import ACCOUNT, CHARACTER, PARSERS, ROSTER, Json

# Recorded responses with a parser; the others are of endpoints that we don't use.
RECORDED: dict[str, Callable[[Any], Any]] = {
    "account-collections-mounts": payloads.collection_parser("mounts", "mount"),
    "account-profile": payloads.AccountProfile.from_json,
    "character": payloads.CharacterSummary.from_json,
    "character-media": media.CharacterMedia.from_json,
    "character-specializations": media.CharacterSpecializations.from_json,
    "playable-class-media": media.picture_address,
    "playable-specialization-media": media.picture_address,
    "character-collections-mounts": payloads.collection_parser("mounts", "mount"),
    "character-collections-toys": payloads.collection_parser("toys", "toy"),
    "character-status": payloads.CharacterStatus.from_json,
    "connected-realm": game_data.ConnectedRealm.from_json,
    "connected-realm-index": game_data.connected_realm_ids,
    "guild": payloads.GuildProfile.from_json,
    "guild-roster": payloads.GuildRoster.from_json,
    "playable-class": game_data.NamedId.from_json,
    "playable-class-index": game_data.index_parser("classes"),
    "playable-race": game_data.Race.from_json,
    "playable-race-index": game_data.index_parser("races"),
    "playable-specialization": game_data.Spec.from_json,
    "playable-specialization-index": game_data.index_parser("character_specializations"),
    "realm": game_data.RealmDetail.from_json,
    "realm-index": game_data.realm_index,
}
JSON_VALUES = st.recursive(
    st.sampled_from(VALUES).map(copy.deepcopy) | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
by_name = pytest.mark.parametrize(
    ("parse", "document", "required"), [entry[1:] for entry in PARSERS], ids=[entry[0] for entry in PARSERS]
)


def without(document: Json, path: str) -> Json:
    """Return a copy of the document without the value at the path."""
    changed: Any = copy.deepcopy(document)
    *way, last = path.split("/")
    node = changed
    for step in way:
        node = node[int(step)] if step.isdecimal() else node[step]
    del node[last]
    return dict(changed)


def test_every_recorded_response_is_parsed(recorded_answers: Path) -> None:
    understood = 0
    for file in sorted(recorded_answers.glob("*.json")):
        parse = RECORDED.get(file.name.partition("__")[0])
        if parse is not None:
            assert parse(json.loads(file.read_bytes()))
            understood += 1
    assert understood >= len(RECORDED)


def test_mutated_recorded_responses_are_parsed_or_refused(recorded_answers: Path) -> None:
    refused = tried = 0
    for file in sorted(recorded_answers.glob("*.json")):
        parse = RECORDED.get(file.name.partition("__")[0])
        if parse is None or file.stat().st_size > 50_000:
            continue
        text, rng = file.read_bytes(), SeededRandom(file.name)
        for _ in range(40):
            tried += 1
            try:
                assert_in_bounds(parse(mutated(json.loads(text), rng)))
            except PayloadError:
                refused += 1
    print(f"\nrecorded: {tried} mutated answers, {refused} refused")
    assert 0 < refused < tried


def test_recorded_responses_are_parsed_exactly(recorded_answers: Path) -> None:
    file = next(recorded_answers.glob("character__*Sammers21*"))
    summary = payloads.CharacterSummary.from_json(json.loads(file.read_bytes()))
    raw = json.loads(file.read_bytes())
    assert (summary.guild, summary.name, summary.realm.slug) == (None, raw["name"], raw["realm"]["slug"])
    assert summary.last_login_at is not None
    assert int(summary.last_login_at.timestamp() * 1000) == raw["last_login_timestamp"]


@by_name
def test_a_complete_document_is_parsed(parse: Callable[[Json], object], document: Json, required: list[str]) -> None:
    assert parse(document)


@by_name
def test_a_missing_required_field_is_named(
    parse: Callable[[Json], object], document: Json, required: list[str]
) -> None:
    for path in required:
        with pytest.raises(PayloadError, match=path.rpartition("/")[2]):
            parse(without(document, path))


@by_name
@given(data=st.data())
def test_any_input_raises_only_payload_errors(
    parse: Callable[[Json], object], document: Json, required: list[str], data: st.DataObject
) -> None:
    broken = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        corrupt_one_value(broken, data)
    with suppress(PayloadError):
        assert_in_bounds(parse(broken))


def assert_in_bounds(value: Any) -> None:
    """Assert that every part can be shown, stored and compared."""
    if is_dataclass(value):
        for one in dataclass_fields(value):
            assert_in_bounds(getattr(value, one.name))
    elif isinstance(value, Mapping):
        assert_in_bounds([*value.keys(), *value.values()])
    elif isinstance(value, str):
        assert value.isprintable()
        assert len(value) <= 100
    elif isinstance(value, datetime):
        assert 1970 <= value.year <= 2100
    elif isinstance(value, int | float):
        assert 0 <= value <= 2**63 - 1
    elif isinstance(value, Iterable):
        for inner in value:
            assert_in_bounds(inner)
    else:
        assert value is None


def corrupt_one_value(document: Any, data: st.DataObject) -> None:
    """Put any JSON anywhere in the document."""
    node: Any = {"": document}
    key: Any = ""
    while isinstance(node[key], dict | list) and node[key] and data.draw(st.integers(0, 5)):
        node = node[key]
        places = sorted(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(places))
    if key != "":
        node[key] = data.draw(JSON_VALUES)


@pytest.mark.parametrize(
    ("name", "understood"),
    [
        ("Tarn Hollow", "Tarn Hollow"),
        ({"en_US": "Tarn Hollow", "de_DE": "Bergsee"}, "Tarn Hollow"),
        ({"de_DE": "Bergsee"}, "Bergsee"),
        ({"de_DE": "", "fr_FR": None, "es_ES": "Laguna"}, "Laguna"),
        ({}, ""),
        (None, ""),
    ],
)
def test_localized_names_have_several_forms(name: Any, understood: str) -> None:
    assert game_data.NamedId.from_json({"id": 1, "name": name}).name == understood


def test_optional_fields_are_absent_and_not_null() -> None:
    optional = (
        "active_spec", "guild", "average_item_level", "equipped_item_level", "last_login_timestamp", "gender",
        "faction",
    )  # fmt: skip
    bare = {key: value for key, value in CHARACTER.items() if key not in optional}
    summary = payloads.CharacterSummary.from_json(bare)
    assert (summary.spec_id, summary.guild, summary.equipped_item_level, summary.last_login_at) == (None,) * 4
    assert summary == payloads.CharacterSummary.from_json(bare | dict.fromkeys(optional))


def test_classic_has_specialization_zero_for_none() -> None:
    assert payloads.CharacterSummary.from_json(CHARACTER | {"active_spec": {"id": 0}}).spec_id is None


def test_a_blank_name_is_skipped_without_losing_the_account() -> None:
    with pytest.raises(PayloadError):
        payloads.CharacterSummary.from_json(CHARACTER | {"name": "  "})
    account = copy.deepcopy(ACCOUNT)
    account["wow_accounts"][0]["characters"].append(ACCOUNT["wow_accounts"][0]["characters"][0] | {"name": ""})
    assert len(payloads.AccountProfile.from_json(account).characters) == 1


@pytest.mark.parametrize("account", [{"id": 1}, {"id": 1, "wow_accounts": None}, {"wow_accounts": [{"id": 11}]}])
def test_an_account_without_world_of_warcraft_has_no_characters(account: Json) -> None:
    assert payloads.AccountProfile.from_json(account).characters == ()


def test_rosters_of_2019_had_neither_factions_nor_links() -> None:
    roster = copy.deepcopy(ROSTER)
    del roster["members"][0]["character"]["faction"]
    del roster["guild"]["faction"]
    parsed = payloads.GuildRoster.from_json(roster)
    assert (parsed.guild.faction, parsed.members[0].faction) == ("", "")


def test_a_boolean_is_not_a_number() -> None:
    roster = copy.deepcopy(ROSTER)
    roster["members"][0]["rank"] = True
    with pytest.raises(PayloadError, match="rank"):
        payloads.GuildRoster.from_json(roster)


@pytest.mark.parametrize("count", [-1, 2**63])
def test_a_number_out_of_range_is_invalid(count: int) -> None:
    for path in ("rank", "level"):
        roster = copy.deepcopy(ROSTER)
        (roster["members"][0] if path == "rank" else roster["members"][0]["character"])[path] = count
        with pytest.raises(PayloadError, match=path):
            payloads.GuildRoster.from_json(roster)


def test_a_new_faction_is_unknown_and_loses_no_member() -> None:
    parsed = payloads.CharacterSummary.from_json(CHARACTER | {"faction": {"type": "LONG_FORGOTTEN"}})
    assert (parsed.name, parsed.faction) == (CHARACTER["name"], "")


def test_a_name_that_cannot_be_stored_is_invalid() -> None:
    with pytest.raises(PayloadError, match="longer"):
        payloads.CharacterSummary.from_json(CHARACTER | {"name": "a" * 65})
