"""Portraits, icons and specializations on a member's page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains

from characters.models import Character, Picture, Specialization
from tests.factories import member
from tests.guilds.test_member_page import page_of
from tests.html import text_of
from tests.personas import Personas


def picture(**of: object) -> str:
    """Store a picture, and return its address."""
    return f"/pictures/{Picture.objects.create(content=b'x', content_type='image/png', **of).pk}"


def test_a_member_and_alts_have_portraits_or_initials(personas: Personas) -> None:
    alt = member(personas.guild, "Zweitrolf", user=personas["Rolf"])
    portrait = picture(character=Character.objects.get(name="Rolfne"))
    page = personas.browser("Otis").get(page_of("Rolfne"))
    assertContains(page, f'<img class="portrait" src="{portrait}" alt=""')
    assertContains(page, '<span class="portrait initials" aria-hidden="true">Zw</span>')
    alts = picture(character=alt.character)
    assertContains(personas.browser("Otis").get(page_of("Rolfne")), alts)


def test_icons_and_the_other_specializations_of_a_member(personas: Personas) -> None:
    rolf = Character.objects.get(name="Rolfne")
    fire = Specialization.objects.create(id=63, name="Fire", playable_class_id=8)
    rolf.specializations.set([64, 63])
    addresses = [picture(playable_class_id=8), picture(specialization_id=64), picture(specialization=fire)]
    page = personas.browser("Otis").get(page_of("Rolfne"))
    for address in addresses:
        assertContains(page, address)
    assert "Specialization Frost · Fire" in text_of(page)


@pytest.mark.parametrize("alts", [1, 12])
def test_pictures_cost_one_statement_however_many_alts(personas: Personas, alts: int) -> None:
    for number in range(alts):
        picture(character=member(personas.guild, f"Alt{chr(65 + number)}", user=personas["Rolf"]).character)
    with CaptureQueriesContext(
        connection,
    ) as sent:
        personas.browser("Otis").get(page_of("Rolfne"))
    about = [one["sql"] for one in sent if "characters_picture" in one["sql"]]
    assert len(about) <= 3, "the member, the alts, and the other specializations: joined, none of its own"
    assert not any('"characters_picture"."content"' in one for one in about)
