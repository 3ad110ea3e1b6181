"""A sign-in that no longer shares the characters ends all links, in every region, and says what is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from guilds.models import Guild, Membership
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import AccountProfile
from sync.engine.errors import TokenExpired
from sync.management.foreground import sync_account
from sync.wow.account_links import RegionAccount
from sync.wow.accounts import NotShared
from tests.accounts.oauth_flow import path_of, start_sign_in
from tests.battlenet import MEMBERS, Sandbox
from tests.html import text_of
from tests.sync.working import apply_account

pytestmark = pytest.mark.django_db


def untick(client: Client, persona: str) -> Any:
    """Sign in without sharing World of Warcraft; return the next page."""
    address = start_sign_in(client)
    asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    form = {**asked, "decision": "allow", "persona": persona}
    answer = requests.post(address.partition("?")[0], data=form, allow_redirects=False, timeout=10)
    return client.get(path_of(answer.headers["Location"]), follow=True)


@pytest.fixture
def raider(
    roster_of: Callable[..., Guild], game_data: None, person: Callable[[str], User], battlenet: BlizzardClient
) -> User:
    """Create a player with characters in two regions, twelve of them in the demo guild."""
    roster_of()
    raider = person("raider")
    sync_account(client=battlenet, user=raider)
    return raider


def test_not_sharing_releases_the_characters_of_all_regions_and_names_the_guilds(raider: User, client: Client) -> None:
    regions = set(Character.objects.of(raider).values_list("region", flat=True))
    assert regions == {"eu", "us"}
    guild = Guild.objects.get(name="Gravel Orchard")
    assert raider.has_perm("guilds.view", guild)
    assert Membership.objects.filter(main_of=raider).exists()
    page = text_of(untick(client, "raider"))
    assert "Battle.net no longer shares your characters: 60 characters are unlinked." in page
    assert "You no longer have permissions in: Gravel Orchard." in page
    assert "sign in again and keep the box for World of Warcraft checked" in page
    assert not Character.objects.filter(user=raider).exists()
    assert not Membership.objects.filter(main_of=raider).exists()
    assert not User.objects.get(pk=raider.pk).has_perm("guilds.view", guild)
    assert client.get(guild.get_absolute_url()).status_code == 404
    left = Character.objects.exclude(owner_confirmed_at=None, account_blizzard_id=None, wow_account_id=None)
    assert not left.exists()
    assert not Character.objects.exclude(mounts_hash="", toys_hash="").exists()
    assert Membership.objects.filter(guild=guild).count() == MEMBERS, "the roster is the guild's"


def test_sharing_again_restores_everything(
    raider: User, client: Client, person: Callable[[str], User], battlenet: BlizzardClient
) -> None:
    untick(client, "raider")
    sync_account(client=battlenet, user=person("raider"))
    assert Character.objects.of(raider).count() == 60
    assert User.objects.get(pk=raider.pk).has_perm("guilds.view", Guild.objects.get(name="Gravel Orchard"))


def test_a_fetch_started_before_links_nothing_afterwards(raider: User, client: Client) -> None:
    """Its token still allowed what the newer one does not."""
    untick(client, "raider")
    late = apply_account(user=raider, account=RegionAccount("eu", AccountProfile(characters=())))
    assert [type(error) for error in late.errors] == [NotShared]
    assert not Character.objects.filter(user=raider).exists()


def test_the_effect_of_not_sharing_is_explained_before(client: Client, people: Callable[[str], User]) -> None:
    warning = "your characters are unlinked here, and you lose your permissions in their guilds"
    assert warning in text_of(client.get("/accounts/login/"))
    client.force_login(people("Mara"), "allauth.account.auth_backends.AuthenticationBackend")
    assert warning in text_of(client.get("/account/"))


def test_players_who_never_shared_see_no_loss(client: Client, sandbox: Sandbox, game_data: None) -> None:
    assert "unlinked." not in text_of(untick(client, "newcomer"))


def test_a_revoked_token_ends_nothing_immediately(raider: User, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    """For example after a changed password: links are not renewed, and so expire."""
    before = set(Character.objects.of(raider).values_list("pk", "owner_confirmed_at"))
    sandbox.expire_tokens()
    with pytest.raises(TokenExpired):
        sync_account(client=battlenet, user=raider)
    assert set(Character.objects.of(raider).values_list("pk", "owner_confirmed_at")) == before
    guild = Guild.objects.get(name="Gravel Orchard")
    assert User.objects.get(pk=raider.pk).has_perm("guilds.view", guild)
    Character.objects.of(raider).update(owner_confirmed_at=timezone.now() - timedelta(days=31))
    assert not User.objects.get(pk=raider.pk).has_perm("guilds.view", guild)
