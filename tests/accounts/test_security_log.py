"""The security log."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import security_log
from accounts.models import BattlenetToken, SecurityEvent, User
from accounts.tasks import clean_security_log
from guilds.deletion import delete_data, restore_data
from guilds.models import Guild, OfficerNote
from guilds.notes.services import delete_note
from permissions import services
from permissions.services import ranks_version
from tests.accounts.oauth_flow import CALLBACK, consent, deny, start_sign_in
from tests.battlenet import Sandbox
from tests.factories import member

pytestmark = pytest.mark.django_db
Event = SecurityEvent.Event
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Return the lines of the logger `guildsite.security`."""
    written: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(record.getMessage())

    listener = Listener()
    security_log.lines.addHandler(listener)
    yield written
    security_log.lines.removeHandler(listener)


@pytest.fixture
def admin(people: Callable[[str], User]) -> User:
    admin = people("Ada")
    admin.is_staff = admin.is_superuser = True
    admin.save()
    return admin


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, BACKEND)
    return browser


def only(event: Event) -> SecurityEvent:
    return SecurityEvent.objects.get(event=event)


def test_signing_in_and_out(
    sign_in: Callable[..., Any],
    client: Client,
    lines: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sign_in("raider")
        client.post("/accounts/logout/")
    raider = User.objects.get()
    for event in (Event.SIGNED_IN, Event.SIGNED_OUT):
        found = only(event)
        assert (found.user, found.actor, found.user_label) == (raider, raider, raider.battletag)
        assert found.address == "127.0.0.1"
    assert [json.loads(line)["event"] for line in lines] == ["signed_in", "signed_out"]


def test_signing_out_of_the_admin(admin: User) -> None:
    browser_of(admin).post("/admin/logout/")
    assert only(Event.SIGNED_OUT).user == admin


def test_each_failed_sign_in_is_recorded_with_its_error(sandbox: Sandbox, client: Client, lines: list[str]) -> None:
    client.get(deny(start_sign_in(client)))
    client.get(CALLBACK, {"state": "invented", "code": "hush"})
    way_back = consent(start_sign_in(client))
    sandbox.fault(path="/token", status=503)
    client.get(way_back)
    failed = SecurityEvent.objects.filter(event=Event.SIGN_IN_FAILED).order_by("created_at")
    assert [one.details for one in failed] == [
        {"problem": "denied"},
        {"problem": "stale"},
        {"problem": "down"},
    ]
    assert {one.address for one in failed} == {"127.0.0.1"}
    assert [json.loads(line)["details"]["problem"] for line in lines] == ["denied", "stale", "down"]


def test_a_sign_in_to_a_closed_account_names_the_user(sign_in: Callable[..., Any], client: Client) -> None:
    sign_in("raider")
    client.post("/accounts/logout/")
    User.objects.update(is_active=False)
    sign_in("raider")
    found = only(Event.SIGN_IN_FAILED)
    assert (found.user, found.details) == (User.objects.get(), {"problem": "inactive"})


def test_too_many_attempts(sandbox: Sandbox, client: Client, settings: Any) -> None:
    settings.SIGN_IN_RATE = "1/5m"
    for _ in range(3):
        client.get(CALLBACK, {"state": "invented", "code": "hush"})
    problems = list(SecurityEvent.objects.order_by("created_at").values_list("details__problem", flat=True))
    assert problems == ["stale", "too_many", "too_many"]


def test_many_failed_sign_ins_do_not_fill_the_table(
    sandbox: Sandbox, client: Client, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security_log, "FAILURES_PER_ADDRESS", 2)
    monkeypatch.setattr(security_log, "FAILURES_PER_HOUR", 5)
    for number in range(10):
        for _ in range(3):
            client.get(CALLBACK, {"state": "invented"}, REMOTE_ADDR=f"192.0.2.{number}")
    stored = SecurityEvent.objects.values_list("address", flat=True)
    assert len(stored) == 5
    assert max(list(stored).count(address) for address in stored) == 2
    assert len(lines) == 30
    SecurityEvent.objects.update(created_at=timezone.now() - timedelta(hours=2))
    client.get(CALLBACK, {"state": "invented"})
    assert len(stored.all()) == 6


def test_the_error_page_is_shown_even_if_the_log_cannot_be_written(
    sandbox: Sandbox, client: Client, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("cannot execute INSERT in a read-only transaction")

    monkeypatch.setattr(SecurityEvent, "save", read_only)
    response = client.get(CALLBACK, {"state": "invented", "code": "hush"})
    assert response.status_code == 400
    assert "This sign-in is no longer valid" in response.content.decode()
    assert len(lines) == 1


def test_making_a_site_admin_by_command(people: Callable[[str], User]) -> None:
    call_command("grant_admin", people("Rolf").battletag)
    found = only(Event.ADMIN_GRANTED)
    assert (found.user, found.actor, found.address, found.details["by"]) == (people("Rolf"), None, None, "command")


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        ({}, {"is_active": "on", "is_staff": "on"}, Event.ADMIN_GRANTED),
        ({}, {"is_active": "on", "is_superuser": "on"}, Event.ADMIN_GRANTED),
        ({"is_staff": True}, {"is_active": "on"}, Event.ADMIN_REVOKED),
        ({}, {}, Event.ACCOUNT_CLOSED),
        ({"is_active": False}, {"is_active": "on"}, Event.ACCOUNT_REOPENED),
    ],
)
def test_changes_of_a_person_in_the_admin(
    people: Callable[[str], User], admin: User, before: dict[str, Any], after: dict[str, str], event: Event
) -> None:
    rolf = people("Rolf")
    User.objects.filter(pk=rolf.pk).update(**before)
    response = browser_of(admin).post(f"/admin/accounts/user/{rolf.pk}/change/", after)
    assert response.status_code == 302
    found = SecurityEvent.objects.get()
    assert (found.event, found.user, found.actor, found.address) == (event, rolf, admin, "127.0.0.1")


def test_saving_a_user_unchanged_records_nothing(people: Callable[[str], User], admin: User) -> None:
    rolf = people("Rolf")
    browser_of(admin).post(f"/admin/accounts/user/{rolf.pk}/change/", {"is_active": "on"})
    assert not SecurityEvent.objects.exists()


def test_changed_permissions_name_the_guild_and_both_users(people: Callable[[str], User], guild: Guild) -> None:
    master, raider = people("Mara"), people("Rolf")
    member(guild, "Lead", rank=0, user=master)
    member(guild, "Rolf", rank=5, user=raider)
    services.give_grant(
        guild=guild,
        actor=master,
        person=raider,
        rights=frozenset({"guilds.read_notes"}),
        reason="Something that somebody typed",
        expires_at=timezone.now() + timedelta(days=1),
    )
    found = only(Event.RIGHTS_CHANGED)
    assert (found.user, found.actor, found.guild_id) == (raider, master, guild.pk)
    assert found.details == {"what": "grant", "rank": None, "before": None, "after": ["guilds.read_notes"]}


def test_a_preview_records_nothing(
    people: Callable[[str], User],
    guild: Guild,
    lines: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    master, others = people("Mara"), guild.permission_sets.get(name="Members")
    member(guild, "Lead", rank=0, user=master)
    address = f"{guild.get_absolute_url()}ranks/sets/{others.pk}/"
    data = {"name": "Members", "rights": ["guilds.refresh"], "version": ranks_version(guild)}
    with django_capture_on_commit_callbacks(execute=True):
        assert browser_of(master).post(address, data).status_code == 200
    assert not SecurityEvent.objects.exists()
    assert lines == []
    with django_capture_on_commit_callbacks(execute=True):
        assert browser_of(master).post(address, {**data, "confirm": "1"}).status_code == 302
    assert only(Event.RIGHTS_CHANGED).address == "127.0.0.1"
    assert json.loads(lines[0])["guild"] == str(guild.pk)


def test_deleting_and_restoring_a_guilds_data(people: Callable[[str], User], admin: User, guild: Guild) -> None:
    delete_data(guild=guild, actor=admin)
    restore_data(guild=guild, actor=admin)
    for event in (Event.GUILD_DATA_DELETED, Event.GUILD_DATA_RESTORED):
        assert (only(event).actor, only(event).guild_id) == (admin, guild.pk)


def test_deleting_a_note(admin: User, guild: Guild) -> None:
    about = member(guild, "Stranger").character
    note = OfficerNote.objects.create(guild=guild, about_character=about, text="Secret")
    delete_note(guild=guild, actor=admin, note=note)
    found = only(Event.NOTES_DELETED)
    assert (found.actor, found.guild_id, found.details) == (admin, guild.pk, {"count": 1})


def test_a_rolled_back_event_is_not_logged(
    people: Callable[[str], User],
    lines: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        security_log.record(Event.DATA_EXPORTED, user=people("Rolf"))
        transaction.set_rollback(True)
    assert not SecurityEvent.objects.exists()
    assert lines == []


def test_no_secret_reaches_the_log(
    sign_in: Callable[..., Any],
    client: Client,
    lines: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sign_in("raider")
        client.get(CALLBACK, {"state": "invented", "code": "a-code-that-is-secret"})
    secrets = [BattlenetToken.objects.get().access_token, client.session.session_key, "a-code-that-is-secret"]
    written = "\n".join([*lines, *(str(row) for row in SecurityEvent.objects.values_list())])
    assert all(secret and secret not in written for secret in secrets)
    assert User.objects.get().battletag not in "\n".join(lines)


def test_long_details_are_shortened(
    lines: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        security_log.record(Event.DATA_EXPORTED, text="é\n" * 5000)
        security_log.record(Event.DATA_EXPORTED, many=list(range(5000)))
    assert all(len(line) < 1000 and "\n" not in line for line in lines)
    assert all(json.loads(line)["event"] == "data_exported" for line in lines)


def test_events_are_kept_for_a_year_and_cannot_be_changed() -> None:
    security_log.record(Event.SIGNED_OUT)
    security_log.record(Event.SIGNED_IN)
    SecurityEvent.objects.filter(event=Event.SIGNED_OUT).update(created_at=timezone.now() - timedelta(days=366))
    clean_security_log()
    left = SecurityEvent.objects.get()
    assert left.event == Event.SIGNED_IN
    with pytest.raises(ValidationError):
        left.save()


def test_a_deleted_user_leaves_no_name_and_no_ip_address(
    people: Callable[[str], User], admin: User, guild: Guild
) -> None:
    rolf = people("Rolf")
    browser_of(rolf).post("/accounts/logout/")
    browser_of(admin).post(f"/admin/accounts/user/{rolf.pk}/change/", {"is_active": "on", "is_staff": "on"})
    security_log.forget(rolf)
    rolf.delete()
    left = list(SecurityEvent.objects.order_by("created_at"))
    assert [(one.user, one.user_label) for one in left] == [(None, "deleted account")] * 2
    assert [(one.actor, one.address) for one in left] == [(None, None), (admin, "127.0.0.1")]
    assert "Rolf" not in str([one.__dict__ for one in left])


def test_signing_out_after_the_account_was_deleted(people: Callable[[str], User]) -> None:
    browser = browser_of(people("Rolf"))
    request = browser.get("/account/").wsgi_request
    User.objects.all().delete()

    logout(request)
    assert not SecurityEvent.objects.exists()


def test_site_admins_can_read_and_filter_but_not_change_the_log(people: Callable[[str], User], admin: User) -> None:
    security_log.record(Event.SIGNED_IN, user=people("Rolf"), actor=people("Rolf"))
    row = SecurityEvent.objects.get()
    browser, address = browser_of(admin), "/admin/accounts/securityevent/"
    page = browser.get(f"{address}?event__exact=signed_in&q=Rolf").content.decode()
    assert "Rolf#" in page
    assert "Rolf#" not in browser.get(f"{address}?event__exact=signed_out").content.decode()
    assert browser.get(f"{address}{row.pk}/change/").status_code == 200
    assert browser.post(f"{address}{row.pk}/change/", {"event": "signed_out"}).status_code == 403
    assert browser.post(f"{address}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert browser.get(f"{address}add/").status_code == 403


def test_officers_cannot_read_the_log(people: Callable[[str], User], guild: Guild) -> None:
    master = people("Mara")
    member(guild, "Lead", rank=0, user=master)
    assert browser_of(master).get("/admin/accounts/securityevent/").status_code == 403
