"""A new CRYPTOGRAPHY_KEY or SECRET_KEY, while the earlier one is a fallback."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.data_requests import delete_account, proofs_of_deletion
from accounts.models import BattlenetToken, User
from accounts.services import store_token
from tests.accounts.oauth_flow import is_signed_in

NEW_KEY = "a-new-key-for-the-tests-of-rotation-0123456789"


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
    battlenet_id = alice.battlenet_id or 0
    delete_account(person=alice, actor=alice)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    assert len(list(proofs_of_deletion(battlenet_id))) == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert not list(proofs_of_deletion(battlenet_id))
