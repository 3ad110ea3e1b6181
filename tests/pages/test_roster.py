"""The roster: sorting, search, filters and pagination."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from characters.models import Role
from guilds.models import Guild, Membership, Visibility
from tests.factories import OVERVIEW, ROSTER, add_members, member, realm

People = Callable[[str], User]


@pytest.fixture
def officer(guild: Guild, people: People, client: Client) -> User:
    """Olga, an officer, signed in."""
    olga = people("Olga")
    member(guild, "Olgana", rank=1, user=olga, main=True, level=70, equipped_item_level=610)
    client.force_login(olga, "allauth.account.auth_backends.AuthenticationBackend")
    return olga


def names_on(client: Client, query: str = "") -> list[str]:
    page = client.get(ROSTER + query)
    assert page.status_code == 200
    return re.findall(r'<(?:a|span) class="name"[^>]*>([^<]+)</', page.content.decode())


def test_it_starts_with_the_guild_master(client: Client, guild: Guild, officer: User) -> None:
    member(guild, "Zoltan", rank=9)
    member(guild, "Anna", rank=9)
    member(guild, "Boss", rank=0)
    assert names_on(client) == ["Boss", "Olgana", "Anna", "Zoltan"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["Anna", "Boris", "Olgana"]),
        ("-name", ["Olgana", "Boris", "Anna"]),
        ("rank", ["Olgana", "Anna", "Boris"]),
        ("-level", ["Boris", "Olgana", "Anna"]),
        ("level", ["Olgana", "Boris", "Anna"]),
        ("class", ["Olgana", "Boris", "Anna"]),
        ("role", ["Boris", "Olgana", "Anna"]),
        ("-item-level", ["Boris", "Olgana", "Anna"]),
        ("-last-login", ["Boris", "Anna", "Olgana"]),
    ],
)
def test_it_sorts_unknown_values_last(
    client: Client, guild: Guild, officer: User, sort: str, expected: list[str]
) -> None:
    now = timezone.now()
    member(guild, "Boris", 7, playable_class_id=1, role=Role.TANK, equipped_item_level=640, last_login_at=now)
    member(
        guild,
        "Anna",
        6,
        level=None,
        playable_class_id=None,
        role=Role.UNKNOWN,
        equipped_item_level=None,
        last_login_at=now - timedelta(days=3),
    )
    assert names_on(client, f"?sort={sort}") == expected


def test_the_sorted_column_is_marked(client: Client, officer: User) -> None:
    page = client.get(ROSTER + "?sort=-level").content.decode()
    assert page.count("aria-sort=") == 1
    heading = page.partition('aria-sort="descending"')[2].partition("</th>")[0]
    assert "?sort=level" in heading, "a second click turns it round"


def test_the_search_ignores_case(client: Client, guild: Guild, officer: User) -> None:
    member(guild, "Thrandûil")
    member(guild, "Ёжик")
    assert names_on(client, f"?q={quote('ÛIL')}") == ["Thrandûil"]
    assert names_on(client, f"?q={quote('ёж')}") == ["Ёжик"]


def test_the_search_escapes_percent_signs(client: Client, officer: User) -> None:
    assert names_on(client, "?q=%25") == []


def test_it_filters_by_role_class_and_rank(client: Client, guild: Guild, officer: User) -> None:
    member(guild, "Boris", 7, playable_class_id=1, role=Role.TANK)
    member(guild, "Clara", 7)
    assert names_on(client, "?role=TANK") == ["Boris"]
    assert names_on(client, "?class=1") == ["Boris"]
    assert names_on(client, "?rank=7") == ["Boris", "Clara"]
    assert names_on(client, "?rank=7&class=8") == ["Clara"]
    assertContains(client.get(ROSTER + "?rank=7"), "2 of 3 members")


def test_it_says_when_nobody_matches(client: Client, officer: User) -> None:
    assertContains(client.get(ROSTER + "?q=nobody"), "No members match.")


@pytest.mark.parametrize(
    "nonsense",
    ["?sort=drop", "?sort=-", "?class=x", "?class=99999999999999999999", "?rank=-1", "?role=KING", "?page=x"],
)
def test_it_ignores_invalid_parameters(client: Client, officer: User, nonsense: str) -> None:
    assert names_on(client, nonsense) == ["Olgana"]


def test_it_is_paginated(client: Client, guild: Guild, officer: User) -> None:
    add_members(guild, 119)
    pages = [names_on(client, f"?sort=-name&page={number}") for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({name for page in pages for name in page}) == 120, "nobody twice, nobody left out"
    assert names_on(client, "?sort=-name&page=999") == pages[2]


def test_pagination_keeps_the_order(client: Client, guild: Guild, officer: User) -> None:
    add_members(guild, 119)
    assertContains(client.get(ROSTER + "?sort=-item-level&q=sold"), "?q=sold&amp;sort=-item-level&amp;page=2")


def test_equal_names_show_their_realm(client: Client, guild: Guild, officer: User) -> None:
    member(guild, "Twin")
    member(guild, "Twin", realm=realm("kazzak", "Kazzak"))
    page = client.get(ROSTER).content.decode()
    assert page.count("-Kazzak") == 1
    assert "-Tarren Mill" not in page


def test_members_see_whose_alt_it_is(client: Client, guild: Guild, officer: User) -> None:
    member(guild, "Olgalt", user=officer)
    page = client.get(ROSTER).content.decode()
    assert "(Olgana)" in page
    assert page.count('class="badge">Main<') == 1


def test_visitors_do_not_see_players(guild: Guild, people: People) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    member(guild, "Sneaky", user=people("Privateperson"), main=True)
    for address in (ROSTER, OVERVIEW):
        assertNotContains(Client().get(address), "Privateperson")
    assertContains(Client().get(ROSTER), "Sneaky")


def test_outsiders_get_404(client: Client, guild: Guild, people: People) -> None:
    client.force_login(people("Otto"), "allauth.account.auth_backends.AuthenticationBackend")
    for address in (ROSTER, OVERVIEW, ROSTER.replace("night-watch", "no-such-guild")):
        assert client.get(address).status_code == 404


def test_visitors_are_asked_to_sign_in_whether_or_not_the_guild_exists(guild: Guild) -> None:
    for address in (ROSTER, OVERVIEW, ROSTER.replace("night-watch", "no-such-guild")):
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={address}")


def test_a_fragment_after_signing_out_reloads_the_page(guild: Guild) -> None:
    answer = Client().get(ROSTER, headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"


def test_htmx_gets_the_table_only(client: Client, officer: User) -> None:
    fragment = client.get(ROSTER + "?q=olg&role=&sort=-level", headers={"HX-Request": "true"})
    assertContains(fragment, "Olgana")
    assertNotContains(fragment, "<html")
    assert fragment["HX-Replace-Url"] == f"{ROSTER}?q=olg&sort=-level"
    assert "HX-Request" in fragment["Vary"]


def test_going_back_gets_the_whole_page(client: Client, officer: User) -> None:
    restored = client.get(ROSTER, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assertContains(restored, "<html")


def test_it_rejects_post(client: Client, officer: User) -> None:
    assert client.post(ROSTER).status_code == 405


@pytest.mark.parametrize("address", [ROSTER, OVERVIEW, "/guilds/"])
def test_a_thousand_members_cost_no_more_queries_than_ten(
    client: Client, guild: Guild, officer: User, address: str
) -> None:
    add_members(guild, 9, owner=officer)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    add_members(guild, 990, owner=officer)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert Membership.objects.count() == 1_000
    assert len(many) == len(few) <= 13
