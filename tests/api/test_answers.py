"""Answers of the API: errors in one shape, ETags, limits, pages and filters."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from guilds.models import TimelineEvent
from tests.api.programs import MANAGE, NIGHT_WATCH, VIEW, error_of, program_of, read
from tests.factories import add_members
from tests.guilds.test_timeline import add_event
from tests.personas import Personas

ROSTER, TIMELINE = f"{NIGHT_WATCH}/roster", f"{NIGHT_WATCH}/timeline"


def all_pages(client: Client, address: str, **query: Any) -> Iterator[list[Any]]:
    """Follow `next` to the end."""
    page = read(client, address, **query)
    yield page["items"]
    while page["next"]:
        page = read(client, page["next"].removeprefix("http://testserver"))
        yield page["items"]


def joined(personas: Personas, name: str, at: datetime) -> None:
    TimelineEvent.objects.create(
        guild=personas.guild, kind=TimelineEvent.Kind.JOINED, character_name=name, happened_at=at
    )


def test_what_was_not_changed_is_not_sent_again(personas: Personas) -> None:
    client = program_of(personas, "Rolf")
    first = client.get(ROSTER)
    assert first["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(first["Vary"].split(", "))
    again = client.get(ROSTER, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    add_members(personas.guild, 1)
    changed = client.get(ROSTER, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_a_browser_stores_nothing(personas: Personas) -> None:
    assert personas.browser("Rolf").get(ROSTER)["Cache-Control"] == "private, no-store"


def test_another_reader_with_other_rights_gets_another_etag(personas: Personas) -> None:
    tags = {program_of(personas, *who).get(ROSTER)["ETag"] for who in [("Rolf",), ("Mara",), ("Mara", VIEW, MANAGE)]}
    assert len(tags) == 3


@pytest.mark.parametrize("address", ["/api/", "/api/v1/nowhere", f"{ROSTER}/", "/api/v1/guilds/eu/nowhere/nothing"])
def test_an_unknown_address_is_an_error_of_the_api(personas: Personas, address: str) -> None:
    assert error_of(program_of(personas, "Mara").get(address)) == (404, "not_found")


def test_a_request_that_cannot_be_read_is_an_error_of_the_api(personas: Personas) -> None:
    assert error_of(program_of(personas, "Mara").get(f"{ROSTER}?q=%00")) == (400, "bad_request")


def test_a_failure_of_the_site_is_an_error_of_the_api(personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("broken")

    client = program_of(personas, "Mara")
    client.raise_request_exception = False
    monkeypatch.setattr("guilds.api.roster.Roster", fail)
    answer = client.get(ROSTER)
    assert error_of(answer) == (500, "internal_server_error")
    assert b"broken" not in answer.content


def test_too_many_requests_with_one_token_are_refused(personas: Personas, settings: Any) -> None:
    settings.API_RATE = "3/h"
    busy, other = program_of(personas, "Rolf"), program_of(personas, "Rolf")
    assert [busy.get(ROSTER).status_code for _ in range(3)] == [200] * 3
    refused = busy.get(ROSTER)
    assert error_of(refused) == (429, "too_many_requests")
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert other.get(ROSTER).status_code == 200


def test_without_redis_nothing_is_limited(personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RedisConnectionError

    client = program_of(personas, "Rolf")
    monkeypatch.setattr("api.limits.get_usage", fail)
    assert client.get(ROSTER).status_code == 200


def test_pages_of_the_roster_have_each_member_once(personas: Personas) -> None:
    add_members(personas.guild, 21)
    client = program_of(personas, "Rolf")
    pages = list(all_pages(client, ROSTER, limit=10, sort="-name"))
    assert [len(page) for page in pages] == [10, 10, 5]
    names = [one["name"] for page in pages for one in page]
    assert len(set(names)) == 25
    assert names == sorted(names, reverse=True)


def test_a_page_begins_after_the_last_member_of_the_one_before(personas: Personas) -> None:
    add_members(personas.guild, 10)
    client = program_of(personas, "Rolf")
    everybody = [one["name"] for one in read(client, ROSTER, sort="name")["items"]]
    first = read(client, ROSTER, limit=5, sort="name")
    # Somebody before it leaves.
    personas.guild.memberships.filter(character=first["items"][1]["character"]).delete()
    rest = read(client, first["next"].removeprefix("http://testserver"))
    assert [one["name"] for one in rest["items"]] == everybody[5:10], "nobody is left out"
    # The last one of the page leaves: then its place counts.
    personas.guild.memberships.filter(character=rest["items"][-1]["character"]).delete()
    end = read(client, rest["next"].removeprefix("http://testserver"))
    assert [one["name"] for one in end["items"]] == everybody[10:]


def test_events_that_happen_meanwhile_move_no_page(personas: Personas) -> None:
    now = timezone.now()
    for number in range(7):
        # Two at the same time each.
        joined(personas, f"Old{number}", now - timedelta(hours=number // 2))
    client = program_of(personas, "Rolf")
    pages = all_pages(client, TIMELINE, limit=3)
    found = next(pages)
    joined(personas, "New", now + timedelta(hours=1))
    found += [one for page in pages for one in page]
    assert {one["character_name"] for one in found} == {f"Old{number}" for number in range(7)}
    assert len(found) == 7
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)


@pytest.mark.parametrize("address", [ROSTER, TIMELINE])
def test_a_cursor_that_we_did_not_give_is_refused(personas: Personas, address: str) -> None:
    client = program_of(personas, "Rolf")
    for cursor in ("x", "WyJhIl0:1abc:def"):
        assert error_of(client.get(address, {"cursor": cursor})) == (400, "bad_request")


def test_filters_are_those_of_the_page(personas: Personas) -> None:
    add_members(personas.guild, 5)
    client = program_of(personas, "Olga", VIEW, MANAGE)
    assert [one["name"] for one in read(client, ROSTER, rank=[0, 1], sort="-name")["items"]] == ["Olgane", "Marane"]
    players = read(client, ROSTER, rows="players", **{"signed-in": "yes"})["items"]
    assert {one["player"] for one in players} == {"Mara", "Olga", "Otis", "Rolf"}
    add_event(personas, "LEFT", character_name="Gone")
    add_event(personas, "PROMOTED", character_name="Here", details={"after": 1})
    events = read(client, TIMELINE, kind="PROMOTED", period="week")["items"]
    assert [one["text"] for one in events] == ["Here was promoted to Officer"]


@pytest.mark.parametrize(
    ("address", "query"),
    [
        (ROSTER, {"rnk": "1"}),
        (ROSTER, {"rank": "officer"}),
        (ROSTER, {"sort": "beauty"}),
        (ROSTER, {"level-from": "high"}),
        (ROSTER, {"note": "yes"}),
        (ROSTER, {"limit": "0"}),
        (TIMELINE, {"kind": "EXPLODED"}),
        (TIMELINE, {"since": "yesterday"}),
        (TIMELINE, {"players": "x"}),
    ],
)
def test_a_filter_that_would_be_ignored_is_refused(personas: Personas, address: str, query: dict[str, str]) -> None:
    answer = program_of(personas, "Rolf").get(address, query)
    assert error_of(answer) == (400, "bad_request")
    assert answer.json()["detail"].startswith(f"{next(iter(query))}: ")


def test_days_are_days_in_utc_whoever_asks(personas: Personas) -> None:
    joined(personas, "Early", datetime(2026, 3, 2, 1, tzinfo=UTC))
    rolf = personas["Rolf"]
    rolf.time_zone = "America/Los_Angeles"
    rolf.save()
    for client in (program_of(personas, "Rolf"), personas.browser("Rolf")):
        assert len(read(client, TIMELINE, since="2026-03-02", until="2026-03-02")["items"]) == 1
