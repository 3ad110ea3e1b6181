"""Settings and timeline: no page scrolls sideways, and filters replace only the list of events."""

from typing import Any

import pytest
from django.utils import timezone

from guilds.edit_conflict import version_of
from guilds.models import TimelineEvent
from guilds.settings.services import change_info, info_of
from sync.models import BlizzardJob
from tests.browser.journeys import use_session
from tests.browser.layout import assert_fits
from tests.factories import OVERVIEW
from tests.personas import Personas
from tests.stack import Stack

TIMELINE = f"{OVERVIEW}timeline/"


@pytest.fixture
def master(page: Any, stack: Stack, personas: Personas) -> Personas:
    """Mara is signed in. The guild has a long timeline and long texts about itself."""
    use_session(page, stack, personas.browser("Mara"))
    info = {
        "description": "Averylongwordwithoutanyend" * 6,
        "recruiting": "https://example.org/" + "way/" * 60,
        "links": [{"label": "W" * 40, "url": "https://example.org/" + "x" * 200}],
        "visibility": "EVERYBODY",
    }
    change_info(guild=personas.guild, actor=personas["Mara"], info=info, version=version_of(info_of(personas.guild)))
    TimelineEvent.objects.bulk_create(
        TimelineEvent(guild=personas.guild, kind="JOINED", character_name=f"Newcomer{n}", happened_at=timezone.now())
        for n in range(60)
    )
    return personas


def test_no_page_scrolls_sideways(page: Any, master: Personas) -> None:
    settings = f"{OVERVIEW}settings/"
    for address in (OVERVIEW, TIMELINE, f"{TIMELINE}?kind=INFO_CHANGED", settings, f"{settings}delete/"):
        page.goto(address)
        if page.locator("summary").count():
            page.locator("summary").first.click()
        assert_fits(page)


def test_filters_and_pages_replace_only_the_events(page: Any, master: Personas) -> None:
    page.goto(TIMELINE)
    page.evaluate("window.sameDocument = true")
    page.click("#page-next")
    page.wait_for_url("**page=2*")
    page.fill("#id_q", "newcomer5")
    page.wait_for_url(f"**{TIMELINE}?q=newcomer5")
    assert page.inner_text(".result-count").startswith("11 events")
    page.fill("#id_q", "")
    page.select_option("#id_kind", "INFO_CHANGED")
    page.wait_for_url("**kind=INFO_CHANGED")
    assert page.locator(".events li").count() == 1
    assert page.evaluate("window.sameDocument")
    assert "1 event" in page.inner_text("#announcer")


def test_an_open_page_shows_by_itself_that_the_roster_has_been_fetched(page: Any, master: Personas) -> None:
    job = BlizzardJob.objects.filter(guild=master.guild)
    job.update(state="RUNNING")
    page.goto(OVERVIEW)
    page.evaluate("window.sameDocument = true")
    assert "being refreshed" in page.inner_text(".guild-title")
    job.update(state="RESTING")
    page.locator("[data-updates]").wait_for(state="detached")
    assert "being refreshed" not in page.inner_text(".guild-title")
    assert page.inner_text("#announcer") == "Up to date."
    assert page.evaluate("window.sameDocument")
