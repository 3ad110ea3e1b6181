"""What Battle.net lent us is readable with our key only, and shown to nobody."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from django.db import connection
from django.test import Client

from accounts.models import BattlenetToken, BrowserSession, User
from tests.accounts.trips import is_signed_in, text_of
from tests.battlenet import CHECKOUT
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
    assert is_signed_in(client), "sessions do not hang on that key"
    assert "The last one can no longer be read" in text_of(client.get("/account/"))
    assert "Sign in again" in text_of(client.get("/characters/"))
    sign_in("raider")
    assert BattlenetToken.objects.get().is_usable()


@pytest.mark.django_db(transaction=True)
def test_a_person_with_an_unreadable_token_can_be_deleted(sign_in: Callable[..., Any]) -> None:
    sign_in("raider")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_battlenettoken SET access_token = %s", [b"not encrypted at all"])
    assert BattlenetToken.objects.get().access_token is None
    User.objects.get().delete()
    assert not BattlenetToken.objects.exists()
