"""Sessions: listing, ending and expiry."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from pytest_django.asserts import assertContains, assertNotContains

from accounts import tasks
from accounts.devices import network_of
from accounts.models import BrowserSession, SecurityEvent
from tests.accounts.oauth_flow import is_signed_in
from tests.html import text_of

SESSIONS = "/account/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 "
    "Safari/537.36 Edg/138.0.0.0"
)
SignIn = Callable[..., Any]


def browser(user_agent: str = FIREFOX, address: str = "203.0.113.77") -> Client:
    return Client(headers={"user-agent": user_agent}, REMOTE_ADDR=address)


def session_of(client: Client) -> BrowserSession:
    return BrowserSession.objects.get(pk=client.session.session_key)


def let_pass(*, since_sign_in: timedelta = timedelta(), since_use: timedelta) -> None:
    """Move all sign-ins and last uses into the past."""
    for row in BrowserSession.objects.all():
        row.started_at -= since_sign_in + since_use
        row.last_used_at -= since_use
        row.expire_date -= since_use
        row.save()


def test_the_page_lists_each_browser_and_marks_this_one(sign_in: SignIn) -> None:
    here, phone = browser(), browser(PHONE, "2001:db8:77:88::1")
    sign_in("raider", client=here)
    sign_in("raider", client=phone)
    sign_in("officer", client=browser(EDGE, "198.51.100.4"))
    page = here.get(SESSIONS)
    text = text_of(page)
    assert "Firefox on Linux This browser" in text
    assert "Safari on iOS" in text
    assert "Edge" not in text
    assert "203.0.113.0/24" in text
    assert "2001:db8:77::/48" in text
    # Neither the full address nor what would let somebody in.
    assertNotContains(page, "203.0.113.77")
    assertNotContains(page, "2001:db8:77:88")
    assertNotContains(page, str(phone.session.session_key))
    assert page["Cache-Control"] == "private, no-store"


def test_the_full_ip_address_is_not_stored(sign_in: SignIn) -> None:
    here = browser(EDGE)
    sign_in("raider", client=here)
    row = session_of(here)
    assert (row.browser, row.system, row.network) == ("Edge", "Windows", "203.0.113.0/24")
    assert network_of("2001:db8:77:88::1") == "2001:db8:77::/48"
    assert network_of("0.0.0.0") == ""


def test_an_unknown_browser_is_listed_too(sign_in: SignIn) -> None:
    here = browser("curl/8.14.1", "not an address")
    sign_in("raider", client=here)
    assertContains(here.get(SESSIONS), "Unknown browser")
    assertContains(here.get(SESSIONS), "network unknown")


def test_ending_another_session_ends_only_that_one(sign_in: SignIn) -> None:
    here, phone = browser(), browser(PHONE)
    sign_in("raider", client=here)
    sign_in("raider", client=phone)
    response = here.post(f"{SESSIONS}{session_of(phone).public_id}/end/")
    assert response["Location"] == SESSIONS
    assert not is_signed_in(phone)
    assert is_signed_in(here)


def test_ending_this_session_leads_to_the_landing_page(sign_in: SignIn) -> None:
    here, phone = browser(), browser(PHONE)
    sign_in("raider", client=here)
    sign_in("raider", client=phone)
    assert here.post(f"{SESSIONS}{session_of(here).public_id}/end/")["Location"] == "/"
    assert not is_signed_in(here)
    assert is_signed_in(phone)


def test_sessions_of_other_users_cannot_be_ended(sign_in: SignIn) -> None:
    raider, officer = browser(), browser()
    sign_in("raider", client=raider)
    sign_in("officer", client=officer)
    assert officer.post(f"{SESSIONS}{session_of(raider).public_id}/end/").status_code == 404
    assert is_signed_in(raider)


def test_signing_out_everywhere_ends_only_the_users_own_sessions(sign_in: SignIn) -> None:
    here, phone, officer = browser(), browser(PHONE), browser()
    for client, persona in ((here, "raider"), (phone, "raider"), (officer, "officer")):
        sign_in(persona, client=client)
    response = here.post(f"{SESSIONS}end/", follow=True)
    assertContains(response, "You are signed out everywhere.")
    assert (is_signed_in(here), is_signed_in(phone), is_signed_in(officer)) == (False, False, True)


def test_a_concurrent_request_does_not_restore_an_ended_session(sign_in: SignIn) -> None:
    here = browser()
    sign_in("raider", client=here)
    under_way = here.session
    under_way["something"] = "new"
    BrowserSession.objects.all().delete()
    with pytest.raises(UpdateError):
        under_way.save()
    assert not BrowserSession.objects.exists()


def test_a_session_expires_after_seven_days_without_use(sign_in: SignIn) -> None:
    here = browser()
    sign_in("raider", client=here)
    let_pass(since_use=timedelta(days=7, seconds=1))
    assert not is_signed_in(here)


def test_a_session_in_use_expires_after_fourteen_days(sign_in: SignIn) -> None:
    here = browser()
    sign_in("raider", client=here)
    let_pass(since_use=timedelta(days=6))
    assert is_signed_in(here)
    assert session_of(here).last_used_at > timezone.now() - timedelta(minutes=1)
    let_pass(since_use=timedelta(days=6))
    assert is_signed_in(here)
    let_pass(since_use=timedelta(days=2, seconds=1))
    assert not is_signed_in(here)


def test_signing_in_again_starts_another_fourteen_days(sign_in: SignIn) -> None:
    here = browser()
    sign_in("raider", client=here)
    let_pass(since_use=timedelta(days=6))
    sign_in("raider", client=here)
    assert session_of(here).started_at > timezone.now() - timedelta(minutes=1)
    assert session_of(here).expire_date > timezone.now() + timedelta(days=6)


def test_the_last_use_is_saved_every_few_minutes_only(
    sign_in: SignIn, django_assert_num_queries: Callable[..., Any]
) -> None:
    here = browser()
    sign_in("raider", client=here)
    let_pass(since_use=timedelta(minutes=6))
    here.get("/account/")
    noted_at = session_of(here).last_used_at
    here.get("/account/")
    assert session_of(here).last_used_at == noted_at > timezone.now() - timedelta(minutes=1)


@pytest.mark.parametrize("clear", [tasks.clear_expired, lambda: call_command("clearsessions")])
def test_expired_sessions_are_cleared_daily_and_by_hand(sign_in: SignIn, clear: Callable[[], None]) -> None:
    sign_in("raider", client=browser())
    let_pass(since_use=timedelta(days=7, seconds=1))
    sign_in("officer", client=browser())
    clear()
    assert BrowserSession.objects.filter(user__isnull=False).count() == 1
    schedule = PeriodicTask.objects.get(task="accounts.tasks.clear_expired").crontab
    assert (schedule.day_of_week, schedule.day_of_month) == ("*", "*")
    assert schedule.hour.isdecimal()
    assert schedule.minute.isdecimal()


def test_the_session_of_an_unfinished_sign_in_expires_after_a_day(client: Client, sandbox: Any) -> None:
    client.post("/accounts/battlenet/login/")
    row = BrowserSession.objects.get()
    assert row.user is None
    assert row.expire_date <= timezone.now() + timedelta(days=1)
    assert not Session.objects.exists()
    assert settings.SESSION_ENGINE == "accounts.session_store"


def test_ended_sessions_are_in_the_security_log(sign_in: SignIn) -> None:
    here, phone = browser(), browser(PHONE)
    sign_in("raider", client=here)
    sign_in("raider", client=phone)
    here.post(f"{SESSIONS}{session_of(phone).public_id}/end/")
    here.post(f"{SESSIONS}end/")
    ended = SecurityEvent.objects.filter(event=SecurityEvent.Event.SESSIONS_ENDED)
    assert [one.details for one in ended] == [{"sessions": 1}, {"sessions": 1}]
