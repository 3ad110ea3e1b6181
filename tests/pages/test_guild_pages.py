"""The page *Guilds*, and a guild's overview."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from characters.models import Character, Role
from guilds.models import Guild, TimelineEvent, Visibility
from tests.factories import OVERVIEW, ROSTER, make_job, member, night_watch, realm
from tests.html import text_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def guild(db: None) -> Guild:
    return night_watch(
        crest={
            "emblem": {"id": 2, "color": {"r": 1, "g": 2, "b": 3, "a": 1}},
            "background": {"color": {"r": 255, "g": 0, "b": 16, "a": 1}},
        }
    )


@pytest.fixture
def master(guild: Guild, people: Callable[[str], User], client: Client) -> User:
    """Mara, the guild master, signed in."""
    mara = people("Mara")
    member(guild, "Marabel", rank=0, user=mara, main=True)
    member(guild, "Maralt", rank=7, user=mara)
    client.force_login(mara, BACKEND)
    return mara


def add_event(guild: Guild, kind: str, **fields: Any) -> TimelineEvent:
    return TimelineEvent.objects.create(guild=guild, kind=kind, happened_at=timezone.now(), **fields)


def test_the_list_shows_the_best_rank_and_the_main(client: Client, master: User) -> None:
    page = client.get("/guilds/")
    assertContains(page, "Night Watch")
    assertContains(page, "Commander")
    assertContains(page, "2 of your characters")
    assertContains(page, "Main: Marabel")


def test_without_a_guild_the_page_says_when_one_will_appear(client: Client, people: Callable[[str], User]) -> None:
    client.force_login(people("Nils"), BACKEND)
    assertContains(client.get("/guilds/"), "None of your characters is in a guild")


def test_visitors_are_redirected_to_the_sign_in_page(client: Client, db: None) -> None:
    assert client.get("/guilds/")["Location"] == "/accounts/login/?next=/guilds/"


def test_the_overview_counts_roles_classes_and_ranks(client: Client, guild: Guild, master: User) -> None:
    Character.objects.update(last_login_at=timezone.now())
    member(guild, "Tanya", rank=1, playable_class_id=1, role=Role.TANK, last_login_at=timezone.now())
    page = client.get(OVERVIEW)
    text = text_of(page)
    assert "Tank 1 Damage 2" in text
    assert "Mage 2 Warrior 1" in text
    assert "0 Commander 1 1 Officer 1 7 Rank 7 1" in text
    assertContains(page, f"{ROSTER}?level=max&amp;seen=30&amp;role=TANK")


def test_the_overview_shows_recent_activity(client: Client, guild: Guild, master: User) -> None:
    add_event(guild, "PROMOTED", character_name="Climber", details={"before": 3, "after": 1})
    add_event(guild, "LEFT", character_name="Gone")
    page = " ".join(client.get(OVERVIEW).content.decode().split())
    assert "Climber</span> was promoted to Officer" in page
    assert "Gone</span> left" in page


def test_visitors_do_not_see_changes_of_permissions(guild: Guild, people: Callable[[str], User]) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    member(guild, "Somebody")
    add_event(guild, "RIGHTS_CHANGED", actor=people("Shadowking"))
    add_event(guild, "JOINED", character_name="Newcomer", actor=people("Recruiter"))
    page = Client().get(OVERVIEW)
    assertContains(page, "Newcomer")
    assertNotContains(page, "Shadowking")
    assertNotContains(page, "Recruiter")


def test_the_overview_shows_the_age_of_the_roster_and_the_last_error(
    client: Client, guild: Guild, master: User
) -> None:
    make_job(guild, "FAILED", error_kind="unavailable")
    assertContains(client.get(OVERVIEW), "the last attempt failed: Battle.net did not answer.")


def test_a_guild_that_was_never_fetched_says_so(client: Client, guild: Guild, master: User) -> None:
    assertContains(client.get(OVERVIEW), "not fetched yet")


def test_the_crest_has_the_guilds_colors(client: Client, master: User) -> None:
    assertContains(client.get(OVERVIEW), 'fill="#ff0010" color="#010203"')


def test_guilds_with_different_borders_have_different_crests(client: Client, master: User, guild: Guild) -> None:
    crests = set()
    for border in range(6):
        Guild.objects.update(crest={**guild.crest, "border": {"id": border, "color": {"r": 9, "g": 9, "b": 9}}})
        found = re.search(r'<svg class="crest.*?</svg>', client.get(OVERVIEW).content.decode(), re.DOTALL)
        crests.add(found and found[0])
    assert len(crests) == 6


@pytest.mark.parametrize("crest", [{}, [], {"emblem": "x", "background": {}}, {"emblem": {"color": None}}])
def test_an_unknown_crest_becomes_an_initial(client: Client, master: User, crest: object) -> None:
    Guild.objects.update(crest=crest)
    assertContains(client.get(OVERVIEW), ">N</text>")


def test_names_in_any_script_have_an_address(client: Client, people: Callable[[str], User]) -> None:
    guild = night_watch(name="Стражи", slug="стражи", realm=realm("pozzo-delleternità", "Pozzo dell'Eternità"))
    member(guild, "Ёжик", user=people("Rolf"))
    client.force_login(people("Rolf"), BACKEND)
    address = guild.get_absolute_url()
    assert address.isascii()
    assert unquote(address) == "/guilds/eu/pozzo-delleternità/стражи/"
    assertContains(client.get(address), f'href="{address}roster/"')
    assertContains(client.get(f"{address}roster/"), "Ёжик")


def test_an_unchanged_roster_is_as_fresh_as_the_last_check(client: Client, master: User, guild: Guild) -> None:
    Guild.objects.update(last_synced_at=timezone.now() - timedelta(days=3))
    make_job(guild)
    page = client.get(OVERVIEW)
    assertContains(page, "5 min ago")
    assertNotContains(page, "3 days ago")
