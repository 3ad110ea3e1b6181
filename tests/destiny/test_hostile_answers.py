"""Mutated and hostile answers of Bungie about people: applied or refused, and never half written."""

import copy
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from destiny.models import BungieAccount, DestinyMembership
from sync.bungie.fields import hash_of, moment
from sync.bungie.payloads import Card, LinkedProfile, LinkedProfiles, Memberships, Tokens
from sync.destiny.jobs import BungieJob
from sync.engine.errors import PayloadError
from tests.battlenet import Sandbox
from tests.destiny.people import Connected, Run
from tests.sync.test_bungie_client import NEW_TOKENS, PERSON
from tests.sync.test_hostile_values import INVISIBLE
from tests.sync.test_mutated_answers import OURS, report

CARD = PERSON["destinyMemberships"][0]  # type: ignore[index]


def contents() -> list[Any]:
    return [list(table._default_manager.order_by("pk").values_list()) for table in (BungieAccount, DestinyMembership)]


def test_mutated_memberships_are_applied_or_refused(connected: Connected, run: Run, sandbox: Sandbox) -> None:
    account = connected("officer")
    run(account, BungieJob.Kind.MEMBERSHIPS)
    before, outcomes = contents(), Counter[str]()
    sandbox.fault(path="/Platform/", body="mutated")
    for _ in range(60):
        with transaction.atomic():
            error = run(account, BungieJob.Kind.MEMBERSHIPS).error_kind
            assert error not in OURS
            if error:
                assert contents() == before
            outcomes[error or "applied"] += 1
            transaction.set_rollback(True)
    report("memberships", outcomes)


@pytest.mark.parametrize("name", INVISIBLE.values(), ids=INVISIBLE)
def test_a_name_that_a_page_cannot_show_is_empty(name: str) -> None:
    card = Card.from_json({**CARD, "displayName": name, "bungieGlobalDisplayName": name})
    assert all(one.isprintable() and len(one) <= 80 for one in (card.name, card.platform_name))
    assert "\u202e" not in card.name


@pytest.mark.parametrize(
    "value", [None, "", "-1", "1.5", "1e3", "٣", " 7", str(2**63), -1, 1.5, True, [], {}, "9" * 400]
)
def test_an_id_is_a_64_bit_number(value: Any) -> None:
    with pytest.raises(PayloadError, match="membershipId"):
        Card.from_json({**CARD, "membershipId": value})


@pytest.mark.parametrize("value", [-1, 2**32, 1.5, "7", True, None])
def test_a_hash_is_unsigned(value: Any) -> None:
    with pytest.raises(PayloadError):
        hash_of({"hash": value}, "hash")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-29T17:00:00Z", datetime(2026, 6, 29, 17, tzinfo=UTC)),
        ("2022-11-26T02:50:31.7921234Z", datetime(2022, 11, 26, 2, 50, 31, 792123, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59.999Z", None),
        (None, None),
    ],
)
def test_never_is_no_time(text: str | None, expected: datetime | None) -> None:
    assert moment({"at": text}, "at") == expected


@pytest.mark.parametrize("text", ["yesterday", "", 5, "2026-13-01T00:00:00Z", "0" * 500])
def test_another_time_is_refused(text: Any) -> None:
    with pytest.raises(PayloadError):
        moment({"at": text}, "at")


def test_lists_that_nobody_can_have_are_refused() -> None:
    person = copy.deepcopy(PERSON)
    for many in ([CARD] * 21, [None] * 50_000):
        with pytest.raises(PayloadError):
            Memberships.from_json({**person, "destinyMemberships": many})
        with pytest.raises(PayloadError):
            LinkedProfiles.from_json({"profiles": many})
    assert LinkedProfile.from_json(CARD).last_played_at is None


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": "a\r\nX-Header: b"},
        {"access_token": "a" * 5_000},
        {"refresh_token": "é"},
        {"expires_in": -1},
        {"expires_in": 2**70},
        {"refresh_expires_in": "90 days"},
        {"membership_id": "me"},
    ],
)
def test_tokens_that_cannot_be_sent_or_stored_are_refused(change: Any) -> None:
    with pytest.raises(PayloadError):
        Tokens.from_json({**NEW_TOKENS, **change})
