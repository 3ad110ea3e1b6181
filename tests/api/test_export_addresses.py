"""Private addresses at which a spreadsheet reads one file."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import User
from api.models import ApiToken
from guilds.models import Guild, Membership, OfficerNote
from tests.api.programs import GUILDS, MANAGE, NIGHT_WATCH, NOTES, error_of, program, token_of
from tests.factories import ROSTER
from tests.guilds.test_timeline import TIMELINE, add_event
from tests.html import offered
from tests.personas import Personas


def make(personas: Personas, name: str = "Rolf", page: str = f"{ROSTER}address/", **data: Any) -> str:
    """Make an address on the page, and return its path."""
    answer = personas.browser(name).post(page, {"name": "Sheet", "days": "365", **data})
    found = re.search(r'value="http://testserver(/api/v1/exports/gse_[\w-]{43}/\w+\.csv)"', answer.content.decode())
    assert found, answer.content.decode()
    return found[1]


def rows(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_spreadsheet_reads_the_roster_as_it_was_shown(personas: Personas) -> None:
    address = make(personas, page=f"{ROSTER}address/?rank=1&rank=0&column=name&column=rank&sort=-name")
    expected = [["Name", "Rank"], ["Olgane", "Officer"], ["Marane", "Commander"]]
    assert rows(Client().get(address)) == expected
    assert rows(Client().get(f"{address}?rank=5&column=player")) == expected, "the query is that of the address"


def test_a_spreadsheet_reads_the_timeline_as_it_was_shown(personas: Personas) -> None:
    add_event(personas, "JOINED", character_name="New")
    add_event(personas, "LEFT", character_name="Gone")
    address = make(personas, page=f"{TIMELINE}address/?kind=LEFT")
    assert [row[2] for row in rows(Client().get(address))[1:]] == ["Gone"]


def test_its_token_reads_nothing_else(personas: Personas) -> None:
    address = make(personas, "Mara", permissions=[MANAGE, NOTES])
    token = address.split("/")[-2]
    for other in (GUILDS, NIGHT_WATCH, f"{NIGHT_WATCH}/roster", f"{NIGHT_WATCH}/exports/roster.csv"):
        assert error_of(program(token).get(other)) == (401, "not_authenticated")
        assert error_of(Client().get(other, {"token": token})) == (401, "not_authenticated")
    assert error_of(Client().get(f"/api/v1/exports/{token}/timeline.csv")) == (404, "not_found")


def test_a_personal_token_is_no_address(personas: Personas) -> None:
    assert Client().get(f"/api/v1/exports/{token_of(personas, 'Mara')}/roster.csv").status_code == 404


def test_it_has_what_was_chosen_of_the_players_permissions(personas: Personas) -> None:
    OfficerNote.objects.create(guild=personas.guild, about_person=personas["Rolf"], text="Only for officers")
    page = f"{ROSTER}address/?column=name&column=player&column=notes&q=rolfne"
    assert "permissions" not in offered(personas.browser("Rolf").get(page))
    assert offered(personas.browser("Mara").get(page))["permissions"] == [MANAGE, NOTES]
    assert rows(Client().get(make(personas, "Mara", page))) == [["Name", "Player"], ["Rolfne", ""]]
    with_all = make(personas, "Mara", page, permissions=[MANAGE, NOTES])
    assert rows(Client().get(with_all))[1] == ["Rolfne", "Rolf", "Only for officers"]
    personas.give_rights(1, "guilds.view")
    olgas = make(personas, "Olga", page)
    assert rows(Client().get(olgas)) == [["Name", "Player"], ["Rolfne", ""]]


def test_it_ends_with_expiry_the_account_the_guild_and_the_right_to_view(personas: Personas) -> None:
    address = make(personas)
    later, now = timezone.now() + timedelta(days=1), timezone.now()
    changes: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
        (ApiToken.objects.all(), {"expires_at": now}, {"expires_at": later}),
        (User.objects.filter(pk=personas["Rolf"].pk), {"is_active": False}, {"is_active": True}),
        (Guild.objects.all(), {"deleted_at": now}, {"deleted_at": None}),
        (Membership.objects.filter(character__name="Rolfne"), {"roster_blizzard_id": 1}, {}),
    ]
    for changed, change, undo in changes:
        assert Client().get(address).status_code == 200
        changed.update(**change)
        assert error_of(Client().get(address)) == (404, "not_found")
        if undo:
            changed.update(**undo)


def test_it_is_listed_and_revoked_with_the_tokens(personas: Personas) -> None:
    address = make(personas)
    assertContains(personas.browser("Rolf").get("/account/tokens/"), "roster.csv")
    personas.browser("Rolf").post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("page", [f"{ROSTER}address/", f"{TIMELINE}address/"])
def test_making_one_needs_a_recent_sign_in(personas: Personas, page: str) -> None:
    browser = personas.browser("Rolf", is_recently_authenticated=False)
    assertContains(browser.get(page), "Sign in again first")
    assertContains(browser.post(page, {"name": "x", "days": "30"}), "Sign in again first", status_code=403)
    assert not ApiToken.objects.exists()
