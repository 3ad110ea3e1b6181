"""The plan: what officers mean to do in the game, and what the roster says became of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains

from guilds.models import Guild, Membership, PlannedChange
from guilds.rules import outcome
from guilds.todo.services import settle_plans
from tests.factories import OVERVIEW, crowd, member, realm
from tests.personas import Personas

PLAN = f"{OVERVIEW}plan/"
State = PlannedChange.State
NOW = timezone.now()
LATER, BEFORE = NOW + timedelta(days=1), NOW - timedelta(seconds=1)


def page_of(name: str) -> str:
    return f"{OVERVIEW}members/{Membership.objects.get(character__name=name).character_id}/"


def plan(personas: Personas, name: str, kind: str, to_rank: int | str = "", by: str = "Olga") -> Any:
    data = {"kind": kind, "to_rank": to_rank, "reason": "Raid leader says so"}
    return personas.browser(by).post(f"{page_of(name)}plan/", data)


@pytest.mark.parametrize(
    ("kind", "to_rank", "rank_now", "lapses_at", "became"),
    [
        ("PROMOTE", 3, 3, LATER, State.DONE),
        ("PROMOTE", 3, 2, LATER, State.DONE),
        ("PROMOTE", 3, 4, LATER, None),
        ("PROMOTE", 3, 6, BEFORE, State.LAPSED),
        ("PROMOTE", 3, None, LATER, State.LAPSED),
        ("DEMOTE", 7, 7, LATER, State.DONE),
        ("DEMOTE", 7, 9, LATER, State.DONE),
        ("DEMOTE", 7, 5, LATER, None),
        ("DEMOTE", 7, None, LATER, State.LAPSED),
        ("REMOVE", None, None, BEFORE, State.DONE),
        ("REMOVE", None, 5, LATER, None),
        ("REMOVE", None, 5, BEFORE, State.LAPSED),
    ],
)
def test_what_became_of_a_plan(
    kind: str, to_rank: int | None, rank_now: int | None, lapses_at: Any, became: str | None
) -> None:
    assert outcome(kind, to_rank=to_rank, rank_now=rank_now, lapses_at=lapses_at, now=NOW) == became


def test_an_officer_plans_from_a_members_page_and_the_plan_shows_the_games_command(personas: Personas) -> None:
    assert plan(personas, "Rolfne", "PROMOTE", 3).status_code == 302
    page = personas.browser("Mara").get(PLAN)
    for words in ("promote to Rank 3", "Raid leader says so", "/gpromote Rolfne", "Olga"):
        assertContains(page, words)
    assertContains(personas.browser("Mara").get(page_of("Rolfne")), "Take it off the plan")


def test_the_realm_is_named_where_the_game_wants_it(personas: Personas) -> None:
    member(personas.guild, "Farwalker", rank=5, realm=realm("kazzak", "Kazzak"))
    plan(personas, "Farwalker", "REMOVE")
    assertContains(personas.browser("Olga").get(PLAN), "/gremove Farwalker-Kazzak")


def test_only_those_who_manage_the_roster_plan_or_see_plans(personas: Personas) -> None:
    plan(personas, "Rolfne", "REMOVE")
    change = PlannedChange.objects.get()
    for name, status in (("Otis", 403), ("Rolf", 403), ("Nils", 404), ("", 302)):
        browser = personas.browser(name)
        assert browser.get(PLAN).status_code == status
        assert browser.post(PLAN, {"names": "Rolfne", "kind": "REMOVE"}).status_code == status
        assert browser.post(f"{PLAN}withdraw/", {"change": str(change.pk)}).status_code == status
        assert browser.post(f"{page_of('Otisne')}plan/", {"kind": "REMOVE"}).status_code == status
    assert "Put it on the plan" not in personas.browser("Rolf").get(page_of("Rolfne")).content.decode()
    assert PlannedChange.objects.get().state == State.OPEN


def test_a_second_plan_for_the_same_member_is_refused_and_names_the_first(personas: Personas) -> None:
    plan(personas, "Rolfne", "REMOVE")
    answer = plan(personas, "Rolfne", "PROMOTE", 3, by="Mara")
    assertContains(answer, "on the plan already (remove, by Olga)")
    assert PlannedChange.objects.get().kind == "REMOVE"


@pytest.mark.parametrize(("kind", "to_rank"), [("PROMOTE", 5), ("PROMOTE", 7), ("DEMOTE", 5), ("DEMOTE", 2)])
def test_a_rank_that_is_the_wrong_way_is_refused(personas: Personas, kind: str, to_rank: int) -> None:
    assertContains(plan(personas, "Rolfne", kind, to_rank), "rank 5 already")
    assert not PlannedChange.objects.exists()


@pytest.mark.parametrize(("kind", "to_rank"), [("PROMOTE", ""), ("DEMOTE", "11"), ("PROMOTE", "0"), ("DANCE", "")])
def test_a_senseless_plan_is_refused(personas: Personas, kind: str, to_rank: str) -> None:
    answer = plan(personas, "Rolfne", kind, to_rank)
    assert answer.context["plan_form"].errors
    assert not PlannedChange.objects.exists()


def test_many_are_planned_at_once_by_name(personas: Personas) -> None:
    crowd(personas.guild, 3)
    names = list(
        Membership.objects.filter(character__name__startswith="Soldier").values_list("character__name", flat=True)
    )
    data = {"names": f"{names[0].lower()}, {names[1]}\n{names[2]}-Tarren Mill\n", "kind": "REMOVE", "reason": "Away"}
    assert personas.browser("Olga").post(PLAN, data).status_code == 302
    assert set(PlannedChange.objects.values_list("character__name", flat=True)) == set(names)


def test_a_name_that_nobody_has_or_that_two_have_plans_nothing(personas: Personas) -> None:
    member(personas.guild, "Twin", realm=realm("kazzak", "Kazzak"))
    member(personas.guild, "Twin")
    answer = personas.browser("Olga").post(PLAN, {"names": "Rolfne, Twin, Nobody", "kind": "REMOVE"})
    assertContains(answer, "Not the name of one member: Twin, Nobody.")
    assert not PlannedChange.objects.exists()
    assert personas.browser("Olga").post(PLAN, {"names": "Rolfne, Twin-Kazzak", "kind": "REMOVE"}).status_code == 302
    assert PlannedChange.objects.count() == 2


def test_what_nobody_did_in_four_weeks_lapses_and_can_be_planned_anew(personas: Personas) -> None:
    plan(personas, "Rolfne", "REMOVE")
    PlannedChange.objects.update(lapses_at=timezone.now() - timedelta(minutes=1))
    page = personas.browser("Olga").get(PLAN)
    assertContains(page, "Nothing is planned.")
    assertContains(page, "lapsed")
    assert plan(personas, "Rolfne", "REMOVE").status_code == 302
    assert sorted(PlannedChange.objects.values_list("state", flat=True)) == [State.LAPSED, State.OPEN]


def test_a_plan_is_taken_off(personas: Personas) -> None:
    plan(personas, "Rolfne", "REMOVE")
    change = PlannedChange.objects.get()
    personas.browser("Mara").post(f"{PLAN}withdraw/", {"change": [str(change.pk), "nonsense"]})
    assert PlannedChange.objects.get().state == State.WITHDRAWN
    assertContains(personas.browser("Mara").get(PLAN), "withdrawn")


def test_a_change_of_another_guild_cannot_be_withdrawn_here(personas: Personas) -> None:
    other = Guild.objects.create(name="O", slug="o", region="eu", realm=personas.guild.realm, blizzard_id=9)
    foreign = PlannedChange.objects.create(
        guild=other, character=member(other, "Foreigner").character, kind="REMOVE", from_rank=5, lapses_at=LATER
    )
    personas.browser("Olga").post(f"{PLAN}withdraw/", {"change": str(foreign.pk)})
    assert PlannedChange.objects.get().state == State.OPEN


def test_a_long_plan_is_settled_in_as_many_statements_as_a_short_one(personas: Personas) -> None:
    crowd(personas.guild, 1_000)
    places = list(Membership.objects.filter(character__name__startswith="Soldier"))

    def settled(chosen: list[Membership]) -> int:
        PlannedChange.objects.all().delete()
        PlannedChange.objects.bulk_create(
            PlannedChange(
                guild=personas.guild,
                character_id=place.character_id,
                kind="DEMOTE" if number % 2 else "REMOVE",
                from_rank=1,
                to_rank=2 if number % 2 else None,
                lapses_at=LATER if number % 3 else BEFORE,
            )
            for number, place in enumerate(chosen)
        )
        with CaptureQueriesContext(connection) as statements:
            settle_plans(guild=personas.guild, now=NOW)
        assert PlannedChange.objects.filter(state=State.DONE).exists()
        assert PlannedChange.objects.filter(state=State.LAPSED).exists()
        return len(statements)

    assert settled(places[:10]) == settled(places) == 3


def test_the_page_costs_as_much_with_a_thousand_as_with_ten(personas: Personas) -> None:
    crowd(personas.guild, 1_000)
    places = list(Membership.objects.filter(character__name__startswith="Soldier"))
    browser = personas.browser("Olga")
    browser.get(PLAN)

    def queries(chosen: list[Membership]) -> int:
        PlannedChange.objects.bulk_create(
            PlannedChange(
                guild=personas.guild, character_id=place.character_id, kind="REMOVE", from_rank=5, lapses_at=LATER
            )
            for place in chosen
        )
        with CaptureQueriesContext(connection) as statements:
            browser.get(PLAN)
        return len(statements)

    assert queries(places[:10]) == queries(places[10:])
