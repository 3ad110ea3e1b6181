"""The account page with tokens: made by a person, shown once, revoked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import SecurityEvent
from api import tokens
from api.models import ApiToken
from api.tokens import make_token
from sync.tasks import prune_characters
from tests.api.programs import NIGHT_WATCH, NOTES, VIEW, program, token_of
from tests.html import offered, text_of
from tests.personas import Personas

PAGE = "/account/tokens/"


def make(personas: Personas, name: str = "Rolf", **changed: Any) -> Any:
    data = {"name": "Raid sheet", "guilds": [str(personas.guild.pk)], "permissions": [VIEW], "days": "30"}
    return personas.browser(name).post(PAGE, data | changed)


def shown_token(page: Any) -> str:
    found = re.search(r'value="(gsp_[\w-]{43})"', page.content.decode())
    assert found, text_of(page)
    return found[1]


def test_a_player_makes_a_token_that_is_shown_once(personas: Personas) -> None:
    page = make(personas)
    token = shown_token(page)
    assertContains(page, "it is shown only this once")
    assert page["Cache-Control"] == "private, no-store"
    later = personas.browser("Rolf").get(PAGE)
    assertNotContains(later, token)
    assertContains(later, f"{token[:8]}…")
    assert "Raid sheet" in text_of(later)
    assert "Never used" in text_of(later)
    assert program(token).get(f"{NIGHT_WATCH}/roster").status_code == 200
    assert "Never used" not in text_of(personas.browser("Rolf").get(PAGE))


def test_it_is_stored_as_a_hash_with_what_was_chosen(personas: Personas) -> None:
    token = shown_token(make(personas, permissions=[VIEW, NOTES]))
    row = ApiToken.objects.get()
    assert token not in str(ApiToken.objects.values_list())
    assert token[len("gsp_") :] not in repr(row) + str(row) + repr(vars(row))
    assert (row.person, row.permissions, row.guild_ids) == (personas["Rolf"], [NOTES, VIEW], [personas.guild.pk])
    assert timedelta(days=29) < row.expires_at - timezone.now() <= timedelta(days=30)


def test_the_choices_are_the_players_own_guilds(personas: Personas) -> None:
    assert personas.other_guild
    choices = offered(personas.browser("Rolf").get(PAGE))
    assert choices["guilds"] == [str(personas.guild.pk)]
    assert choices["permissions"] == ["guilds.view", "guilds.manage_roster", "guilds.read_notes", "destiny.view"]
    make(personas, guilds=[str(personas.other_guild.pk)])
    assertContains(make(personas, guilds=[]), "Choose at least one guild.")
    assertContains(make(personas, "Nils", guilds=[]), "Choose at least one guild.")
    assertContains(make(personas, permissions=[]), "field-bad")
    make(personas, permissions=["accounts.delete_user"])
    make(personas, days="3650")
    assert not ApiToken.objects.exists()


def test_making_one_needs_a_recent_sign_in_and_a_post(personas: Personas) -> None:
    browser = personas.browser("Rolf", is_recently_authenticated=False)
    assertContains(browser.get(PAGE), "Sign in again first")
    data = {"name": "Sheet", "guilds": [str(personas.guild.pk)], "permissions": [VIEW], "days": "30"}
    assertContains(browser.post(PAGE, data), "Sign in again first", status_code=403)
    personas.browser("Rolf").get(PAGE, data)
    assert not ApiToken.objects.exists()


def test_a_player_revokes_their_own_tokens_only(personas: Personas) -> None:
    token_of(personas, "Rolf")
    revoke = f"{PAGE}{ApiToken.objects.get().pk}/revoke/"
    assert personas.browser("Mara").post(revoke).status_code == 404
    assert personas.browser("Rolf").get(revoke).status_code == 405
    assert ApiToken.objects.exists()
    assertContains(personas.browser("Rolf").post(revoke, follow=True), "Token revoked.")
    assert not ApiToken.objects.exists()


def test_the_security_log_has_both_without_the_token(personas: Personas) -> None:
    token = shown_token(make(personas))
    row = ApiToken.objects.get()
    personas.browser("Rolf").post(f"{PAGE}{row.pk}/revoke/")
    events = SecurityEvent.objects.filter(event__startswith="token_").order_by("created_at")
    assert [one.event for one in events] == ["token_made", "token_revoked"]
    assert [one.details["token"] for one in events] == [str(row.pk)] * 2
    assert {(one.user, one.actor) for one in events} == {(personas["Rolf"], personas["Rolf"])}
    assert token not in str(events.values_list())
    assert row.token_hash not in str(events.values_list())


def test_there_are_not_too_many(personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 2)
    for _ in range(2):
        make(personas)
    assertContains(make(personas), "You have 2 tokens already.")
    assert ApiToken.objects.count() == 2
    assert shown_token(make(personas, "Mara"))


def test_expired_tokens_are_cleared(personas: Personas) -> None:
    token_of(personas, "Rolf", lifetime=timedelta(seconds=-1))
    token_of(personas, "Mara")
    assertContains(personas.browser("Rolf").get(PAGE), "Expired")
    prune_characters()
    assert [one.person for one in ApiToken.objects.all()] == [personas["Mara"]]


def test_no_token_lives_longer_than_a_year(personas: Personas) -> None:
    make_token(person=personas["Rolf"], name="x", permissions=(), guild_ids=(), lifetime=timedelta(days=9999))
    assert ApiToken.objects.get().expires_at <= timezone.now() + timedelta(days=365)
