"""A new CRYPTOGRAPHY_KEY or SECRET_KEY, while the earlier one is a fallback."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.data_requests import delete_account, proofs_of_deletion
from accounts.models import BattlenetToken, User
from accounts.services import store_token
from tests.accounts.oauth_flow import is_signed_in
from tests.battlenet import CHECKOUT
from tests.stack import database_url, wait_until

NEW_KEY = "a-new-key-for-the-tests-of-rotation-0123456789"
PEOPLE = 30


@pytest.fixture
def old_key(settings: Any) -> str:
    return str(settings.TOKEN_KEYS[0])


def use_keys(settings: Any, *keys: str) -> None:
    settings.TOKEN_KEYS = list(keys)


def store(user: User, token: str) -> BattlenetToken:
    expires_at = timezone.now() + timedelta(hours=1)
    return store_token(
        user=user, access_token=token, refresh_token=f"{token}-refresh", expires_at=expires_at, scopes=["openid"]
    )


def readable() -> dict[str, str | None]:
    tokens = BattlenetToken.objects.select_related("user").order_by("user__battlenet_id")
    return {one.user.battletag: one.access_token for one in tokens}


@pytest.mark.django_db
def test_a_fallback_key_reads_what_it_encrypted(settings: Any, people: Callable[[str], User], old_key: str) -> None:
    alice, bob = people("Alice"), people("Bob")
    store(alice, "EUalice")
    use_keys(settings, NEW_KEY, old_key)
    store(bob, "EUbob")
    assert readable() == {alice.battletag: "EUalice", bob.battletag: "EUbob"}
    use_keys(settings, NEW_KEY)
    assert readable() == {alice.battletag: None, bob.battletag: "EUbob"}


@pytest.mark.django_db
def test_after_the_rotation_no_token_needs_the_old_key(
    settings: Any, people: Callable[[str], User], old_key: str
) -> None:
    alice, bob, carol = people("Alice"), people("Bob"), people("Carol")
    before = store(alice, "EUalice")
    use_keys(settings, "a-key-that-nobody-has-any-more-0123456789")
    lost = store(carol, "EUcarol")
    use_keys(settings, NEW_KEY, old_key)
    store(bob, "EUbob")
    call_command("rotate_keys")
    use_keys(settings, NEW_KEY)
    assert readable() == {alice.battletag: "EUalice", bob.battletag: "EUbob", carol.battletag: None}
    token = BattlenetToken.objects.get(user=alice)
    assert (token.refresh_token, token.updated_at) == ("EUalice-refresh", before.updated_at)
    assert BattlenetToken.objects.filter(pk=lost.pk).exists(), "an unreadable token is left for its owner to replace"


# --- several processes ------------------------------------------------------------------------------------------------


class Rotations:
    """Runs of `manage.py rotate_keys` in their own processes, on tokens that the earlier key encrypted."""

    def __init__(self, old_key: str) -> None:
        self._keys = {"CRYPTOGRAPHY_KEY": NEW_KEY, "CRYPTOGRAPHY_KEY_FALLBACKS": old_key}
        self.processes: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "rotate_keys", "--batch", "5"]
        environment = os.environ | self._keys | {"DATABASE_URL": database_url()}
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        return process

    def rotated(self, process: subprocess.Popen[str]) -> int:
        """Wait for the end of a run, and return how many tokens it encrypted again."""
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        return int(output.split()[0])

    def waiting(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return int(cursor.fetchone()[0])


@pytest.fixture
def rotations(old_key: str) -> Iterator[Rotations]:
    runs = Rotations(old_key)
    yield runs
    for process in runs.processes:
        process.kill()
        process.communicate()


@pytest.fixture
def tokens(transactional_db: None, people: Callable[[str], User]) -> dict[str, str | None]:
    """Thirty players with a token."""
    for number in range(PEOPLE):
        store(people(f"Player{number}"), f"EU{number}")
    return readable()


def locked_row(number: int) -> psycopg.Connection:
    """Lock a row like a sign-in that is about to replace it; closing the connection ends the lock."""
    own = psycopg.connect(database_url())
    row = "SELECT id FROM accounts_battlenettoken ORDER BY id OFFSET %s LIMIT 1"
    own.execute(f"SELECT FROM accounts_battlenettoken WHERE id = ({row}) FOR UPDATE", [number])
    return own


def test_a_killed_rotation_loses_nothing_and_the_next_one_does_the_rest(
    tokens: dict[str, str | None], rotations: Rotations, settings: Any, old_key: str
) -> None:
    with locked_row(12):
        killed = rotations.start()
        wait_until(rotations.waiting)
        killed.kill()
        killed.wait(10)
    use_keys(settings, NEW_KEY)
    done = [token for token in readable().values() if token]
    assert len(done) == 10, "two batches of five were committed"
    use_keys(settings, NEW_KEY, old_key)
    assert readable() == tokens
    assert rotations.rotated(rotations.start()) == 2 * (PEOPLE - len(done))
    use_keys(settings, NEW_KEY)
    assert readable() == tokens


def test_two_rotations_at_once_encrypt_each_token_once(
    tokens: dict[str, str | None], rotations: Rotations, settings: Any
) -> None:
    with locked_row(0):
        both = [rotations.start(), rotations.start()]
        wait_until(lambda: rotations.waiting() == 2)
    assert sum(map(rotations.rotated, both)) == 2 * PEOPLE
    use_keys(settings, NEW_KEY)
    assert readable() == tokens


# --- SECRET_KEY -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_with_a_fallback_nobody_is_signed_out(sign_in: Callable[..., Any], client: Client, settings: Any) -> None:
    later = Client()
    sign_in("raider")
    sign_in("raider", client=later)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    assert is_signed_in(client)
    settings.SECRET_KEY_FALLBACKS = []
    assert is_signed_in(client), "who came in between has a session of the new key"
    assert not is_signed_in(later)


@pytest.mark.django_db
def test_with_a_fallback_a_deletion_can_still_be_proved(people: Callable[[str], User], settings: Any) -> None:
    alice = people("Alice")
    battlenet_id = alice.battlenet_id
    delete_account(person=alice, actor=alice)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    assert len(list(proofs_of_deletion(battlenet_id))) == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert not list(proofs_of_deletion(battlenet_id))
