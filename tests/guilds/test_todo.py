"""The to-do list: what officers have to do in the game, and what the roster shows done."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains

from guilds.models import Guild, Membership, TodoItem
from guilds.todo.services import close_items, closing_state
from tests.factories import OVERVIEW, add_members, member, realm
from tests.personas import Personas

TODO = f"{OVERVIEW}todo/"
State = TodoItem.State
NOW = timezone.now()
LATER, BEFORE = NOW + timedelta(days=1), NOW - timedelta(seconds=1)


def page_of(name: str) -> str:
    return f"{OVERVIEW}members/{Membership.objects.get(character__name=name).character_id}/"


def add(personas: Personas, name: str, kind: str, to_rank: int | str = "", by: str = "Olga") -> Any:
    data = {"kind": kind, "to_rank": to_rank, "reason": "Raid leader says so"}
    return personas.browser(by).post(f"{page_of(name)}todo/", data)


@pytest.mark.parametrize(
    ("kind", "to_rank", "rank_now", "expires_at", "state"),
    [
        ("PROMOTE", 3, 3, LATER, State.DONE),
        ("PROMOTE", 3, 2, LATER, State.DONE),
        ("PROMOTE", 3, 4, LATER, None),
        ("PROMOTE", 3, 6, BEFORE, State.EXPIRED),
        ("PROMOTE", 3, None, LATER, State.EXPIRED),
        ("DEMOTE", 7, 7, LATER, State.DONE),
        ("DEMOTE", 7, 9, LATER, State.DONE),
        ("DEMOTE", 7, 5, LATER, None),
        ("DEMOTE", 7, None, LATER, State.EXPIRED),
        ("REMOVE", None, None, BEFORE, State.DONE),
        ("REMOVE", None, 5, LATER, None),
        ("REMOVE", None, 5, BEFORE, State.EXPIRED),
    ],
)
def test_the_state_in_which_an_item_closes(
    kind: str, to_rank: int | None, rank_now: int | None, expires_at: Any, state: str | None
) -> None:
    assert closing_state(kind, to_rank=to_rank, rank_now=rank_now, expires_at=expires_at, now=NOW) == state


def test_an_officer_adds_an_item_from_a_members_page_and_the_list_shows_the_games_command(personas: Personas) -> None:
    assert add(personas, "Rolfne", "PROMOTE", 3).status_code == 302
    page = personas.browser("Mara").get(TODO)
    for words in ("promote to Rank 3", "Raid leader says so", "/gpromote Rolfne", "Olga"):
        assertContains(page, words)
    assertContains(personas.browser("Mara").get(page_of("Rolfne")), "Remove from to-do")


def test_the_command_names_the_realm_where_the_game_needs_it(personas: Personas) -> None:
    member(personas.guild, "Farwalker", rank=5, realm=realm("kazzak", "Kazzak"))
    add(personas, "Farwalker", "REMOVE")
    assertContains(personas.browser("Olga").get(TODO), "/gremove Farwalker-Kazzak")


def test_only_those_who_manage_the_roster_see_or_change_the_list(personas: Personas) -> None:
    add(personas, "Rolfne", "REMOVE")
    change = TodoItem.objects.get()
    for name, status in (("Otis", 403), ("Rolf", 403), ("Nils", 404), ("", 302)):
        browser = personas.browser(name)
        assert browser.get(TODO).status_code == status
        assert browser.post(TODO, {"names": "Rolfne", "kind": "REMOVE"}).status_code == status
        assert browser.post(f"{TODO}remove/", {"item": str(change.pk)}).status_code == status
        assert browser.post(f"{page_of('Otisne')}todo/", {"kind": "REMOVE"}).status_code == status
    assert "Add to to-do" not in personas.browser("Rolf").get(page_of("Rolfne")).content.decode()
    assert TodoItem.objects.get().state == State.OPEN


def test_a_second_item_for_the_same_member_is_refused_and_names_the_first(personas: Personas) -> None:
    add(personas, "Rolfne", "REMOVE")
    answer = add(personas, "Rolfne", "PROMOTE", 3, by="Mara")
    assertContains(answer, "already on the to-do list (remove, by Olga)")
    assert TodoItem.objects.get().kind == "REMOVE"


@pytest.mark.parametrize(
    ("kind", "to_rank", "words"),
    [
        ("PROMOTE", 5, "rank 5 already"),
        ("PROMOTE", 7, "rank 7 is below their rank 5. Choose demote instead."),
        ("DEMOTE", 5, "rank 5 already"),
        ("DEMOTE", 2, "rank 2 is above their rank 5. Choose promote instead."),
    ],
)
def test_a_rank_in_the_wrong_direction_is_refused_with_what_to_choose(
    personas: Personas, kind: str, to_rank: int, words: str
) -> None:
    assertContains(add(personas, "Rolfne", kind, to_rank), words)
    assert not TodoItem.objects.exists()


@pytest.mark.parametrize(("kind", "to_rank"), [("PROMOTE", ""), ("DEMOTE", "11"), ("PROMOTE", "0"), ("DANCE", "")])
def test_an_invalid_item_is_refused(personas: Personas, kind: str, to_rank: str) -> None:
    answer = add(personas, "Rolfne", kind, to_rank)
    assert answer.context["todo_form"].errors
    assert not TodoItem.objects.exists()


def test_items_for_many_members_are_added_by_name(personas: Personas) -> None:
    add_members(personas.guild, 3)
    names = list(
        Membership.objects.filter(character__name__startswith="Soldier").values_list("character__name", flat=True)
    )
    data = {"names": f"{names[0].lower()}, {names[1]}\n{names[2]}-Tarren Mill\n", "kind": "REMOVE", "reason": "Away"}
    assert personas.browser("Olga").post(TODO, data).status_code == 302
    assert set(TodoItem.objects.values_list("character__name", flat=True)) == set(names)


def test_the_commands_are_those_of_all_pages_of_the_list(personas: Personas) -> None:
    add_members(personas.guild, 60)
    names = "\n".join(Membership.objects.filter(character__user=None).values_list("character__name", flat=True))
    officer = personas.browser("Olga")
    officer.post(TODO, {"names": names, "kind": "REMOVE", "to_rank": ""})
    for page in (1, 2):
        shown = officer.get(f"{TODO}?page={page}").context
        assert len(shown["page"].object_list) == (50, 10)[page - 1]
        assert sum(block.count("/gremove") for block in shown["command_blocks"]) == 60


def test_unknown_and_ambiguous_names_add_nothing(personas: Personas) -> None:
    member(personas.guild, "Twin", realm=realm("kazzak", "Kazzak"))
    member(personas.guild, "Twin")
    answer = personas.browser("Olga").post(TODO, {"names": "Rolfne, Twin, Nobody", "kind": "REMOVE"})
    assertContains(answer, "&quot;Twin&quot; matches 2 members: write Twin-Kazzak or Twin-Tarren Mill.")
    assertContains(answer, "No member is called &quot;Nobody&quot;.")
    assert not TodoItem.objects.exists()
    assert personas.browser("Olga").post(TODO, {"names": "Rolfne, Twin-Kazzak", "kind": "REMOVE"}).status_code == 302
    assert TodoItem.objects.count() == 2


def test_an_item_that_nobody_did_in_four_weeks_expires_and_can_be_added_again(personas: Personas) -> None:
    add(personas, "Rolfne", "REMOVE")
    TodoItem.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    page = personas.browser("Olga").get(TODO)
    assertContains(page, "Nothing to do.")
    assertContains(page, "expired")
    assert add(personas, "Rolfne", "REMOVE").status_code == 302
    assert sorted(TodoItem.objects.values_list("state", flat=True)) == [State.EXPIRED, State.OPEN]


def test_an_item_is_removed(personas: Personas) -> None:
    add(personas, "Rolfne", "REMOVE")
    change = TodoItem.objects.get()
    personas.browser("Mara").post(f"{TODO}remove/", {"item": [str(change.pk), "nonsense"]})
    assert TodoItem.objects.get().state == State.REMOVED
    assertContains(personas.browser("Mara").get(TODO), "removed")


def test_an_item_of_another_guild_cannot_be_removed_here(personas: Personas) -> None:
    other = Guild.objects.create(name="O", slug="o", region="eu", realm=personas.guild.realm, blizzard_id=9)
    foreign = TodoItem.objects.create(
        guild=other, character=member(other, "Foreigner").character, kind="REMOVE", from_rank=5, expires_at=LATER
    )
    personas.browser("Olga").post(f"{TODO}remove/", {"item": str(foreign.pk)})
    assert TodoItem.objects.get().state == State.OPEN


def test_a_long_list_is_closed_in_as_many_statements_as_a_short_one(personas: Personas) -> None:
    add_members(personas.guild, 1_000)
    places = list(Membership.objects.filter(character__name__startswith="Soldier"))

    def statements_for(chosen: list[Membership]) -> int:
        TodoItem.objects.all().delete()
        TodoItem.objects.bulk_create(
            TodoItem(
                guild=personas.guild,
                character_id=place.character_id,
                kind="DEMOTE" if number % 2 else "REMOVE",
                from_rank=1,
                to_rank=2 if number % 2 else None,
                expires_at=LATER if number % 3 else BEFORE,
            )
            for number, place in enumerate(chosen)
        )
        with CaptureQueriesContext(connection) as statements:
            close_items(guild=personas.guild, now=NOW)
        assert TodoItem.objects.filter(state=State.DONE).exists()
        assert TodoItem.objects.filter(state=State.EXPIRED).exists()
        return len(statements)

    assert statements_for(places[:10]) == statements_for(places) == 3


def test_the_page_needs_as_many_queries_with_a_thousand_items_as_with_ten(personas: Personas) -> None:
    add_members(personas.guild, 1_000)
    places = list(Membership.objects.filter(character__name__startswith="Soldier"))
    browser = personas.browser("Olga")
    browser.get(TODO)

    def queries(chosen: list[Membership]) -> int:
        TodoItem.objects.bulk_create(
            TodoItem(
                guild=personas.guild, character_id=place.character_id, kind="REMOVE", from_rank=5, expires_at=LATER
            )
            for place in chosen
        )
        with CaptureQueriesContext(connection) as statements:
            browser.get(TODO)
        return len(statements)

    assert queries(places[:10]) == queries(places[10:])
