"""Hostile values in otherwise good answers: names, numbers, times, lists and tokens."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests

from sync.blizzard import game_data, payloads
from sync.blizzard.client import _token_and_lifetime
from sync.engine.errors import PayloadError
from sync.engine.http import _last_modified, if_modified_since
from tests.sync.documents import CHARACTER, GUILD, GUILD_PROFILE, REALM, ROSTER, Json

INVISIBLE = {
    "a NUL": "Nesta\x00beth",
    "a line break": "Nesta\nbeth",
    "an escape sequence": "\x1b[31mNesta",
    "an override of the direction": "\u202egnp.exe",
    "an isolate without its end": "a\u2066b",
    "a right-to-left mark": "Nesta\u200f",
    "a zero-width space": "Nesta\u200bbeth",
    "a byte order mark": "\ufeffNesta",
    "a no-break space": "Nesta\u00a0beth",
    "half of a pair": "Nesta\ud800",
    "a letter of private use": "Nesta\ue000",
    "stacked marks": "Ne\u0301\u0301\u0301sta",
    "10,000 letters": "A" * 10_000,
    "64 letters that are 128 in lower case": "\u0130" * 64,
    "a slash": "../../admin",
    "dots": "..",
    "nothing": " ",
}


@pytest.mark.parametrize("name", INVISIBLE.values(), ids=INVISIBLE)
def test_a_name_that_a_page_cannot_show_is_refused(name: str) -> None:
    for parse, document in (
        (payloads.CharacterSummary.from_json, CHARACTER | {"name": name}),
        (payloads.CharacterSummary.from_json, CHARACTER | {"realm": REALM | {"slug": name}}),
        (payloads.GuildProfile.from_json, GUILD_PROFILE | {"name": name}),
        (payloads.GuildRoster.from_json, ROSTER | {"guild": GUILD | {"name": name}}),
    ):
        with pytest.raises(PayloadError):
            parse(document)


@pytest.mark.parametrize(
    "name", ["Jörunn", "Дубовик", "검은날개", "بدر", "D'artagnan-x", "<b>Nesta", "=1+1", "Zoe\u0308"]
)
def test_a_name_of_visible_characters_is_kept_as_it_is(name: str) -> None:
    assert payloads.CharacterSummary.from_json(CHARACTER | {"name": name}).name == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Aggra\u00a0(Português)", "Aggra (Português)"), ("Tarn\u202eHollow", ""), ("A" * 10_000, ""), ("a\x00b", "")],
)
def test_a_translation_that_a_page_cannot_show_is_empty(name: str, shown: str) -> None:
    assert game_data.NamedId.from_json({"id": 1, "name": name}).name == shown


@pytest.mark.parametrize("moment", [4_102_444_800_001, 253_402_300_799_999, 2**63 - 1, 2**63, -1, 1.5, 1e300])
def test_a_time_that_not_every_page_can_show_is_refused(moment: float) -> None:
    with pytest.raises(PayloadError, match="last_login_timestamp"):
        payloads.CharacterSummary.from_json(CHARACTER | {"last_login_timestamp": moment})


@pytest.mark.parametrize("value", ["red", -1, 256, 1.5, [], {}, 10**400, "\x00"])
def test_a_color_of_a_crest_is_a_number_that_colors_have(value: Any) -> None:
    document = copy.deepcopy(GUILD_PROFILE)
    document["crest"]["emblem"]["color"]["rgba"]["r"] = value
    with pytest.raises(PayloadError, match="r is not"):
        payloads.GuildProfile.from_json(document)


def test_a_faction_that_no_column_can_hold_is_unknown() -> None:
    race = game_data.Race.from_json({"id": 1, "name": "Human", "faction": {"type": "LONG_FORGOTTEN"}})
    assert race.faction == ""


@pytest.mark.parametrize("number", ["-5", "1_000", "٣", "99999999999", "9" * 4_000, "", "1.5"])
def test_a_link_without_a_possible_id_is_refused(number: str) -> None:
    with pytest.raises(PayloadError):
        game_data.connected_realm_ids({"connected_realms": [{"href": f"https://h/connected-realm/{number}"}]})


@pytest.mark.parametrize(
    ("parse", "document", "most"),
    [
        (payloads.GuildRoster.from_json, ROSTER | {"members": [ROSTER["members"][0]] * 50_000}, "5000"),
        (payloads.GuildRoster.from_json, ROSTER | {"members": [None] * 50_000}, "5000"),
        (game_data.realm_index, {"realms": [REALM] * 50_000}, "10000"),
    ],
    ids=["members", "malformed members", "realms"],
)
def test_a_list_of_50_000_is_refused_before_it_is_read(
    parse: Callable[[Json], object], document: Json, most: str
) -> None:
    with pytest.raises(PayloadError, match=f"50000 entries, more than {most}"):
        parse(document)


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": "a" * 10_000, "expires_in": 1},
        {"access_token": "a\r\nX-Injected: 1", "expires_in": 1},
        {"access_token": "ü", "expires_in": 1},
        {"access_token": "", "expires_in": 1},
        {"access_token": ["a"], "expires_in": 1},
        {"access_token": "a", "expires_in": 10**400},
        {"access_token": "a", "expires_in": float("inf")},
        {"access_token": "a", "expires_in": -1},
        {"access_token": "a"},
        {},
    ],
)
def test_a_token_that_cannot_be_sent_is_refused(answer: Json) -> None:
    with pytest.raises(PayloadError):
        _token_and_lifetime(answer)


@pytest.mark.parametrize(
    "header",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -0100",
        "Mon, 01 Jan 2026 00:00:00 +999999999999",
        pytest.param(format_datetime(datetime.now(UTC) + timedelta(days=60)), id="in 60 days"),
        "yesterday",
        "\xff" * 1_000,
    ],
)
def test_a_document_from_an_impossible_time_has_no_time(header: str) -> None:
    """With one from the future, "not modified since" would be true for ever, and nobody would ever leave a guild."""
    response = requests.Response()
    response.headers["Last-Modified"] = header
    assert if_modified_since(_last_modified(response)) == {}
