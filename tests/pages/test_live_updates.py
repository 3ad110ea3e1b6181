"""Pages with data under way update themselves: a marker while there is something to wait for, and a cheap address."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from sync.models import BlizzardJob
from tests.factories import OVERVIEW, ROSTER, make_job
from tests.guilds.test_member_page import page_of
from tests.personas import Personas

MARKER = re.compile(r'data-updates="([^"]+)" data-version="([^"]+)"')


def marker(browser: Client, page: str) -> tuple[str, str]:
    """Return the address that the page asks, and the version that it shows."""
    found = MARKER.search(browser.get(page).content.decode())
    assert found, page
    return found[1], found[2]


def start_fetching(personas: Personas) -> None:
    """A worker fetches the roster."""
    BlizzardJob.objects.filter(guild=personas.guild).update(state="RUNNING")


@pytest.mark.parametrize("page", [OVERVIEW, ROSTER, "/guilds/"])
def test_pages_of_a_guild_whose_roster_is_being_fetched_ask_until_it_is_there(personas: Personas, page: str) -> None:
    browser = personas.browser("Rolf")
    start_fetching(personas)
    address, version = marker(browser, page)
    assert browser.get(address).json() == {"busy": True, "version": version}
    BlizzardJob.objects.filter(guild=personas.guild).update(state="RESTING")
    after = browser.get(address).json()
    assert after["busy"] is False
    assert after["version"] != version
    assertNotContains(browser.get(page), "data-updates")


def test_a_members_page_asks_for_the_profile(personas: Personas) -> None:
    browser, page = personas.browser("Rolf"), page_of("Rolfne")
    assertNotContains(browser.get(page), "data-updates")
    make_job(personas["Rolf"].characters.get(), "DUE")
    address, version = marker(browser, page)
    assert browser.get(address).json()["version"] == version
    assertContains(browser.get(page), "<noscript><a href")


def test_home_after_a_sign_in_asks_for_the_players_own_data(personas: Personas) -> None:
    browser, rolf = personas.browser("Rolf"), personas["Rolf"]
    make_job(rolf.characters.get(), "DUE")
    assertNotContains(browser.get("/home/"), "data-updates")
    job = make_job(rolf, "DUE", priority=BlizzardJob.Priority.INTERACTIVE)
    assertContains(browser.get("/home/"), "Your characters and guilds are being fetched.")
    address, _ = marker(browser, "/home/")
    assert browser.get(address).json()["busy"] is True
    BlizzardJob.objects.filter(pk=job.pk).update(tries=3)
    assert browser.get(address).json()["busy"] is False, "a retry takes too long to wait for"


def test_asking_again_costs_one_statement_and_no_body(personas: Personas) -> None:
    start_fetching(personas)
    address, _ = marker(personas.browser("Rolf"), ROSTER)
    visitor = Client()
    etag = visitor.get(address)["ETag"]
    with CaptureQueriesContext(connection) as sent:
        again = visitor.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, len(sent)) == (304, b"", 1)


def test_an_address_that_the_site_did_not_sign_is_unknown(personas: Personas) -> None:
    start_fetching(personas)
    address, _ = marker(personas.browser("Rolf"), ROSTER)
    for other in (address[:-1] + ("A" if address[-1] != "A" else "B"), "/updates/unknown"):
        assert Client().get(other).status_code == 404
