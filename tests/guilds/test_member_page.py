"""A member's page, alt notes, and mains chosen by officers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from characters.item_levels import forget_item_levels, record_item_levels
from guilds.member_history import rank_history
from guilds.models import Guild, Membership, Visibility
from tests.factories import OVERVIEW, ROSTER, add_members, member, realm
from tests.personas import Personas


def page_of(name: str) -> str:
    return f"{OVERVIEW}members/{Membership.objects.get(character__name=name).character_id}/"


def note(personas: Personas, alt: str, main: str, by: str = "Olga") -> Any:
    return personas.browser(by).post(f"{page_of(alt)}alt-of/", {"main": main})


def test_the_roster_links_to_a_members_page(personas: Personas) -> None:
    address = page_of("Rolfne")
    assertContains(personas.browser("Rolf").get(ROSTER), f'href="{address}"')
    page = personas.browser("Rolf").get(address)
    for words in ("Rolfne", "Frost", "600", "Rolf"):
        assertContains(page, words)


def test_outsiders_see_a_public_roster_but_no_members_page(personas: Personas) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    assertNotContains(personas.browser("").get(ROSTER), "/members/")
    assert personas.browser("Nils").get(page_of("Rolfne")).status_code == 404
    assert personas.browser("").get(page_of("Rolfne"))["Location"].startswith("/accounts/")


def test_the_players_other_characters_in_the_guild_are_listed(personas: Personas) -> None:
    member(personas.guild, "Rolftwo", user=personas["Rolf"])
    other = Guild.objects.create(name="O", slug="o", region="eu", realm=personas.guild.realm, blizzard_id=9)
    member(other, "Rolfhidden", user=personas["Rolf"])
    page = personas.browser("Otis").get(page_of("Rolfne"))
    assertContains(page, "Rolftwo")
    assertNotContains(page, "Rolfhidden")


def test_an_alt_note_by_an_officer_is_shown_to_all_members(personas: Personas) -> None:
    for name in ("Bigone", "Smallone"):
        member(personas.guild, name)
    note(personas, "Smallone", "bigone")
    assertContains(personas.browser("Rolf").get(ROSTER), "alt of Bigone")
    assertContains(personas.browser("Rolf").get(page_of("Bigone")), "Smallone")
    assertContains(personas.browser("Rolf").get(page_of("Smallone")), "noted by officers")
    personas.browser("Olga").post(f"{page_of('Smallone')}alt-of/", {"remove": "1"})
    assertNotContains(personas.browser("Rolf").get(ROSTER), "alt of Bigone")


def test_alts_of_an_alt_are_alts_of_the_main(personas: Personas) -> None:
    for name in ("Bigone", "Smallone", "Tinyone"):
        member(personas.guild, name)
    note(personas, "Tinyone", "Smallone")
    note(personas, "Smallone", "Bigone")
    assert set(
        Membership.objects.filter(noted_main__character__name="Bigone").values_list("character__name", flat=True)
    ) == {
        "Smallone",
        "Tinyone",
    }


@pytest.mark.parametrize(
    ("alt", "main", "why"),
    [
        ("Smallone", "Nobody", "No member is called &quot;Nobody&quot;."),
        ("Smallone", "Smallone", "A character is not its own alt."),
        ("Smallone", "Twin", "&quot;Twin&quot; matches 2 members"),
        ("Rolfne", "Smallone", "Battle.net already says whose character this is."),
    ],
)
def test_an_impossible_alt_note_is_refused_with_the_reason(personas: Personas, alt: str, main: str, why: str) -> None:
    member(personas.guild, "Smallone")
    member(personas.guild, "Twin")
    member(personas.guild, "Twin", realm=realm("kazzak", "Kazzak"))
    assertContains(note(personas, alt, main), why)
    assert not Membership.objects.exclude(noted_main=None).exists()


def test_alt_notes_need_the_permission(personas: Personas) -> None:
    member(personas.guild, "Smallone")
    for name, status in (("Otis", 403), ("Rolf", 403), ("Nils", 404), ("", 302)):
        answer = personas.browser(name).post(f"{page_of('Smallone')}alt-of/", {"main": "Rolfne"})
        assert answer.status_code == status, name
    assert not Membership.objects.exclude(noted_main=None).exists()


def test_it_needs_as_many_queries_in_a_guild_of_a_thousand_as_in_one_of_ten(personas: Personas) -> None:
    browser = personas.browser("Olga")
    add_members(personas.guild, 10, owner=personas["Rolf"])
    browser.get(page_of("Rolfne"))
    with CaptureQueriesContext(connection) as few:
        browser.get(page_of("Rolfne"))
    add_members(personas.guild, 990, owner=personas["Rolf"])
    with CaptureQueriesContext(connection) as more:
        browser.get(page_of("Rolfne"))
    # One of them is this test's own, which looks for the address.
    assert len(more) == len(few) <= 18


def test_an_officer_chooses_the_main_until_the_player_does(personas: Personas) -> None:
    member(personas.guild, "Rolftwo", rank=7, user=personas["Rolf"])
    personas.browser("Olga").post(f"{page_of('Rolftwo')}main/")
    assertContains(personas.browser("Rolf").get(page_of("Rolftwo")), "chosen by Olga")
    assert Membership.objects.get(main_of=personas["Rolf"]).character.name == "Rolftwo"
    personas.browser("Olga").post(f"{page_of('Rolftwo')}main/", {"automatic": "1"})
    assert Membership.objects.get(main_of=personas["Rolf"]).character.name == "Rolfne"
    own = Membership.objects.get(character__name="Rolfne")
    personas.browser("Rolf").post(f"{OVERVIEW}main/", {"main": str(own.pk)})
    answer = personas.browser("Olga").post(f"{page_of('Rolftwo')}main/", follow=True)
    assertContains(answer, "Rolf chose Rolfne as main themselves")
    assertNotContains(answer, "Make Rolftwo the main")
    assert Membership.objects.get(main_of=personas["Rolf"]).character.name == "Rolfne"


def test_choosing_somebodys_main_needs_the_permission(personas: Personas) -> None:
    member(personas.guild, "Rolftwo", rank=7, user=personas["Rolf"])
    for name, status in (("Otis", 403), ("Rolf", 403), ("Nils", 404), ("", 302)):
        assert personas.browser(name).post(f"{page_of('Rolftwo')}main/").status_code == status, name
    assert Membership.objects.get(main_of=personas["Rolf"]).character.name == "Rolfne"


def test_alts_are_shown_with_class_level_item_level_and_login(personas: Personas) -> None:
    member(personas.guild, "Rolftwo", rank=7, user=personas["Rolf"], level=71, equipped_item_level=512)
    page = personas.browser("Otis").get(page_of("Rolfne"))
    card = page.content.decode().partition('<ul class="alts">')[2].partition("</ul>")[0]
    for words in ("Rolftwo", "71", "Frost Mage", "512", "Rank 7"):
        assert words in " ".join(card.split())


def test_it_links_to_the_characters_pages_elsewhere(personas: Personas) -> None:
    page = personas.browser("Rolf").get(page_of("Rolfne"))
    assertContains(page, 'href="https://raider.io/characters/eu/tarren-mill/rolfne"')


def test_item_levels_are_noted_once_a_day_and_shown_over_time(personas: Personas) -> None:
    rolfne = Membership.objects.get(character__name="Rolfne").character
    rolfne.item_levels.create(day=timezone.now().date() - timedelta(days=9), item_level=588)
    record_item_levels([rolfne])
    rolfne.equipped_item_level = 603
    record_item_levels([rolfne])
    assert list(rolfne.item_levels.values_list("item_level", flat=True)) == [588, 603]
    page = personas.browser("Rolf").get(page_of("Rolfne"))
    assert [one.item_level for one in page.context["item_levels"]] == [603, 588]
    assertContains(page, '<path class="line" d="M0.0 90.0H360.0V24.0"/>')
    rolfne.item_levels.create(day=timezone.now().date() - timedelta(days=366), item_level=500)
    assert forget_item_levels() == 1


def test_ranks_are_listed_since_the_member_last_joined(personas: Personas) -> None:
    who = Membership.objects.get(character__name="Rolfne")
    for days, kind, details in (
        (50, "PROMOTED", {"before": 7, "after": 6}),
        (40, "JOINED", {"rank": 8}),
        (30, "PROMOTED", {"before": 8, "after": 4}),
        (20, "DEMOTED", {"before": 4, "after": 5}),
    ):
        at = timezone.now() - timedelta(days=days)
        personas.guild.timeline.create(kind=kind, happened_at=at, character=who.character, details=details)
    page = personas.browser("Rolf").get(page_of("Rolfne"))
    assert [one.rank for one in page.context["rank_history"]] == [5, 4, 8]
    personas.guild.timeline.filter(kind="JOINED").delete()
    page = personas.browser("Rolf").get(page_of("Rolfne"))
    assert [(one.rank, one.since is None) for one in page.context["rank_history"]][-1] == (7, True)
    assert [(one.rank, one.since) for one in rank_history(5, [])] == [(5, None)]


def test_a_noted_alt_is_shown_on_its_mains_page_and_the_main_on_the_alts(personas: Personas) -> None:
    main = personas.guild.memberships.get(character__name="Rolfne")
    member(personas.guild, "Rolfalt", user=personas["Rolf"])
    alt = member(personas.guild, "Secretalt")
    personas.guild.memberships.filter(pk=alt.pk).update(noted_main=main)
    officer = personas.browser("Olga")
    for name, others in (("Rolfne", ("Secretalt", "Rolfalt")), ("Secretalt", ("Rolfne", "Rolfalt"))):
        page = officer.get(page_of(name)).content.decode()
        for other in others:
            assert page.count(page_of(other)) >= 1, f"{other} on the page of {name}"
