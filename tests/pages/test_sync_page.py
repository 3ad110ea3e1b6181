"""A guild's sync page while data is under way, and why characters cannot be read."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from characters.models import Character, ProfileState
from sync.models import BlizzardJob
from sync.wow.pages.guild import hidden_reason
from tests.factories import OVERVIEW, member
from tests.personas import Personas

SYNC = f"{OVERVIEW}sync/"


def test_it_updates_itself_until_the_roster_is_fetched(personas: Personas) -> None:
    job, olga = BlizzardJob.objects.get(guild=personas.guild), personas.browser("Olga")
    assertNotContains(olga.get(SYNC), "hx-trigger")
    BlizzardJob.objects.filter(pk=job.pk).update(state="DUE")
    page = olga.get(SYNC)
    assertContains(page, 'hx-trigger="every 2s"')
    assertContains(page, "<progress")
    assertNotContains(page, "Refresh roster</button>")
    headers = {"HX-Request": "true"}
    assertContains(olga.get(SYNC, headers=headers), "The roster is being fetched.")
    BlizzardJob.objects.filter(pk=job.pk).update(state="RESTING")
    fragment = olga.get(SYNC, headers=headers)
    assertContains(fragment, "The roster is up to date.")
    for absent in ("hx-trigger", "<progress", "<html"):
        assertNotContains(fragment, absent)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": "Bregal932B58"}, "Needs a new name"),
        ({"name": "Taken~17"}, "Renamed"),
        ({"name": "Shyne", "profile_state": ProfileState.FORBIDDEN}, "Refused"),
        ({"name": "Tinyne", "level": 3}, "Not found: level 9 or lower may"),
        ({"name": "Awayne", "level": 80}, "Not found: not played"),
        ({"name": "Newne"}, "Not found: not played"),
    ],
)
def test_a_hidden_character_has_a_reason(fields: dict[str, object], reason: str) -> None:
    assert hidden_reason(Character(**{"profile_state": ProfileState.NOT_FOUND, **fields})).startswith(reason)


def test_hidden_characters_are_listed_by_reason_with_links(personas: Personas) -> None:
    hidden = member(personas.guild, "Shyne", profile_state=ProfileState.FORBIDDEN).character
    member(personas.guild, "Seenne", profile_state=ProfileState.VISIBLE)
    BlizzardJob.objects.create(kind="profile", character=hidden)
    page = personas.browser("Olga").get(SYNC)
    assertContains(page, f'href="{OVERVIEW}members/{hidden.pk}/"')
    assertContains(page, "Refused by Battle.net without a reason; the player may not share the profile (1)")
    assert [(len(characters)) for _, characters in page.context["hidden"]] == [1]
