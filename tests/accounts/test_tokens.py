"""Tokens are readable only with our key, and never shown."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import BattlenetToken, BrowserSession, User
from accounts.services import store_token
from tests.accounts.oauth_flow import is_signed_in
from tests.battlenet import CHECKOUT, Sandbox
from tests.html import text_of
from tests.stack import database_url

OTHER_KEY = "another-key-than-that-of-the-tests-0123456789"
STORE_WITH_OTHER_KEY = """
import django
django.setup()
from accounts.models import BattlenetToken
token = BattlenetToken.objects.get()
token.access_token = token.refresh_token = "EUwrittenwithanotherkey"
token.save()
"""
READ_TOKEN = """
import django
django.setup()
from accounts.models import BattlenetToken
print(BattlenetToken.objects.get().access_token)
"""


@pytest.mark.django_db
def test_the_token_is_nowhere_in_the_database_in_clear(sign_in: Callable[..., Any]) -> None:
    sign_in("raider")
    sign_in("raider")
    secret = str(BattlenetToken.objects.get().access_token)
    assert secret.startswith("EU")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            written = cursor.fetchone()[0] or ""
            assert secret not in written, table
            assert secret.encode().hex() not in written, table
    assert all(secret not in str(session.get_decoded()) for session in BrowserSession.objects.all())


@pytest.mark.django_db
def test_the_token_is_shown_neither_as_text_nor_on_a_page(sign_in: Callable[..., Any], client: Client) -> None:
    sign_in("raider")
    token = BattlenetToken.objects.get()
    secret = str(token.access_token)
    assert secret not in f"{token} {token!r} {token.user!r} {[token]}"
    for page in ("/account/", "/characters/", "/guilds/"):
        assert secret not in client.get(page).content.decode()


@pytest.mark.django_db
def test_dumpdata_contains_no_token_in_clear(sign_in: Callable[..., Any]) -> None:
    sign_in("raider")
    secret = str(BattlenetToken.objects.get().access_token)
    dump = serializers.serialize("json", BattlenetToken.objects.all())
    assert secret not in dump
    BattlenetToken.objects.all().delete()
    for loaded in serializers.deserialize("json", dump):
        loaded.save()
    assert not BattlenetToken.objects.get().is_usable()


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make sure that no worker of another test writes meanwhile."""
    monkeypatch.setattr("celery.Celery.send_task", lambda app, name, args, **options: None)


@pytest.mark.usefixtures("no_worker")
@pytest.mark.django_db(transaction=True)
def test_a_changed_key_requires_a_sign_in_but_breaks_no_page(sign_in: Callable[..., Any], client: Client) -> None:
    sign_in("raider")
    environment = {
        "DJANGO_SETTINGS_MODULE": "guildsite.settings",
        "DATABASE_URL": database_url(),
        "CRYPTOGRAPHY_KEY": OTHER_KEY,
    }
    command = [sys.executable, "-c", STORE_WITH_OTHER_KEY]
    subprocess.run(command, cwd=CHECKOUT, env=os.environ | environment, check=True, timeout=30)
    token = BattlenetToken.objects.get()
    assert not token.access_token
    assert not token.refresh_token
    assert not token.is_usable()
    assert is_signed_in(client), "sessions do not depend on that key"
    assert "The stored token can no longer be read" in text_of(client.get("/account/"))
    assert "Sign in again" in text_of(client.get("/characters/"))
    sign_in("raider")
    assert BattlenetToken.objects.get().is_usable()


@pytest.mark.usefixtures("no_worker")
@pytest.mark.django_db(transaction=True)
def test_a_user_with_an_unreadable_token_can_be_deleted(sign_in: Callable[..., Any]) -> None:
    sign_in("raider")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_battlenettoken SET access_token = %s", [b"not encrypted at all"])
    assert BattlenetToken.objects.get().access_token is None
    User.objects.get().delete()
    assert not BattlenetToken.objects.exists()


def run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


SWAP_PEOPLE = """
    UPDATE accounts_battlenettoken one SET access_token = other.access_token
    FROM accounts_battlenettoken other WHERE one.id != other.id
"""
SWAP_COLUMNS = "UPDATE accounts_battlenettoken SET access_token = refresh_token, refresh_token = access_token"


@pytest.mark.django_db
def test_a_token_copied_to_another_user_is_unreadable(sign_in: Callable[..., Any], sandbox: Sandbox) -> None:
    """Otherwise somebody with write access to the table could read other users' characters."""
    sign_in("raider")
    sign_in("social", client=Client())
    secrets = {token.access_token for token in BattlenetToken.objects.all()}
    run_sql(SWAP_PEOPLE)
    assert len(secrets) == 2
    assert [token.access_token for token in BattlenetToken.objects.all()] == [None, None]
    run_sql(SWAP_PEOPLE)
    assert {token.access_token for token in BattlenetToken.objects.all()} == secrets
    run_sql(SWAP_PEOPLE)
    sandbox.forget_requests()
    with pytest.raises((CommandError, SystemExit)):
        call_command("sync_account", sandbox.persona("raider")["battletag"], "--json")
    assert not sandbox.stats()["requests"], "it was not even sent"


@pytest.mark.django_db
def test_a_user_whose_token_was_replaced_must_sign_in_again(
    sign_in: Callable[..., Any], client: Client, sandbox: Sandbox
) -> None:
    sign_in("social", client=Client())
    sign_in("raider")
    run_sql(SWAP_PEOPLE)
    assert "Sign in again" in text_of(client.get("/characters/"))
    sign_in("raider")
    raider = User.objects.get(battletag=sandbox.persona("raider")["battletag"])
    assert raider.battlenet_token.is_usable()


@pytest.mark.django_db
def test_a_token_copied_to_another_column_is_unreadable(people: Callable[[str], User]) -> None:
    stored(people("Rolf"))
    run_sql(SWAP_COLUMNS)
    token: Any = BattlenetToken.objects.get()
    assert (token.access_token, token.refresh_token) == (None, None)
    run_sql(SWAP_COLUMNS)
    token = BattlenetToken.objects.get()
    assert (token.access_token, token.refresh_token) == ("EUaccess", "EUrefresh")


@pytest.mark.django_db
def test_a_row_moved_to_another_user_loses_its_token(people: Callable[[str], User]) -> None:
    stored(people("Rolf"))
    token = BattlenetToken.objects.get()
    token.user = people("Nils")
    token.save()
    assert not BattlenetToken.objects.get(user=people("Nils")).is_usable()


@pytest.mark.django_db
def test_saving_other_columns_keeps_the_token(people: Callable[[str], User]) -> None:
    stored(people("Rolf"))
    for token in (BattlenetToken.objects.get(), BattlenetToken.objects.defer("access_token").get()):
        token.scopes = ["openid"]
        token.save()
        assert BattlenetToken.objects.get().access_token == "EUaccess"
    assert BattlenetToken.objects.defer("access_token").get().access_token == "EUaccess"
    [copy] = BattlenetToken.objects.all()
    copy.refresh_from_db()
    assert copy.refresh_token == "EUrefresh"


@pytest.mark.django_db
def test_a_token_cannot_be_written_by_a_queryset_update(people: Callable[[str], User]) -> None:
    """Such a statement could not bind it to a row."""
    token: Any = stored(people("Rolf"))
    with pytest.raises(TypeError):
        BattlenetToken.objects.update(access_token="EUforall")
    token.access_token = "EUforall"
    with pytest.raises(TypeError):
        BattlenetToken.objects.bulk_update([token], ["access_token"])


@pytest.mark.django_db(transaction=True)
def test_secret_key_can_be_changed_alone(people: Callable[[str], User]) -> None:
    stored(people("Rolf"))
    environment = {
        "DJANGO_SETTINGS_MODULE": "guildsite.settings",
        "DATABASE_URL": database_url(),
        "SECRET_KEY": OTHER_KEY,
    }
    command = [sys.executable, "-c", READ_TOKEN]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=os.environ | environment, check=True, timeout=30, capture_output=True, text=True
    )
    assert done.stdout.strip() == "EUaccess"


def stored(user: User) -> BattlenetToken:
    return store_token(
        user=user,
        access_token="EUaccess",
        refresh_token="EUrefresh",
        expires_at=timezone.now() + timedelta(hours=1),
        scopes=["openid"],
    )
