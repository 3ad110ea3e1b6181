"""First steps: the guild master of a new guild names the ranks and chooses officers on one page."""

from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from permissions.prepared_sets import CO_LEADER, OFFICER
from tests.factories import OVERVIEW
from tests.html import fields, text_of
from tests.permissions.conftest import RANKS, fresh
from tests.personas import Personas, browser_of

FIRST_STEPS = f"{RANKS}first-steps/"
INVITATION = "Set up your ranks"


def begin(personas: Personas) -> None:
    """Make the guild new: ranks without names, and the two sets that every guild begins with."""
    personas.guild.permission_sets.filter(ranks=None).delete()
    members = personas.set_of_rank(9)
    personas.guild.ranks.filter(rank_level__gt=0).update(permission_set=members)
    personas.guild.ranks.update(rank_name="")
    personas.guild.permission_sets.filter(ranks=None).delete()


def test_a_new_guild_is_set_up_on_one_page(personas: Personas) -> None:
    begin(personas)
    browser = browser_of(personas["Mara"])
    for page in (OVERVIEW, RANKS):
        assertContains(browser.get(page), INVITATION)
    form = fields(browser.get(FIRST_STEPS))
    assert form["role-1"] == "officer", "the rank below the guild master is suggested"
    assert {form[f"role-{level}"] for level in range(2, 10)} == {"member"}

    filled = {**form, "name-0": "Captain", "name-1": "Mate", "role-1": "co-leader", "role-2": "officer"}
    preview = browser.post(FIRST_STEPS, filled)
    assert "Olga" in text_of(preview)
    assert "Gains: manage the roster" in text_of(preview)
    assert not personas.guild.ranks.exclude(rank_name="").exists(), "the preview saves nothing"

    assertRedirects(browser.post(FIRST_STEPS, {**filled, "confirm": "1"}), RANKS)
    assert personas.guild.ranks.get(rank_level=1).rank_name == "Mate"
    assert personas.set_of_rank(1).rights == CO_LEADER.rights
    assert personas.set_of_rank(2).rights == OFFICER.rights
    assert personas.guild.permission_sets.count() == 4
    assert fresh(personas["Olga"]).has_perm("guilds.manage_ranks", personas.guild)
    assert not fresh(personas["Rolf"]).has_perm("guilds.read_notes", personas.guild)
    assertNotContains(browser.get(OVERVIEW), INVITATION)


def test_only_who_manages_ranks_is_invited(personas: Personas) -> None:
    begin(personas)
    browser = browser_of(personas["Rolf"])
    assertNotContains(browser.get(OVERVIEW), INVITATION)
    assert browser.get(FIRST_STEPS).status_code == 403


def test_a_set_of_the_guild_s_own_is_kept_unless_another_role_is_chosen(personas: Personas) -> None:
    browser = browser_of(personas["Mara"])
    form = fields(browser.get(FIRST_STEPS))
    own = personas.set_of_rank(1)
    assert form["role-1"] == "", "no prepared set has these permissions"
    browser.post(FIRST_STEPS, {**form, "name-5": "Trusted", "confirm": "1"})
    assert personas.set_of_rank(1) == own
    assert personas.guild.ranks.get(rank_level=5).rank_name == "Trusted"


def test_who_was_second_sees_the_first_one_s_ranks(personas: Personas) -> None:
    begin(personas)
    browser = browser_of(personas["Mara"])
    form = fields(browser.get(FIRST_STEPS))
    browser.post(FIRST_STEPS, {**form, "name-1": "Mate", "confirm": "1"})
    late = browser.post(FIRST_STEPS, {**form, "name-2": "Cook", "confirm": "1"})
    assert late.status_code == 409
    assert (fields(late)["name-1"], fields(late)["name-2"]) == ("Mate", "Cook")
    assert personas.guild.ranks.get(rank_level=2).rank_name == ""
