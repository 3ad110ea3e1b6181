"""The page *Your characters*."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from characters.models import Character
from sync.models import BlizzardJob
from tests.factories import add_members, character, make_job, member, night_watch, realm, token
from tests.html import text_of

ADDRESS = "/characters/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def raider(people: Callable[[str], User], client: Client) -> User:
    """Return Rolf, a raider, signed in."""
    rolf = people("Rolf")
    client.force_login(rolf, "allauth.account.auth_backends.AuthenticationBackend")
    return rolf


def test_visitors_are_redirected_to_the_sign_in_page(client: Client, db: None) -> None:
    assertRedirects(client.get(ADDRESS), "/accounts/login/?next=/characters/")


def test_characters_are_grouped_by_guild(client: Client, raider: User) -> None:
    token(raider)
    make_job(raider)
    guild = night_watch()
    member(guild, "Rheana", rank=1, user=raider, main=True)
    member(guild, "Rhalt", rank=6, user=raider)
    character("Loner", user=raider)
    page = client.get(ADDRESS)
    first, second = page.context["groups"]
    assert (first.guild, [row.character.name for row in first.rows]) == (guild, ["Rheana", "Rhalt"])
    assert (second.guild, [row.character.name for row in second.rows]) == (None, ["Loner"])
    assertContains(page, "Officer")
    assertContains(page, "Frost Mage")
    assertContains(page, "3 characters")
    assertNotContains(page, "hx-get")


def test_characters_of_other_users_are_not_shown(client: Client, raider: User, people: Callable[[str], User]) -> None:
    character("Stranger", user=people("Nils"))
    assertNotContains(client.get(ADDRESS), "Stranger")


def test_several_wow_accounts_are_numbered(client: Client, raider: User) -> None:
    character("First", user=raider, wow_account_id=111)
    assertNotContains(client.get(ADDRESS), "WoW1")
    character("Second", user=raider, wow_account_id=222)
    page = client.get(ADDRESS)
    assertContains(page, "WoW1")
    assertContains(page, "WoW2")


def test_wow_accounts_are_numbered_within_their_region(client: Client, raider: User) -> None:
    """One in Europe and two in America are not three."""
    american = realm("oakheart", "Oakheart", "us")
    character("Europa", user=raider, wow_account_id=100)
    character("Dakota", user=raider, wow_account_id=100, region="us", realm=american)
    character("Georgia", user=raider, wow_account_id=200, region="us", realm=american)
    page = client.get(ADDRESS).content.decode()
    realms = dict(re.findall(r'class="name">(\w+)</span>.*?home-realm">(.*?)</span>', page, re.DOTALL))
    assert realms["Europa"] == str(realm())
    assert realms["Dakota"] == f"{american} · WoW1"
    assert realms["Georgia"] == f"{american} · WoW2"


def test_a_character_that_needs_a_rename_says_so(client: Client, raider: User) -> None:
    character("Bregal932B58", user=raider)
    assertContains(client.get(ADDRESS), "needs a rename")


class TestWhileFetching:
    def test_it_shows_the_progress_and_polls(self, client: Client, raider: User) -> None:
        token(raider)
        make_job(raider)
        make_job(character("Done", user=raider))
        make_job(character("Coming", user=raider), "DUE")
        page = client.get(ADDRESS)
        assertContains(page, "1 of 2 characters")
        assertContains(page, 'hx-trigger="every 500ms"')
        assertContains(page, "<progress")

    def test_the_list_itself_is_still_being_fetched(self, client: Client, raider: User) -> None:
        token(raider)
        make_job(raider, "RUNNING", succeeded_at=None)
        assertContains(client.get(ADDRESS), "Looking for your characters on Battle.net")

    def test_the_poll_gets_a_fragment_with_an_announcement(self, client: Client, raider: User) -> None:
        token(raider)
        make_job(raider)
        make_job(character("Done", user=raider))
        make_job(character("Coming", user=raider), "RUNNING")
        fragment = client.get(ADDRESS, headers=HTMX)
        assertNotContains(fragment, "<html")
        assertContains(fragment, "50 percent fetched")

    def test_the_last_poll_ends_the_polling(self, client: Client, raider: User) -> None:
        token(raider)
        make_job(raider)
        make_job(character("Done", user=raider))
        fragment = client.get(ADDRESS, headers=HTMX)
        assertContains(fragment, "All characters are up to date.")
        assertNotContains(fragment, "hx-get")

    def test_it_says_when_there_is_no_progress(self, client: Client, raider: User) -> None:
        token(raider)
        make_job(raider, "DUE")
        BlizzardJob.objects.update(updated_at=timezone.now() - timedelta(minutes=6), attempted_at=None)
        page = client.get(ADDRESS)
        assertContains(page, "There has been no progress for several minutes")
        assertContains(page, 'hx-trigger="every 30s"')

    def test_a_poll_after_signing_out_reloads_the_page(self, client: Client, db: None) -> None:
        assert client.get(ADDRESS, headers=HTMX)["HX-Refresh"] == "true"


class TestBlockers:
    def test_characters_were_not_shared(self, client: Client, raider: User) -> None:
        token(raider, scopes=["openid"])
        page = client.get(ADDRESS)
        assertContains(page, "Battle.net did not share your characters")
        assertContains(page, "Sign in again with Battle.net")

    @pytest.mark.parametrize("why", ["expired", "unreadable", "missing", "refused"])
    def test_the_token_cannot_be_used(self, client: Client, raider: User, why: str) -> None:
        character("Keepsake", user=raider)
        make_job(raider, error_kind="token_expired" if why == "refused" else "")
        if why == "expired":
            token(raider, expires_at=timezone.now() - timedelta(hours=1))
        elif why == "unreadable":
            token(raider)
            with connection.cursor() as cursor:
                cursor.execute("UPDATE accounts_battlenettoken SET access_token = 'written with another key'::bytea")
        elif why == "refused":
            token(raider)
        page = client.get(ADDRESS)
        assertContains(page, "Sign in again to refresh your list")
        assertContains(page, "Your list was last fetched")
        assertContains(page, "Keepsake")

    def test_with_an_expired_token_the_page_does_not_poll(self, client: Client, raider: User) -> None:
        token(raider, expires_at=timezone.now() - timedelta(hours=1))
        make_job(raider, "DUE")
        assertNotContains(client.get(ADDRESS), "hx-get")

    def test_the_fetch_failed(self, client: Client, raider: User) -> None:
        token(raider)
        make_job(raider, "FAILED", error_kind="unavailable", attempted_at=timezone.now())
        page = client.get(ADDRESS)
        assertContains(page, "Your list of characters could not be fetched")
        assertContains(page, "Battle.net did not answer.")

    def test_one_region_could_not_be_read(self, client: Client, raider: User) -> None:
        token(raider)
        make_job(raider)
        character("Keepsake", user=raider)
        due_at = timezone.now() + timedelta(minutes=2, seconds=30)
        kr = make_job(raider, "DUE", region="kr", error_kind="unavailable", tries=4, next_due_at=due_at)
        page = client.get(ADDRESS)
        text = text_of(page)
        assert "Korea could not be read: Battle.net did not answer. Next attempt in 2 min ." in text
        assert "Europe could not" not in text
        assert "Keepsake" in text
        assertContains(page, 'hx-trigger="every 5s"')
        assert "Korea could not be read" in text_of(client.get("/account/"))
        BlizzardJob.objects.filter(pk=kr.pk).update(state="RESTING", tries=0, error_kind="")
        assertNotContains(client.get(ADDRESS), "could not be read")

    def test_a_region_that_is_no_longer_synced_is_not_shown(self, client: Client, raider: User, settings: Any) -> None:
        token(raider)
        make_job(raider)
        make_job(raider, "DUE", region="kr", error_kind="unavailable", tries=4)
        settings.BLIZZARD_REGIONS = ("eu", "us")
        assertNotContains(client.get(ADDRESS), "Korea")

    @pytest.mark.parametrize(("state", "error_kind"), [("RESTING", ""), ("FAILED", "not_found")])
    def test_the_account_has_no_world_of_warcraft(
        self, client: Client, raider: User, state: str, error_kind: str
    ) -> None:
        token(raider)
        make_job(raider, state, error_kind=error_kind)
        assertContains(client.get(ADDRESS), "No World of Warcraft characters")

    def test_nothing_was_ever_fetched(self, client: Client, raider: User) -> None:
        token(raider)
        assertContains(client.get(ADDRESS), "Your characters have not been fetched yet")


def test_sixty_characters_cost_no_more_queries_than_six(client: Client, raider: User) -> None:
    token(raider)
    make_job(raider)
    add_members(night_watch(), 5, owner=raider)
    character("Loner", user=raider, realm=realm("kazzak", "Kazzak"))
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as few:
        client.get(ADDRESS)
    add_members(night_watch(name="Second", slug="second"), 54, owner=raider)
    with CaptureQueriesContext(connection) as many:
        client.get(ADDRESS)
    assert Character.objects.filter(user=raider).count() == 60
    assert len(many) == len(few) <= 7


def test_each_character_shows_the_age_of_its_data_and_of_the_last_check(client: Client, raider: User) -> None:
    token(raider)
    make_job(raider)
    snapshot = timezone.now() - timedelta(days=3)
    one = character("Rheana", user=raider, last_modified=snapshot, last_synced_at=timezone.now())
    make_job(one, succeeded_at=timezone.now() - timedelta(minutes=2))
    assert "3 days ago checked 2 min ago" in text_of(client.get(ADDRESS))


def test_a_members_page_shows_the_age_of_its_data(client: Client, raider: User) -> None:
    guild = night_watch()
    known = member(guild, "Rheana", user=raider, last_modified=timezone.now() - timedelta(seconds=1)).character
    make_job(known, succeeded_at=timezone.now() - timedelta(minutes=2))
    page = text_of(client.get(f"{guild.get_absolute_url()}members/{known.pk}/"))
    as_of = f"{timezone.localtime(known.last_modified):%H:%M}"
    assert f"as of {as_of} (checked 2 min ago )" in page.replace("ago)", "ago )")
