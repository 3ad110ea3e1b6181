"""Officer notes: adding, finding, editing and deleting them, and who can see them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from guilds.edit_conflict import version_of
from guilds.models import Membership, OfficerNote
from tests.factories import OVERVIEW, ROSTER, member
from tests.personas import Personas

NOTES = f"{OVERVIEW}notes/"
SECRET = "Took gold from the bank"


def page_of(name: str) -> str:
    return f"{OVERVIEW}members/{Membership.objects.get(character__name=name).character_id}/"


@pytest.fixture
def noted(personas: Personas) -> OfficerNote:
    """A note by Olga about Rolf; ranks 2 and 3 can read and write notes."""
    for level in (2, 3):
        personas.give_rights(level, "guilds.view", "guilds.read_notes", "guilds.write_notes")
    answer = personas.browser("Olga").post(f"{page_of('Rolfne')}notes/", {"text": SECRET, "about": "person"})
    assert answer.status_code == 302
    return OfficerNote.objects.get()


def test_a_note_about_a_player_is_on_the_pages_of_all_their_characters(personas: Personas, noted: OfficerNote) -> None:
    member(personas.guild, "Rolftwo", user=personas["Rolf"])
    for name in ("Rolfne", "Rolftwo"):
        page = personas.browser("Otis").get(page_of(name))
        assertContains(page, SECRET)
        assertContains(page, "Olga, ")
    assertContains(personas.browser("Otis").get(NOTES), SECRET)


def test_a_note_about_one_character_is_not_on_the_pages_of_the_others(personas: Personas, noted: OfficerNote) -> None:
    member(personas.guild, "Rolftwo", user=personas["Rolf"])
    personas.browser("Otis").post(f"{page_of('Rolftwo')}notes/", {"text": "Badly geared", "about": "character"})
    assertContains(personas.browser("Otis").get(page_of("Rolftwo")), "Badly geared")
    assertNotContains(personas.browser("Otis").get(page_of("Rolfne")), "Badly geared")


def test_the_player_concerned_and_other_members_never_see_it(personas: Personas, noted: OfficerNote) -> None:
    personas.give_rights(2, "guilds.view", "guilds.write_notes", "guilds.manage_roster", "guilds.refresh")
    for name in ("Rolf", "Otis"):
        browser = personas.browser(name)
        for page in (OVERVIEW, ROSTER, page_of("Rolfne"), f"{OVERVIEW}timeline/", f"{OVERVIEW}ranks/"):
            assertNotContains(browser.get(page), SECRET)
        assert browser.get(NOTES).status_code == 403
        assert browser.get(f"{NOTES}{noted.pk}/").status_code == 403
    assertContains(personas.browser("Otis").get(page_of("Rolfne")), "Add note")
    assert personas.browser("Nils").get(NOTES).status_code == 404


def test_writing_a_note_needs_the_permission(personas: Personas, noted: OfficerNote) -> None:
    personas.give_rights(2, "guilds.view", "guilds.read_notes")
    for name, status in (("Otis", 403), ("Rolf", 403), ("Nils", 404), ("", 302)):
        answer = personas.browser(name).post(f"{page_of('Rolfne')}notes/", {"text": "No", "about": "person"})
        assert answer.status_code == status, name
    assert OfficerNote.objects.count() == 1


def test_only_the_author_and_higher_ranks_can_edit_and_delete_it(personas: Personas, noted: OfficerNote) -> None:
    address = f"{NOTES}{noted.pk}/"
    assert personas.browser("Otis").post(address, {"text": "Nothing", "version": version_of(SECRET)}).status_code == 403
    assert personas.browser("Otis").post(f"{address}delete/").status_code == 403
    assert (
        personas.browser("Olga").post(address, {"text": "Gave it back", "version": version_of(SECRET)}).status_code
        == 302
    )
    page = personas.browser("Otis").get(NOTES)
    assertContains(page, "Gave it back")
    assertNotContains(page, SECRET)
    assert personas.browser("Mara").post(f"{address}delete/").status_code == 302
    assert not OfficerNote.objects.exists()


def test_a_former_members_note_can_be_edited_by_everyone_who_writes_notes(
    personas: Personas, noted: OfficerNote
) -> None:
    Membership.objects.get(character__name="Olgane").delete()
    assert personas.browser("Olga").get(f"{NOTES}{noted.pk}/").status_code == 404
    assert personas.browser("Otis").post(f"{NOTES}{noted.pk}/delete/").status_code == 302


def test_the_second_of_two_editors_sees_a_conflict(personas: Personas, noted: OfficerNote) -> None:
    address = f"{NOTES}{noted.pk}/"
    personas.browser("Olga").post(address, {"text": "Olga's", "version": version_of(SECRET)})
    answer = personas.browser("Mara").post(address, {"text": "Mara's", "version": version_of(SECRET)})
    assertContains(answer, "Someone else saved first", status_code=409)
    assertContains(answer, "Mara&#x27;s", status_code=409)
    assert OfficerNote.objects.get().text == "Olga's"
    assert (
        personas.browser("Mara").post(address, {"text": "Mara's", "version": version_of("Olga's")}).status_code == 302
    )
    assert OfficerNote.objects.get().text == "Mara's"


def test_a_note_is_kept_when_the_member_leaves_and_returns(personas: Personas, noted: OfficerNote) -> None:
    place = Membership.objects.get(character__name="Rolfne")
    personas.browser("Mara").post(f"{page_of('Rolfne')}notes/", {"text": "Never again", "about": "character"})
    character = place.character
    place.delete()
    page = personas.browser("Mara").get(f"{NOTES}?q=rolf")
    assertContains(page, "Never again")
    assertContains(page, "left")
    Membership.objects.create(character=character, guild=personas.guild, rank=9)
    assertContains(personas.browser("Mara").get(page_of("Rolfne")), "Never again")


def test_notes_of_another_guild_are_not_shown(personas: Personas, noted: OfficerNote) -> None:
    member(personas.other_guild, "Rolfalt", user=personas["Rolf"])
    browser = personas.browser("Otto")
    theirs = Membership.objects.get(character__name="Rolfalt").character_id
    assertNotContains(browser.get(f"/guilds/eu/kazzak/other/members/{theirs}/"), SECRET)
    assert browser.get(f"/guilds/eu/kazzak/other/notes/{noted.pk}/").status_code == 404
    assert browser.post(f"/guilds/eu/kazzak/other/notes/{noted.pk}/delete/").status_code == 404
    foreign = Membership.objects.get(character__name="Rolfne").character_id
    assert browser.get(f"/guilds/eu/kazzak/other/members/{foreign}/").status_code == 404
    assert OfficerNote.objects.count() == 1


@pytest.mark.parametrize(("text", "found"), [("gold", 1), ("rolf", 1), ("Rolf#1003", 0), ("1003", 0), ("silver", 0)])
def test_notes_are_found_by_text_and_name_but_not_by_the_battletags_number(
    personas: Personas, noted: OfficerNote, text: str, found: int
) -> None:
    page = personas.browser("Olga").get(NOTES, {"q": text})
    assert page.context["page"].paginator.count == found


@pytest.mark.parametrize("data", [{}, {"text": ""}, {"text": "x" * 4001}, {"text": "x", "about": "everybody"}])
def test_an_invalid_note_is_refused_with_the_reason(personas: Personas, data: dict[str, Any]) -> None:
    answer = personas.browser("Olga").post(f"{page_of('Rolfne')}notes/", data)
    assert answer.status_code == 200
    assert answer.context["note_form"].errors
    assert not OfficerNote.objects.exists()


def test_a_thousand_notes_need_no_more_queries_than_ten(personas: Personas) -> None:
    character, olga = Membership.objects.get(character__name="Rolfne").character, personas["Olga"]

    def many(count: int) -> None:
        OfficerNote.objects.bulk_create(
            OfficerNote(guild=personas.guild, about_character=character, text=f"Note {n}", author=olga)
            for n in range(count)
        )

    browser = personas.browser("Mara")
    many(10)
    browser.get(NOTES)
    with CaptureQueriesContext(connection) as few:
        assert browser.get(NOTES).context["page"].paginator.count == 10
    many(990)
    with CaptureQueriesContext(connection) as more:
        assert browser.get(NOTES).context["page"].paginator.count == 1_000
    assert len(more) == len(few)
