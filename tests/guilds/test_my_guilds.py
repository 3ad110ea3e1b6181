"""The page of a player's guilds, for a player without any."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import BattlenetToken
from tests.factories import token
from tests.personas import Personas

pytestmark = pytest.mark.django_db
NONE = "None of your characters is in a guild"


def test_who_left_the_box_unticked_is_told_so_and_not_that_no_character_is_in_a_guild(personas: Personas) -> None:
    token(personas["Nils"], scopes=["openid"])
    page = personas.browser("Nils").get("/guilds/")
    assertContains(page, "Battle.net did not share your characters")
    assertContains(page, "Sign in again with Battle.net")
    assertNotContains(page, NONE)


def test_who_shares_characters_is_told_that_none_is_in_a_guild(personas: Personas) -> None:
    token(personas["Nils"])
    assert BattlenetToken.objects.get().shares_characters
    assertContains(personas.browser("Nils").get("/guilds/"), NONE)
