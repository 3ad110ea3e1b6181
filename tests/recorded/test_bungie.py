"""Recorded answers of Bungie pass through the client into the tables; recorded errors are what they should be."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from destiny.accounts import connect, current_membership
from sync.bungie.client import BungieClient
from sync.bungie.errors import ActionRefused, ConnectAgain, InvalidRequest
from sync.bungie.payloads import Memberships
from sync.destiny import memberships
from sync.destiny.jobs import BungieJob, open_account_jobs
from sync.destiny.provider import bungie
from sync.engine.errors import (
    ApiError,
    ApplicationRefused,
    NotFound,
    Postponed,
    TokenExpired,
    Unavailable,
)
from sync.engine.rate_limiter import Lane
from sync.engine.transitions import attempt
from tests.bungie_server import Bungie, bungie_server, envelope
from tests.request_state import forget_requests

# What each recorded code is to us; 1 is a success, and 217 means that Bungie knows no such account.
ERRORS: dict[int, type[ApiError]] = {
    3: InvalidRequest,
    5: Unavailable,
    18: InvalidRequest,
    30: InvalidRequest,
    36: Postponed,
    99: TokenExpired,
    217: NotFound,
    1618: Unavailable,
    1623: NotFound,
    1627: NotFound,
    1642: ActionRefused,
    1643: Unavailable,
    1663: ActionRefused,
    1678: ActionRefused,
    2102: ApplicationRefused,
    2107: ApplicationRefused,
}


@pytest.fixture
def api(samples: Path) -> Iterator[Bungie]:
    person = json.loads((samples / "hakke-memberships-2023-06-12.json").read_text())
    with bungie_server(envelope(person)) as server:
        yield server


@pytest.fixture
def client(api: Bungie, db: None, settings: Any) -> BungieClient:
    settings.BUNGIE_URL = api.url
    forget_requests()
    provider = bungie()
    assert provider is not None
    return provider.client(Lane.INTERACTIVE)


def test_memberships_and_linked_profiles_are_stored_as_recorded(
    client: BungieClient, api: Bungie, samples: Path
) -> None:
    recorded = json.loads((samples / "hakke-memberships-2023-06-12.json").read_text())
    private = json.loads((samples / "linkedprofiles-private-2021-08-28.json").read_text())
    account = connect(
        user=User.objects.create_user(None, "Harrow#0001"),
        bungie_id=int(recorded["bungieNetUser"]["membershipId"]),
        name="",
        access_token="access",
        refresh_token="refresh",
        expires_at=timezone.now() + timedelta(hours=1),
        refresh_expires_at=None,
    )
    api.answers = [(200, envelope(recorded)), (200, json.dumps(private).encode())]
    fetched = memberships.fetch(account, client)
    with attempt(open_account_jobs(account).filter(kind=BungieJob.Kind.MEMBERSHIPS)) as claim:
        memberships.apply(account.pk, fetched, claim)
    account.refresh_from_db()
    rows = list(account.memberships.all())
    assert {(one.membership_type, str(one.membership_id), one.cross_save_override) for one in rows} == {
        (one["membershipType"], one["membershipId"], one["crossSaveOverride"]) for one in recorded["destinyMemberships"]
    }
    assert {one.name for one in rows} == {account.name} == {"HarrowLantern#4817"}
    current = current_membership(account, rows)
    assert current is not None
    assert str(current.membership_id) == recorded["primaryMembershipId"]


def test_linked_profiles_of_2025_have_errors_that_are_no_accounts(
    client: BungieClient, api: Bungie, samples: Path
) -> None:
    recorded = json.loads((samples / "dim-linkedaccounts-2025-07-15.json").read_text())
    api.answers = [(200, envelope(recorded))]
    found = client.linked_profiles(254, 1, token="token", person="ada")
    assert {str(one.card.membership_id) for one in found.profiles} == {
        one["membershipId"] for one in recorded["profiles"]
    }
    assert len(found.unread_ids) == len(recorded["profilesWithErrors"]) == 4
    assert all(one.last_played_at is not None for one in found.profiles)


def test_a_name_that_two_cards_share_is_read_twice(samples: Path) -> None:
    recorded = json.loads((samples / "search-destiny-player-2021-10-01.json").read_text())["Response"]
    person = {"membershipId": "1", "displayName": "x"}
    found = Memberships.from_json({"destinyMemberships": recorded, "bungieNetUser": person})
    assert [one.cross_save_override for one in found.cards] == [0, 0]


def test_recorded_errors_are_what_they_are(client: BungieClient, api: Bungie, samples: Path) -> None:
    seen = set()
    for one in json.loads((samples / "error-envelopes.json").read_text()):
        code = one["body"].get("ErrorCode")
        if code not in ERRORS:
            continue
        seen.add(code)
        for status in {one["http"] or 200, 200, 500}:
            api.answers = [(status, json.dumps(one["body"]).encode())]
            with pytest.raises(ApiError) as raised:
                client.memberships(token="token", person=f"{len(seen)} {status}")
            assert isinstance(raised.value, ERRORS[code]), one["endpoint"]
            forget_requests()
    assert seen == set(ERRORS)


def test_recorded_answers_of_the_token_endpoint(client: BungieClient, api: Bungie, samples: Path) -> None:
    outcomes: list[object] = []
    for one in json.loads((samples / "token-endpoint.json").read_text()):
        api.answers = [
            (one["http"] or (200 if "access_token" in one["body"] else 400), json.dumps(one["body"]).encode())
        ]
        try:
            outcomes.append(client.refreshed_tokens("old", person="ada").bungie_id)
        except ApiError as error:
            outcomes.append(type(error))
    assert outcomes == [20000301, ApplicationRefused, ConnectAgain, ApplicationRefused]
