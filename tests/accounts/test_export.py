"""Exporting one's data."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django.asserts import assertContains, assertNotContains

from accounts import data_requests, tasks
from accounts.models import DataExport, SecurityEvent
from tests.accounts import full_account
from tests.personas import Personas

EXPORT = "/account/export/"
State = SecurityEvent.Event


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat every export as too large for the request."""
    monkeypatch.setattr(data_requests, "MAX_IMMEDIATE_ROWS", 0)


def file_of(response: Any) -> Any:
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="guildsite-')
    assert response["Cache-Control"] == "private, no-store"
    return json.loads(response.content)


def test_a_small_export_downloads_immediately_and_is_not_stored(personas: Personas) -> None:
    rolf = full_account.fill_account(personas)
    browser = personas.browser("Rolf")
    assertContains(browser.get(EXPORT), "Export your data")
    export = file_of(browser.post(EXPORT))
    assert export["person"]["battletag"] == rolf.battletag
    assert export["person"]["battlenet_id"] == rolf.battlenet_id
    assert export["person"]["groups"] == ["Testers"]
    assert not DataExport.objects.exists()
    assert SecurityEvent.objects.filter(event=State.DATA_EXPORTED, user=rolf).count() == 1


def test_it_contains_all_data_of_the_user(personas: Personas) -> None:
    full_account.fill_account(personas)
    export = file_of(personas.browser("Rolf").post(EXPORT))
    assert {one["name"] for one in export["characters"]} == {"Rolfne", "Altrolf", "Bankrolf"}
    assert export["characters"][0]["link"]["wow_account_id"] == 77_001_122
    assert export["characters"][0]["link"]["confirmed_at"] is not None
    assert {one["character"]: one["is_main"] for one in export["memberships"]} == {"Rolfne": False, "Altrolf": True}
    assert [one["reason"] for one in export["grants"]] == [full_account.REASON]
    assert [one["text"] for one in export["notes_written"]] == [full_account.BY_ROLF]
    assert [one["character"] for one in export["todo_items"]] == ["Olgane"]
    assert {one["reason"] for one in export["leaves"]} == {
        full_account.OWN_LEAVE,
        full_account.LEAVE_NOTED_ABOUT_ROLF,
    }
    assert [one["reason"] for one in export["leaves_noted"]] == [full_account.LEAVE_NOTED_BY_ROLF]
    assert {"LINKED", "JOINED", "MAIN_CHOSEN", "RIGHTS_CHANGED"} == {one["kind"] for one in export["timeline"]}
    assert len(export["sessions"]) == 1
    assert "signed_in" in {one["event"] for one in export["security_log"] if one["by_you"]}
    assert len(export["account_sync"]) == 1
    assert [(one["name"], one["permissions"]) for one in export["api_tokens"]] == [
        (full_account.TOKEN, ["guilds.view"])
    ]
    assert "token_hash" not in export["api_tokens"][0]


def test_it_contains_no_secrets_and_no_data_of_others(personas: Personas) -> None:
    full_account.fill_account(personas)
    browser = personas.browser("Rolf")
    text = browser.post(EXPORT).content.decode()
    # What officers wrote about a person is for officers.
    for secret in (
        "secret",
        str(browser.session.session_key),
        full_account.ABOUT_ROLF,
        full_account.ABOUT_ROLFNE,
        "Mara#",
    ):
        assert secret not in text
    theirs = file_of(personas.browser("Nils").post(EXPORT))
    assert theirs["characters"] == theirs["timeline"] == theirs["grants"] == []


def test_it_needs_a_recent_sign_in(personas: Personas) -> None:
    browser = personas.browser("Rolf", is_recently_authenticated=False)
    assertContains(browser.get(EXPORT), "Sign in again first")
    response = browser.post(EXPORT)
    assertContains(response, "Sign in again first", status_code=403)
    assert response["Cache-Control"] == "private, no-store"
    assert not SecurityEvent.objects.filter(event=State.DATA_EXPORTED).exists()


def test_a_get_exports_nothing(personas: Personas) -> None:
    personas.browser("Rolf").get(EXPORT)
    assert not SecurityEvent.objects.filter(event=State.DATA_EXPORTED).exists()


def test_a_large_export_is_prepared_by_a_worker(personas: Personas, large: None) -> None:
    rolf = full_account.fill_account(personas)
    browser = personas.browser("Rolf")
    assert browser.post(EXPORT)["Location"] == EXPORT
    assertContains(browser.get(EXPORT), "Your export is being prepared")
    made = DataExport.objects.get(user=rolf)
    assert browser.get(f"{EXPORT}{made.pk}/").status_code == 404

    tasks.make_export(str(made.pk))
    assertContains(browser.get(EXPORT), f'href="{EXPORT}{made.pk}/"')
    assert file_of(browser.get(f"{EXPORT}{made.pk}/"))["person"]["battletag"] == rolf.battletag
    assert SecurityEvent.objects.filter(event=State.DATA_EXPORTED, user=rolf).count() == 1


def test_only_its_user_can_download_it_after_a_recent_sign_in(personas: Personas, large: None) -> None:
    rolf = full_account.fill_account(personas)
    personas.browser("Rolf").post(EXPORT)
    made = DataExport.objects.get(user=rolf)
    tasks.make_export(str(made.pk))
    for other in ("Mara", "Nils"):
        assert personas.browser(other).get(f"{EXPORT}{made.pk}/").status_code == 404
    later = personas.browser("Rolf", is_recently_authenticated=False).get(f"{EXPORT}{made.pk}/")
    assert later["Location"] == EXPORT
    assert personas.browser("").get(f"{EXPORT}{made.pk}/")["Location"].startswith("/accounts/login/")


def test_it_expires_after_a_day(personas: Personas, large: None) -> None:
    rolf = full_account.fill_account(personas)
    browser = personas.browser("Rolf")
    browser.post(EXPORT)
    made = DataExport.objects.get(user=rolf)
    tasks.make_export(str(made.pk))
    DataExport.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert browser.get(f"{EXPORT}{made.pk}/").status_code == 404
    assertNotContains(browser.get(EXPORT), "Download")
    tasks.clear_expired()
    assert not DataExport.objects.exists()


def test_an_overdue_export_can_be_requested_again(personas: Personas, large: None) -> None:
    browser = personas.browser("Rolf")
    browser.post(EXPORT)
    DataExport.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assertContains(browser.get(EXPORT), "Your export failed")
    browser.post(EXPORT)
    assertContains(browser.get(EXPORT), "Your export is being prepared")
    assert DataExport.objects.count() == 1


def test_without_redis_there_is_an_error_message(
    personas: Personas, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("celery.Celery.send_task", fail)
    assertContains(personas.browser("Rolf").post(EXPORT, follow=True), "The export could not be started.")
    assert not DataExport.objects.exists()


def test_the_export_of_a_deleted_user_is_skipped(personas: Personas, large: None) -> None:
    personas.browser("Rolf").post(EXPORT)
    made = DataExport.objects.get()
    DataExport.objects.all().delete()
    tasks.make_export(str(made.pk))
    assert not DataExport.objects.exists()
