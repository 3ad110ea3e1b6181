"""Selected rows of the roster: to-do items, notes and alt notes for many, and the game's commands."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from guilds.models import OfficerNote, TodoItem
from guilds.todo.commands import LONGEST_BLOCK, blocks
from tests.factories import OVERVIEW, ROSTER, member, realm
from tests.personas import Personas

SELECTED, TODO = f"{ROSTER}selected/", f"{OVERVIEW}todo/"


def ids(personas: Personas, *names: str) -> list[str]:
    members = personas.guild.memberships.filter(character__name__in=names)
    return [str(one) for one in members.values_list("character", flat=True)]


def act(browser: Client, action: str, members: list[str], **data: Any) -> Any:
    return browser.post(SELECTED, {"action": action, "member": members, **data})


@pytest.fixture
def officer(personas: Personas) -> Client:
    """Olga's browser; Anna of Kazzak and Anna of Tarren Mill are members without a player."""
    member(personas.guild, "Anna", rank=7)
    member(personas.guild, "Anna", rank=7, realm=realm("kazzak", "Kazzak"))
    return personas.browser("Olga")


def test_two_members_of_one_name_are_told_apart_by_their_rows(personas: Personas, officer: Client) -> None:
    away = personas.guild.memberships.get(character__realm__slug="kazzak").character
    page = act(officer, "todo", [str(away.pk)])
    assertContains(page, ">Anna-Kazzak</textarea>")
    assertContains(page, "1 member selected")
    saved = act(officer, "todo", [str(away.pk)], save="1", kind="REMOVE", reason="Away")
    assert saved["Location"] == TODO
    assert TodoItem.objects.get().character == away
    assertContains(officer.get(TODO), "/gremove Anna-Kazzak</textarea>")


def test_all_that_a_filter_finds_can_be_selected(personas: Personas, officer: Client) -> None:
    act(officer, "todo", [], is_all="1", back="rank=7", save="1", kind="PROMOTE", to_rank="5")
    assert [item.character.name for item in TodoItem.objects.all()] == ["Anna", "Anna"]
    text = officer.get(TODO).content.decode()
    assert text.count("/gpromote Anna\n/gpromote Anna\n") + text.count("/gpromote Anna\n/gpromote Anna</") == 1
    assert text.count("/gpromote Anna-Kazzak") == 3, "once beside the item, and once for each of two ranks"


def test_players_can_be_selected_with_their_alts(personas: Personas, officer: Client) -> None:
    member(personas.guild, "Rolfalt", rank=8, user=personas["Rolf"])
    page = act(officer, "todo", ids(personas, "Rolfne"), back="rows=players", with_alts="1")
    assertContains(page, ">Rolfalt\nRolfne</textarea>")


def test_one_note_for_each_player(personas: Personas, officer: Client) -> None:
    member(personas.guild, "Rolfalt", user=personas["Rolf"])
    chosen = ids(personas, "Rolfne", "Rolfalt", "Otisne", "Anna")
    assert act(officer, "note", chosen, save="1", text="Helped", about_person="on")["Location"] == ROSTER
    people = [note.about_person for note in OfficerNote.objects.exclude(about_person=None)]
    assert {person.display_name for person in people if person} == {"Rolf", "Otis"}
    assert OfficerNote.objects.filter(about_person=None).count() == 2
    assert OfficerNote.objects.count() == 4


def test_alts_are_noted_by_rows(personas: Personas, officer: Client) -> None:
    main = personas.guild.memberships.get(character__realm__slug="kazzak")
    alt = personas.guild.memberships.get(character__name="Anna", character__realm=personas.guild.realm)
    member(personas.guild, "Altsalt").noted_alts.set([])
    personas.guild.memberships.filter(character__name="Altsalt").update(noted_main=alt)
    saved = act(officer, "alt", [str(alt.character_id)], save="1", main=str(main.pk), back="rank=7")
    assert saved["Location"] == f"{ROSTER}?rank=7"
    names = main.noted_alts.values_list("character__name", flat=True)
    assert sorted(names) == ["Altsalt", "Anna"], "alts of an alt move with it"


def test_a_character_with_a_player_is_nobodys_noted_alt(personas: Personas, officer: Client) -> None:
    main = personas.guild.memberships.get(character__realm__slug="kazzak")
    page = act(officer, "alt", ids(personas, "Rolfne"), save="1", main=str(main.pk))
    assertContains(page, "Rolfne: Battle.net already says whose character this is.")
    assert main.noted_alts.count() == 0


def test_nothing_selected_leads_back_to_the_same_view(personas: Personas, officer: Client) -> None:
    assert act(officer, "todo", [], back="rank=7")["Location"] == f"{ROSTER}?rank=7"
    assert act(officer, "fire", ids(personas, "Rolfne"))["Location"] == ROSTER
    assertContains(officer.get(ROSTER), "Select at least one row.")


def test_members_of_other_guilds_cannot_be_selected(personas: Personas, officer: Client) -> None:
    stranger = str(personas.other_guild.memberships.get().character_id)
    assert act(officer, "todo", [stranger], save="1", kind="REMOVE").status_code == 302
    assert not TodoItem.objects.exists()


def test_each_action_needs_its_permission(personas: Personas, officer: Client) -> None:
    personas.give_rights(2, "guilds.view", "guilds.write_notes")
    otis = personas.browser("Otis")
    assert act(otis, "todo", ids(personas, "Rolfne"), save="1", kind="REMOVE").status_code == 403
    assert act(otis, "note", ids(personas, "Rolfne"), save="1", text="Nice").status_code == 302
    assert act(personas.browser("Rolf"), "note", ids(personas, "Rolfne"), save="1", text="Nice").status_code == 403
    assertContains(otis.get(ROSTER), "Note…")
    assert "To-do…" not in otis.get(ROSTER).content.decode()


def test_commands_are_split_into_blocks_that_the_game_accepts() -> None:
    commands = [f"/gpromote Quinlózan{number:03d}-TarrenMill" for number in range(40)]
    found = blocks(commands)
    assert max(len(block.encode()) for block in found) <= LONGEST_BLOCK
    assert "\n".join(found).split("\n") == commands
    assert len(found) < 10
