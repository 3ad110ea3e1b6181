"""The timeline in a feed reader, at a private address."""

import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from characters.models import Character
from guilds.models import Guild, Membership, TimelineFeed
from guilds.timeline.feeds import forget_feeds
from tests.guilds.test_timeline import TIMELINE, add_event
from tests.personas import Personas

FEED = f"{TIMELINE}feed/"
ATOM = "{http://www.w3.org/2005/Atom}"


def new_address(personas: Personas, name: str = "Rolf") -> str:
    page = personas.browser(name).post(FEED, follow=True)
    found = re.search(r"shown only this once: https?://[^/]+(/guilds/feeds/[\w-]+/)", page.content.decode())
    assert found
    return found[1]


def titles(address: str) -> list[str]:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    return [
        entry.findtext(f"{ATOM}title") or "" for entry in ElementTree.fromstring(answer.content).iter(f"{ATOM}entry")
    ]


def test_a_feed_reader_sees_the_events_without_signing_in(personas: Personas) -> None:
    add_event(personas, "JOINED", character_name="Anna & Söhne")
    add_event(personas, "RIGHTS_CHANGED", actor=personas["Mara"], details={"what": "grant", "reason": "Secret reason"})
    address = new_address(personas)
    assert sorted(titles(address)) == ["Anna & Söhne joined", "Mara changed permissions"]
    assertNotContains(Client().get(address), "Secret reason")


def test_a_feed_reader_that_asks_again_gets_the_feed_only_if_something_happened(personas: Personas) -> None:
    add_event(personas, "JOINED", character_name="Anna")
    address = new_address(personas)
    first = Client().get(address)
    assert first["Cache-Control"] == "private, no-cache"
    again = {"If-None-Match": first["ETag"]}
    unchanged = Client().get(address, headers=again)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    add_event(personas, "LEFT", character_name="Boris")
    changed = Client().get(address, headers=again)
    assert changed.status_code == 200
    assert "Boris" in changed.content.decode()
    Membership.objects.filter(character__name="Rolfne").delete()
    assert Client().get(address, headers={"If-None-Match": changed["ETag"]}).status_code == 404


def test_the_address_is_shown_once_and_not_stored(personas: Personas) -> None:
    address = new_address(personas)
    token = address.split("/")[-2]
    assertNotContains(personas.browser("Rolf").get(FEED), token)
    assert token not in str(TimelineFeed.objects.values_list()), "the database has a hash only"


def test_a_renewed_address_replaces_the_old_one(personas: Personas) -> None:
    old, new = new_address(personas), new_address(personas)
    assert Client().get(old).status_code == 404
    assert titles(new) == []
    personas.browser("Rolf").post(FEED, {"end": "1"})
    assert Client().get(new).status_code == 404
    assertContains(personas.browser("Rolf").get(FEED), "Make an address")


def test_an_unknown_address_is_not_found(personas: Personas) -> None:
    assert Client().get("/guilds/feeds/wrong/").status_code == 404
    assert personas.browser("Mara").get("/guilds/feeds/wrong/").status_code == 404
    assert Client().post(new_address(personas)).status_code == 405


def test_it_ends_when_its_player_can_no_longer_view_the_guild(personas: Personas) -> None:
    address = new_address(personas)
    assert forget_feeds() == 0
    Membership.objects.filter(character__name="Rolfne").delete()
    assert Client().get(address).status_code == 404
    assert forget_feeds() == 1
    assert new_address(personas, "Otis") != address


def test_it_ends_with_the_link_the_account_and_the_guild(personas: Personas) -> None:
    address = new_address(personas)
    long_ago = timezone.now() - timedelta(days=31)
    rolf, character = User.objects.filter(pk=personas["Rolf"].pk), Character.objects.filter(name="Rolfne")
    changes: list[tuple[QuerySet[Any], dict[str, Any], dict[str, Any]]] = [
        (character, {"owner_confirmed_at": long_ago}, {"owner_confirmed_at": timezone.now()}),
        (rolf, {"is_active": False}, {"is_active": True}),
        (Guild.objects.all(), {"deleted_at": timezone.now()}, {"deleted_at": None}),
    ]
    for rows, change, undo in changes:
        assert titles(address) == []
        rows.update(**change)
        assert Client().get(address).status_code == 404
        rows.update(**undo)
