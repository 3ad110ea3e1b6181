"""What Battle.net lent us is readable with our key only, and shown to nobody."""

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
def test_the_token_stands_nowhere_in_the_database_in_clear(sign_in: Callable[..., Any]) -> None:
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
def test_the_token_shows_neither_as_text_nor_on_a_page(sign_in: Callable[..., Any], client: Client) -> None:
    sign_in("raider")
    token = BattlenetToken.objects.get()
    secret = str(token.access_token)
    assert secret not in f"{token} {token!r} {token.user!r} {[token]}"
    for page in ("/account/", "/characters/", "/guilds/"):
        assert secret not in client.get(page).content.decode()


@pytest.mark.django_db
def test_a_dump_of_the_table_holds_no_token_in_clear(sign_in: Callable[..., Any]) -> None:
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
    """No worker of another test writes what this one is about to delete."""
    monkeypatch.setattr("celery.Celery.send_task", lambda app, name, args, **options: None)


@pytest.mark.usefixtures("no_worker")
@pytest.mark.django_db(transaction=True)
def test_a_changed_key_costs_a_sign_in_and_no_page(sign_in: Callable[..., Any], client: Client) -> None:
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
def test_a_person_with_an_unreadable_token_can_be_deleted(sign_in: Callable[..., Any]) -> None:
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
def test_a_token_copied_to_another_person_is_useless(sign_in: Callable[..., Any], sandbox: Sandbox) -> None:
    """Otherwise whoever can write the table reads anybody's characters through an account of their own."""
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
def test_a_person_whose_token_was_exchanged_is_asked_to_sign_in_again(
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
def test_a_token_copied_to_another_column_is_useless(people: Callable[[str], User]) -> None:
    stored(people("Alice"))
    run_sql(SWAP_COLUMNS)
    token: Any = BattlenetToken.objects.get()
    assert (token.access_token, token.refresh_token) == (None, None)
    run_sql(SWAP_COLUMNS)
    token = BattlenetToken.objects.get()
    assert (token.access_token, token.refresh_token) == ("EUaccess", "EUrefresh")


@pytest.mark.django_db
def test_a_row_given_to_another_person_takes_no_token_along(people: Callable[[str], User]) -> None:
    stored(people("Alice"))
    token = BattlenetToken.objects.get()
    token.user = people("Bob")
    token.save()
    assert not BattlenetToken.objects.get(user=people("Bob")).is_usable()


@pytest.mark.django_db
def test_a_token_survives_what_is_saved_beside_it(people: Callable[[str], User]) -> None:
    stored(people("Alice"))
    for token in (BattlenetToken.objects.get(), BattlenetToken.objects.defer("access_token").get()):
        token.scopes = ["openid"]
        token.save()
        assert BattlenetToken.objects.get().access_token == "EUaccess"
    assert BattlenetToken.objects.defer("access_token").get().access_token == "EUaccess"
    [copy] = BattlenetToken.objects.all()
    copy.refresh_from_db()
    assert copy.refresh_token == "EUrefresh"


@pytest.mark.django_db
def test_a_token_is_written_with_its_row_only(people: Callable[[str], User]) -> None:
    """A statement over many rows could not bind it to one."""
    token: Any = stored(people("Alice"))
    with pytest.raises(TypeError):
        BattlenetToken.objects.update(access_token="EUforall")
    token.access_token = "EUforall"
    with pytest.raises(TypeError):
        BattlenetToken.objects.bulk_update([token], ["access_token"])


@pytest.mark.django_db(transaction=True)
def test_secret_key_can_be_changed_by_itself(people: Callable[[str], User]) -> None:
    stored(people("Alice"))
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
