"""A token gives what its player can do now, and of that what was chosen for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from api.models import ApiToken
from api.tokens import revoke_token
from characters.models import Character
from guilds.models import Guild, Membership, OfficerNote, Visibility
from permissions.models import Grant
from tests.api.programs import (
    EVERYTHING,
    GUILDS,
    MANAGE,
    NIGHT_WATCH,
    NOTES,
    VIEW,
    error_of,
    program,
    program_of,
    read,
    token_of,
)
from tests.personas import Personas

ROSTER, OFFICERS_NOTES = f"{NIGHT_WATCH}/roster", f"{NIGHT_WATCH}/notes"
REFUSED = (403, "forbidden")
UNKNOWN = (404, "not_found")
NOT_AUTHENTICATED = (401, "not_authenticated")


def test_a_member_reads_the_roster(personas: Personas) -> None:
    names = {one["name"] for one in read(program_of(personas, "Rolf"), ROSTER)["items"]}
    assert names == {"Marane", "Olgane", "Otisne", "Rolfne"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic eDp5", "Bearer \x00", "Bearer ü"])
def test_without_a_token_nothing_is_read(personas: Personas, header: str) -> None:
    client = Client(headers={"authorization": header}) if header else Client()
    answer = client.get(ROSTER)
    assert error_of(answer) == NOT_AUTHENTICATED
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_dead_token_is_not_replaced_by_a_session(personas: Personas) -> None:
    browser = personas.browser("Mara")
    assert browser.get(ROSTER).status_code == 200
    assert error_of(browser.get(ROSTER, headers={"authorization": "Bearer gsp_wrong"})) == NOT_AUTHENTICATED


def test_it_ends_at_once_with_revocation_expiry_and_the_account(personas: Personas) -> None:
    client, rows, rolf = (
        program_of(personas, "Rolf"),
        ApiToken.objects.all(),
        User.objects.filter(battletag__startswith="Rolf"),
    )
    changes: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
        (rows, {"expires_at": timezone.now()}, {"expires_at": timezone.now() + timedelta(days=1)}),
        (rolf, {"is_active": False}, {"is_active": True}),
    ]
    for changed, change, undo in changes:
        assert client.get(ROSTER).status_code == 200
        changed.update(**change)
        assert error_of(client.get(ROSTER)) == NOT_AUTHENTICATED
        changed.update(**undo)
    assert revoke_token(person=personas["Rolf"], token_id=rows.get().pk)
    assert error_of(client.get(ROSTER)) == NOT_AUTHENTICATED


def test_it_ends_at_once_with_the_rights_of_its_player(personas: Personas) -> None:
    notes, roster = program_of(personas, "Olga", NOTES), program_of(personas, "Olga")
    assert read(notes, OFFICERS_NOTES) == {"items": [], "next": None}
    personas.give_rights(1, VIEW)
    assert error_of(notes.get(OFFICERS_NOTES)) == REFUSED
    assert roster.get(ROSTER).status_code == 200
    Character.objects.filter(name="Olgane").update(owner_confirmed_at=timezone.now() - timedelta(days=31))
    assert error_of(roster.get(ROSTER)) == REFUSED
    Membership.objects.filter(character__name="Olgane").delete()
    assert error_of(roster.get(ROSTER)) == UNKNOWN


def test_a_permission_of_the_player_that_was_not_chosen_is_missing(personas: Personas) -> None:
    OfficerNote.objects.create(guild=personas.guild, about_person=personas["Rolf"], text="Only for officers")
    few, all_of_them = program_of(personas, "Mara"), program_of(personas, "Mara", *EVERYTHING)
    assert error_of(few.get(OFFICERS_NOTES)) == REFUSED
    assert [one["text"] for one in read(all_of_them, OFFICERS_NOTES)["items"]] == ["Only for officers"]
    member = read(few, ROSTER, q="Rolf")["items"][0]
    assert (member["player"], member["has_note"]) == (None, None)
    assert read(few, f"{NIGHT_WATCH}/members/{member['character']}")["notes"] is None
    member = read(all_of_them, ROSTER, q="Rolf")["items"][0]
    assert (member["player"], member["has_note"]) == ("Rolf", True)
    assert len(read(all_of_them, f"{NIGHT_WATCH}/members/{member['character']}")["notes"]) == 1


def test_a_chosen_permission_that_the_player_lacks_gives_nothing(personas: Personas) -> None:
    client = program_of(personas, "Rolf", *EVERYTHING)
    assert error_of(client.get(OFFICERS_NOTES)) == REFUSED
    assert {one["player"] for one in read(client, ROSTER)["items"]} == {None, "Rolf"}
    Grant.objects.create(
        guild=personas.guild, user=personas["Rolf"], rights=frozenset({NOTES}), expires_at=timezone.now() + timedelta(1)
    )
    assert client.get(OFFICERS_NOTES).status_code == 200


def test_a_site_admins_token_is_limited_as_well(personas: Personas) -> None:
    User.objects.filter(pk=personas["Ada"].pk).update(is_superuser=True, is_staff=True)
    assert error_of(program_of(personas, "Ada", VIEW).get(OFFICERS_NOTES)) == UNKNOWN
    assert program_of(personas, "Ada", VIEW).get(ROSTER).status_code == 200
    elsewhere = program(token_of(personas, "Ada", *EVERYTHING, guilds=[personas.other_guild]))
    assert error_of(elsewhere.get(ROSTER)) == UNKNOWN


def test_a_token_reads_only_the_chosen_guilds(personas: Personas) -> None:
    elsewhere = program(token_of(personas, "Mara", *EVERYTHING, guilds=[personas.other_guild]))
    assert error_of(elsewhere.get(ROSTER)) == REFUSED
    assert read(elsewhere, GUILDS)["items"] == []
    here = program_of(personas, "Mara", *EVERYTHING)
    assert [one["name"] for one in read(here, GUILDS)["items"]] == ["Night Watch"]
    assert read(here, NIGHT_WATCH)["permissions"] == list(EVERYTHING)


def test_an_outsider_learns_nothing_of_a_guild(personas: Personas) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    client = program_of(personas, "Nils", *EVERYTHING)
    for address in (
        NIGHT_WATCH,
        ROSTER,
        OFFICERS_NOTES,
        f"{NIGHT_WATCH}/timeline",
        f"{NIGHT_WATCH}/exports/roster.csv",
    ):
        assert error_of(client.get(address)) == UNKNOWN


def test_who_plays_the_characters_of_others_is_only_for_those_who_manage_the_roster(personas: Personas) -> None:
    rolf, olga = program_of(personas, "Rolf"), program_of(personas, "Olga", VIEW, MANAGE)
    mara = Membership.objects.get(character__name="Marane").character_id
    assert read(rolf, f"{NIGHT_WATCH}/members/{mara}")["player"] is None
    assert read(olga, f"{NIGHT_WATCH}/members/{mara}")["player"] == "Mara"
    assert {one["player"] for one in read(olga, ROSTER)["items"]} == {"Mara", "Olga", "Otis", "Rolf"}
    assert "Mara" not in rolf.get(f"{NIGHT_WATCH}/exports/roster.csv").content.decode().replace("Marane", "")


def test_a_token_opens_no_page_and_changes_nothing(personas: Personas) -> None:
    client = program_of(personas, "Mara", *EVERYTHING)
    for page in ("/account/", "/account/tokens/", f"{personas.guild.get_absolute_url()}roster/"):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")
    assert error_of(client.post(ROSTER)) == (405, "method_not_allowed")
    assert client.post(ROSTER)["Allow"] == "GET"


def test_a_page_of_another_site_can_read_nothing(personas: Personas) -> None:
    answer = personas.browser("Mara").get(ROSTER, headers={"origin": "https://elsewhere.example"})
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []
    assert answer["X-Content-Type-Options"] == "nosniff"
