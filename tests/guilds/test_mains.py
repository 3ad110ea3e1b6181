"""Choosing mains: the player's own choice, then an officer's, then the automatic one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from characters.models import Character
from guilds.deletion import delete_data
from guilds.mains import (
    ChosenByPlayer,
    NotOwnCharacter,
    recompute_mains,
    set_main,
)
from guilds.models import Guild, Membership, TimelineEvent, Visibility
from tests.factories import OVERVIEW, add_members, member, night_watch, realm
from tests.html import offered, text_of
from tests.personas import Personas

MAIN = f"{OVERVIEW}main/"


@pytest.fixture
def alts(personas: Personas) -> dict[str, Membership]:
    """Rolf has three characters in the guild: Rolfne automatically, Rolfalt and Rolfbank."""
    rolf = personas["Rolf"]
    return {
        "Rolfne": Membership.objects.get(character__name="Rolfne"),
        "Rolfalt": member(personas.guild, "Rolfalt", rank=6, user=rolf),
        "Rolfbank": member(personas.guild, "Rolfbank", rank=9, level=10, user=rolf),
    }


def main_of(user: User) -> tuple[str, str]:
    main = user.mains.select_related("character").get()
    return main.character.name, main.main_choice


def choose_for_rolf(personas: Personas, membership: Membership, actor: str = "Olga") -> bool:
    person = personas["Rolf"]
    return set_main(guild=personas.guild, actor=personas[actor], person=person, membership=membership)


def choose_own(personas: Personas, membership: Membership) -> bool:
    return set_main(guild=personas.guild, actor=personas["Rolf"], person=personas["Rolf"], membership=membership)


def main_events() -> list[tuple[str, str, dict[str, Any]]]:
    events = TimelineEvent.objects.filter(kind="MAIN_CHOSEN").select_related("actor").order_by("created_at")
    return [(one.actor.display_name if one.actor else "", one.character_name, one.details) for one in events]


# --- the page ---


def test_a_player_chooses_their_main_and_sets_it_back_to_automatic(
    personas: Personas, alts: dict[str, Membership]
) -> None:
    rolf = personas.browser("Rolf")
    page = rolf.get(OVERVIEW)
    assert "Your main: Rolfne automatic (best rank, then highest level and item level)" in text_of(page)
    assert offered(page)["main"] == ["", *(str(alts[name].pk) for name in ("Rolfne", "Rolfalt", "Rolfbank"))]
    assert rolf.post(MAIN, {"main": alts["Rolfbank"].pk})["Location"] == OVERVIEW
    page = rolf.get(OVERVIEW)
    assert "Your main: Rolfbank chosen by you" in text_of(page)
    assertContains(page, f'<option value="{alts["Rolfbank"].pk}" selected>')
    rolf.post(MAIN, {"main": ""})
    assert "Your main: Rolfne automatic" in text_of(rolf.get(OVERVIEW))


def test_a_player_sees_that_an_officer_chose(personas: Personas, alts: dict[str, Membership]) -> None:
    choose_for_rolf(personas, alts["Rolfalt"])
    assert "Your main: Rolfalt chosen by Olga" in text_of(personas.browser("Rolf").get(OVERVIEW))
    personas["Olga"].characters.update(user=None)
    personas["Olga"].delete()
    recompute_mains(guild_ids=[personas.guild.pk])
    page = text_of(personas.browser("Rolf").get(OVERVIEW))
    assert "Your main: Rolfalt chosen by someone with a deleted account" in page


def test_with_one_character_there_is_nothing_to_choose(personas: Personas) -> None:
    page = personas.browser("Otis").get(OVERVIEW)
    assertNotContains(page, MAIN)
    assert "Your main: Otisne automatic" in text_of(page)


def test_the_timeline_says_who_chose(personas: Personas, alts: dict[str, Membership]) -> None:
    choose_for_rolf(personas, alts["Rolfalt"])
    set_main(guild=personas.guild, actor=personas["Mara"], person=personas["Rolf"], membership=None)
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    page = text_of(personas.browser("Otis").get(f"{OVERVIEW}timeline/"))
    assert "Rolfalt was chosen as main instead of Rolfne by Olga" in page
    assert "Rolfne : main set back to automatic (was Rolfalt) by Mara" in page
    assert "was chosen as main" not in text_of(personas.browser("Nils").get(f"{OVERVIEW}timeline/")), "who plays whom"
    assert main_events()[0] == ("Olga", "Rolfalt", {"before": "Rolfne", "after": "Rolfalt", "choice": "OFFICER"})


@pytest.mark.parametrize(("name", "status"), [("Nils", 404), ("", 302)])
@pytest.mark.parametrize("visibility", Visibility.values)
def test_outsiders_have_nothing_to_choose(
    personas: Personas, alts: dict[str, Membership], name: str, status: int, visibility: str
) -> None:
    Guild.objects.update(visibility=visibility)
    answer = personas.browser(name).post(MAIN, {"main": alts["Rolfalt"].pk})
    assert answer.status_code == status
    if not name:
        assert answer["Location"] == f"/accounts/login/?next={OVERVIEW}"
    assert main_of(personas["Rolf"]) == ("Rolfne", "")


def test_only_a_post_changes_it(personas: Personas, alts: dict[str, Membership]) -> None:
    assert personas.browser("Rolf").get(f"{MAIN}?main={alts['Rolfalt'].pk}").status_code == 405


def test_nobody_can_choose_another_players_character(personas: Personas, alts: dict[str, Membership]) -> None:
    member(personas.guild, "Otisalt", rank=8, user=personas["Otis"])
    otis = personas.browser("Otis")
    for invalid in (alts["Rolfalt"].pk, "x", "00000000-0000-0000-0000-000000000000"):
        assert otis.post(MAIN, {"main": invalid})["Location"] == OVERVIEW
        assertContains(otis.get(OVERVIEW), "Not saved")
    assert main_of(personas["Otis"]) == ("Otisne", "")
    assert main_of(personas["Rolf"]) == ("Rolfne", "")


def test_the_overview_needs_the_same_number_of_queries_for_any_number_of_characters(
    personas: Personas, alts: dict[str, Membership]
) -> None:
    rolf = personas.browser("Rolf")

    def cost() -> int:
        rolf.get(OVERVIEW)
        with CaptureQueriesContext(connection) as queries:
            assert rolf.get(OVERVIEW).status_code == 200
        return len(queries)

    choose_for_rolf(personas, alts["Rolfalt"])
    few = cost()
    add_members(personas.guild, 100, owner=personas["Rolf"])
    assert cost() == few


# --- whose word counts ---


def test_the_players_choice_wins_over_an_officers_and_both_over_the_automatic_one(
    personas: Personas, alts: dict[str, Membership]
) -> None:
    rolf, olga = personas["Rolf"], personas["Olga"]
    assert choose_for_rolf(personas, alts["Rolfalt"])
    recompute_mains(guild_ids=[personas.guild.pk])
    assert main_of(rolf) == ("Rolfalt", "OFFICER")
    assert choose_own(personas, alts["Rolfbank"])
    with pytest.raises(ChosenByPlayer, match="Rolf chose Rolfbank as main themselves"):
        choose_for_rolf(personas, alts["Rolfalt"])
    with pytest.raises(ChosenByPlayer):
        set_main(guild=personas.guild, actor=olga, person=rolf, membership=None)
    recompute_mains(user_ids=[rolf.pk])
    assert main_of(rolf) == ("Rolfbank", "OWN")
    assert set_main(guild=personas.guild, actor=rolf, person=rolf, membership=None)
    assert main_of(rolf) == ("Rolfne", "")
    assert choose_for_rolf(personas, alts["Rolfalt"])
    assert set_main(guild=personas.guild, actor=rolf, person=rolf, membership=None), (
        "a player can override an officer's choice"
    )
    assert main_of(rolf) == ("Rolfne", "")


def test_choosing_the_automatic_main_keeps_it(personas: Personas, alts: dict[str, Membership]) -> None:
    assert choose_own(personas, alts["Rolfne"])
    Membership.objects.filter(pk=alts["Rolfalt"].pk).update(rank=1)
    recompute_mains(guild_ids=[personas.guild.pk])
    assert main_of(personas["Rolf"]) == ("Rolfne", "OWN")


def test_the_same_choice_again_is_recorded_once(personas: Personas, alts: dict[str, Membership]) -> None:
    assert [choose_own(personas, alts["Rolfalt"]) for _ in range(2)] == [True, False]
    assert set_main(guild=personas.guild, actor=personas["Rolf"], person=personas["Rolf"], membership=None)
    assert not set_main(guild=personas.guild, actor=personas["Rolf"], person=personas["Rolf"], membership=None)
    assert len(main_events()) == 2


def test_an_officers_choice_for_themselves_is_their_own_choice(personas: Personas) -> None:
    olga = personas["Olga"]
    alt = member(personas.guild, "Olgaalt", rank=8, user=olga)
    set_main(guild=personas.guild, actor=olga, person=olga, membership=alt)
    assert main_of(olga) == ("Olgaalt", "OWN")


def test_a_choice_in_one_guild_does_not_affect_another(personas: Personas, alts: dict[str, Membership]) -> None:
    rolf = personas["Rolf"]
    other = night_watch(name="Other", slug="other", blizzard_id=2, realm=realm("kazzak", "Kazzak"))
    elsewhere = member(other, "Rolfaway", user=rolf, main=True)
    choose_own(personas, alts["Rolfalt"])
    set_main(guild=personas.guild, actor=rolf, person=rolf, membership=None)
    assert set(rolf.mains.values_list("character__name", flat=True)) == {"Rolfne", "Rolfaway"}
    with pytest.raises(NotOwnCharacter):
        choose_own(personas, elsewhere)


# --- permissions ---


def test_choosing_for_others_needs_the_permission(personas: Personas, alts: dict[str, Membership]) -> None:
    rolf = personas["Rolf"]
    for name in ("Otis", "Nils"):
        with pytest.raises(PermissionDenied):
            choose_for_rolf(personas, alts["Rolfalt"], actor=name)
        with pytest.raises(PermissionDenied):
            set_main(guild=personas.guild, actor=personas[name], person=rolf, membership=None)
    personas.give_rights(2, "guilds.view", "guilds.manage_roster")
    assert choose_for_rolf(personas, alts["Rolfalt"], actor="Otis")


def test_an_officer_who_was_just_demoted_can_choose_nothing(personas: Personas, alts: dict[str, Membership]) -> None:
    olga = personas["Olga"]
    assert olga.has_perm("guilds.manage_roster", personas.guild)
    personas.guild.memberships.filter(rank=1).update(rank=5)
    with pytest.raises(PermissionDenied):
        choose_for_rolf(personas, alts["Rolfalt"])
    assert main_of(personas["Rolf"]) == ("Rolfne", "")


def test_a_character_that_just_left_cannot_become_a_main(personas: Personas, alts: dict[str, Membership]) -> None:
    gone, sold = alts["Rolfalt"], alts["Rolfbank"]
    Membership.objects.filter(pk=gone.pk).delete()
    Character.objects.filter(pk=sold.character_id).update(user=personas["Otis"])
    for membership in (gone, sold, Membership.objects.get(character__name="Marane")):
        with pytest.raises(NotOwnCharacter):
            choose_for_rolf(personas, membership)
        with pytest.raises(NotOwnCharacter):
            choose_own(personas, membership)


def test_nothing_can_be_chosen_in_a_deleted_guild(personas: Personas, alts: dict[str, Membership]) -> None:
    delete_data(guild=personas.guild, actor=personas["Mara"])
    with pytest.raises(PermissionDenied):
        choose_own(personas, alts["Rolfalt"])


# --- at the same moment ---


@pytest.mark.django_db(transaction=True)
def test_concurrent_choices_leave_one_main(personas: Personas, alts: dict[str, Membership]) -> None:
    """The player, two officers, a sync, and a change of the owner."""
    rolf = personas["Rolf"]

    def run(call: Callable[[], object]) -> None:
        try:
            call()
        except ChosenByPlayer:
            pass
        finally:
            connection.close()

    calls: list[Callable[[], object]] = [
        lambda: choose_own(personas, alts["Rolfalt"]),
        lambda: choose_for_rolf(personas, alts["Rolfbank"], actor="Mara"),
        lambda: choose_for_rolf(personas, alts["Rolfne"], actor="Olga"),
        lambda: recompute_mains(guild_ids=[personas.guild.pk]),
        lambda: recompute_mains(user_ids=[rolf.pk]),
    ]
    with ThreadPoolExecutor(len(calls) * 2) as pool:
        list(pool.map(run, calls * 2))
    assert main_of(rolf) == ("Rolfalt", "OWN"), "whatever came first, one's own choice is left"
    assert Membership.objects.exclude(main_choice="").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_character_whose_owner_is_changing_is_not_chosen_meanwhile(
    personas: Personas, alts: dict[str, Membership]
) -> None:
    """The choice waits for the other transaction."""

    def choose() -> bool:
        try:
            return choose_own(personas, alts["Rolfalt"])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Character.objects.filter(pk=alts["Rolfalt"].character_id).update(user=None)
            choosing = pool.submit(choose)
            while not (choosing.done() or is_lock_awaited()):
                pass
            recompute_mains(user_ids=[personas["Rolf"].pk])
        assert isinstance(choosing.exception(10), NotOwnCharacter)
    assert main_of(personas["Rolf"]) == ("Rolfne", "")


def is_lock_awaited() -> bool:
    """Return whether a transaction waits for another one's lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])
