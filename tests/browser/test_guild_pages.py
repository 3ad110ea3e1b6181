"""Settings and timeline in a real browser: nothing scrolls sideways, and filters swap the events only."""

from typing import Any

import pytest
from django.utils import timezone

from guilds.edit_conflict import version_of
from guilds.models import TimelineEvent
from guilds.settings.services import change_info, info_of
from tests.factories import OVERVIEW
from tests.personas import Personas
from tests.stack import Stack

TIMELINE = f"{OVERVIEW}timeline/"


@pytest.fixture
def master(page: Any, stack: Stack, personas: Personas) -> Personas:
    """Mara is signed in; much has happened, and the guild says a lot about itself."""
    session = personas.browser("Mara").cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": stack.url}])
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


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_scrolls_sideways(page: Any, master: Personas, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    settings = f"{OVERVIEW}settings/"
    for address in (OVERVIEW, TIMELINE, f"{TIMELINE}?kind=INFO_CHANGED", settings, f"{settings}delete/"):
        page.goto(address)
        if page.locator("summary").count():
            page.locator("summary").first.click()
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, address


def test_filters_and_pages_swap_the_events_only(page: Any, master: Personas) -> None:
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
