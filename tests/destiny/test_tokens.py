"""Tokens of Bungie accounts: refreshed once, kept during outages, given up only when Bungie says so."""

import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as site
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.key_rotation import rotate_tokens
from destiny.models import BungieAccount
from sync.bungie.client import BungieClient
from sync.bungie.errors import ConnectAgain
from sync.destiny import receivers, tokens
from sync.destiny.jobs import BungieJob
from sync.destiny.kinds import idle_tokens, tokens_in_use
from sync.destiny.tokens import TokenBusy, fresh_token, with_token
from sync.engine.errors import ApplicationRefused, BadPayload, TokenExpired, Unavailable
from tests.battlenet import Sandbox
from tests.destiny.people import Connected, Run
from tests.stack import wait_until

TOKEN_PATH = "/Platform/App/OAuth/token/"
HOUR = 3600


def make_old(account: BungieAccount, **columns: Any) -> BungieAccount:
    """Let the access token expire now, as far as we know."""
    BungieAccount.objects.filter(pk=account.pk).update(**{"expires_at": timezone.now()} | columns)
    return again(account)


def again(account: BungieAccount) -> BungieAccount:
    return BungieAccount.objects.get(pk=account.pk)


def works(account: BungieAccount, api: BungieClient) -> bool:
    """Return whether Bungie accepts the stored access token."""
    return api.memberships(token=again(account).access_token, person="test").bungie_id == account.bungie_id


def test_a_good_token_is_not_refreshed(connected: Connected, api: BungieClient, sandbox: Sandbox) -> None:
    account = connected("raider")
    assert fresh_token(account.pk, api) == account.access_token
    assert again(account).refresh_token == account.refresh_token


def test_an_expired_token_is_refreshed_and_the_refresh_token_rotates(connected: Connected, api: BungieClient) -> None:
    account = make_old(connected("raider"))
    token = fresh_token(account.pk, api)
    now = again(account)
    assert token == now.access_token != account.access_token
    assert now.refresh_token != account.refresh_token
    assert now.has_fresh_token
    assert works(account, api)
    assert now.refresh_expires_at is not None
    assert now.refresh_expires_at > timezone.now() + timedelta(days=89)
    assert now.authorized_at == account.authorized_at, "the year begins when the player agrees, not at a refresh"
    make_old(account)
    fresh_token(account.pk, api)
    assert works(account, api)


def test_a_token_that_bungie_refuses_is_refreshed_once(
    connected: Connected, api: BungieClient, sandbox: Sandbox
) -> None:
    account = connected("raider")
    sandbox.bungie("tokens/expire", persona="raider")

    def ask(token: str) -> int:
        return api.memberships(token=token, person=str(account.pk)).bungie_id

    assert with_token(account.pk, api, ask) == account.bungie_id
    sandbox.fault(path="/Platform/User/", code=99)
    with pytest.raises(TokenExpired):
        with_token(account.pk, api, ask)
    assert again(account).refresh_token is not None


@pytest.mark.parametrize("end", ["revoke", "forget"])
def test_revoked_tokens_are_deleted_and_the_player_is_asked_to_connect_again(
    connected: Connected, api: BungieClient, sandbox: Sandbox, run: Run, end: str
) -> None:
    account = make_old(connected("wanderer"))
    sandbox.bungie(f"tokens/{end}", persona="wanderer")
    job = run(account, BungieJob.Kind.MEMBERSHIPS)
    assert (job.state, job.error_kind) == (BungieJob.State.RESTING, "connect_again"), "no failure of the site"
    now = again(account)
    assert (now.access_token, now.refresh_token, now.is_connected) == (None, None, False)
    assert now.lost_tokens_at is not None
    with pytest.raises(ConnectAgain):
        fresh_token(account.pk, api)
    page = Client()
    page.force_login(now.user, "allauth.account.auth_backends.AuthenticationBackend")
    assertContains(page.get("/account/bungie/"), "Connect the account again")


@pytest.mark.parametrize("form", ["json", "html", "html_200"])
def test_maintenance_keeps_the_tokens(connected: Connected, api: BungieClient, sandbox: Sandbox, form: str) -> None:
    account = make_old(connected("raider"))
    sandbox.bungie("maintenance", form=form)
    with pytest.raises(Unavailable):
        fresh_token(account.pk, api)
    sandbox.bungie("maintenance")
    now = again(account)
    assert (now.refresh_token, now.refresh_claim) == (account.refresh_token, None)
    assert fresh_token(account.pk, api) == again(account).access_token


def test_a_wrong_secret_of_ours_keeps_the_tokens(
    connected: Connected, api: BungieClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_old(connected("raider"))
    with monkeypatch.context() as patch:
        patch.setattr(api, "_credentials", type(api._credentials)("40001", "wrong", "wrong"))
        with pytest.raises(ApplicationRefused):
            fresh_token(account.pk, api)
    assert again(account).refresh_token == account.refresh_token
    fresh_token(account.pk, api)
    assert works(account, api)


def test_an_answer_that_cannot_be_read_is_tried_again(
    connected: Connected, api: BungieClient, sandbox: Sandbox
) -> None:
    account = make_old(connected("raider"))
    sandbox.fault(path=TOKEN_PATH, body="html", times=1)
    with pytest.raises((BadPayload, Unavailable)):
        fresh_token(account.pk, api)
    assert again(account).refresh_token == account.refresh_token


def test_after_a_year_or_ninety_days_only_the_player_can_help(connected: Connected, api: BungieClient) -> None:
    ago = timezone.now() - timedelta(days=366)
    for columns in ({"authorized_at": ago}, {"refresh_expires_at": timezone.now()}):
        account = make_old(connected("raider"), **columns)
        with pytest.raises(ConnectAgain):
            fresh_token(account.pk, api)
        assert again(account).lost_tokens_at is not None
        account = connected("raider")
        assert again(account).lost_tokens_at is None, "the player connected it again"


def test_while_one_refreshes_another_waits(connected: Connected, api: BungieClient) -> None:
    account = make_old(connected("raider"))
    BungieAccount.objects.filter(pk=account.pk).update(
        refresh_claim=account.pk, refresh_claimed_until=timezone.now() + timedelta(minutes=1)
    )
    with pytest.raises(TokenBusy) as raised:
        fresh_token(account.pk, api)
    assert raised.value.is_transient
    # The process was killed.
    BungieAccount.objects.filter(pk=account.pk).update(refresh_claimed_until=timezone.now())
    fresh_token(account.pk, api)
    assert works(account, api)


def test_a_late_answer_replaces_no_tokens_of_a_new_authorization(
    connected: Connected, api: BungieClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_old(connected("raider"))
    refresh = api.refreshed_tokens

    def slowly(*args: Any, **kwargs: Any) -> Any:
        answer = refresh(*args, **kwargs)
        # Meanwhile, the player connects it again.
        connected("raider")
        return answer

    monkeypatch.setattr(api, "refreshed_tokens", slowly)
    fresh_token(account.pk, api)
    authorized = again(account)
    assert authorized.authorized_at != account.authorized_at
    monkeypatch.setattr(api, "refreshed_tokens", refresh)
    make_old(account)
    fresh_token(account.pk, api)
    assert works(account, api)


def test_tokens_can_be_read_only_in_their_own_row(connected: Connected) -> None:
    first, second = connected("raider"), connected("officer")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE destiny_bungieaccount one SET access_token = other.access_token "
            "FROM destiny_bungieaccount other WHERE one.id = %s AND other.id = %s",
            [first.pk, second.pk],
        )
        cursor.execute("SELECT access_token FROM destiny_bungieaccount WHERE id = %s", [second.pk])
        (stored,) = cursor.fetchone()
    assert again(first).access_token is None
    assert again(second).access_token.encode() not in bytes(stored)


def test_rotating_the_key_covers_them(connected: Connected, settings: Any) -> None:
    account = connected("raider")
    token, old = account.access_token, site.TOKEN_KEYS[0]
    settings.TOKEN_KEYS = ["another key of at least thirty-two characters", old]
    assert rotate_tokens().rotated == 2
    settings.TOKEN_KEYS = settings.TOKEN_KEYS[:1]
    assert again(account).access_token == token


def test_the_schedule_takes_those_that_expire_soon_of_people_who_use_the_site(
    connected: Connected, run: Run, api: BungieClient
) -> None:
    account = connected("wanderer")
    assert not tokens_in_use().exists()
    make_old(account, expires_at=timezone.now() + timedelta(minutes=20))
    assert tokens_in_use().get().account == account
    job = run(account, BungieJob.Kind.TOKENS)
    assert (job.state, job.error_kind) == (BungieJob.State.RESTING, "")
    assert again(account).access_token != account.access_token
    assert not tokens_in_use().exists()
    make_old(account, refreshed_at=timezone.now() - timedelta(days=31))
    account.user.sessions.all().delete()
    assert not tokens_in_use().exists()
    assert idle_tokens().get().account == account


def test_new_tokens_are_saved_when_the_database_answers_again(
    connected: Connected, api: BungieClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_old(connected("raider"))
    update, failures = QuerySet.update, iter([True, True])
    monkeypatch.setattr(tokens, "PAUSE_BETWEEN_SAVES", 0)
    # The test itself is a transaction.
    monkeypatch.setattr(tokens, "connection", SimpleNamespace(in_atomic_block=False, close_if_unusable_or_obsolete=int))

    def fail_twice(self: Any, **columns: Any) -> int:
        if "access_token" in columns and next(failures, False):
            raise OperationalError("the server closed the connection")
        return update(self, **columns)

    monkeypatch.setattr(QuerySet, "update", fail_twice)
    fresh_token(account.pk, api)
    monkeypatch.undo()
    assert works(account, api)


@pytest.mark.django_db(transaction=True)
def test_of_two_threads_at_once_one_refreshes(
    connected: Connected, api: BungieClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else the worker of other tests fetches the memberships now, and would be the one that refreshes.
    monkeypatch.setattr(receivers, "send_now", lambda jobs: None)
    account = make_old(connected("raider"))
    outcomes: list[str] = []
    start = threading.Barrier(4)
    ask_bungie = api.refreshed_tokens

    def ask_when_the_others_are_busy(*args: Any, **kwargs: Any) -> Any:
        wait_until(lambda: outcomes == ["busy"] * 3)
        return ask_bungie(*args, **kwargs)

    monkeypatch.setattr(api, "refreshed_tokens", ask_when_the_others_are_busy)

    def refresh() -> None:
        start.wait(10)
        try:
            fresh_token(account.pk, api)
            outcomes.append("refreshed")
        except TokenBusy:
            outcomes.append("busy")
        finally:
            connection.close()

    threads = [threading.Thread(target=refresh) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert outcomes == ["busy"] * 3 + ["refreshed"]
    assert works(account, api)
