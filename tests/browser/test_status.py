"""The status page of the admin, while something stops working."""

from typing import Any

from playwright.sync_api import expect

from accounts.services import grant_admin
from sync.models import BlizzardJob, Heartbeat
from tests.browser.journeys import sign_in_unseen, wait_for_characters
from tests.stack import Stack, wait_until
from tests.sync.heartbeats import heartbeat


def test_the_page_turns_red_and_keeps_the_focus(page: Any, stack: Stack) -> None:
    sign_in_unseen(page, "social")
    page.goto("/characters/")
    wait_for_characters(page)
    grant_admin(battletag="Pebblecup#11902")
    wait_until(lambda: Heartbeat.objects.filter(kind="worker").exists())
    heartbeat("beat@engine", kind="beat")
    BlizzardJob.objects.update(state="FAILED", error_kind="unavailable")
    page.clock.install()
    page.goto("/admin/status/")
    expect(page.get_by_text("beat: no heartbeat")).to_have_count(0)
    page.locator("#failed-1-1").focus()
    heartbeat("beat@engine", kind="beat", ago=100)
    page.clock.fast_forward("00:10")
    expect(page.locator(".problems")).to_contain_text("beat: no heartbeat for 1 minute")
    expect(page.locator("#announcer")).to_contain_text("beat: no heartbeat for 1 minute")
    expect(page.locator("#failed-1-1")).to_be_focused()
