"""The ranks page: members see their own permissions, managers everybody's, outsiders nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from guilds.models import Guild, Membership, Visibility
from permissions import services
from permissions.models import PermissionSet
from permissions.services import ranks_version
from tests.factories import OVERVIEW, add_members, member
from tests.html import fields, offered, text_of
from tests.permissions.conftest import RANKS, grant, leave, make_set
from tests.personas import Personas, browser_of

People = Callable[[str], User]


def test_members_see_each_rank_with_its_permission_set(personas: Personas) -> None:
    page = text_of(browser_of(personas["Rolf"]).get(RANKS))
    assert "Raider Members: 3 Members View the guild's pages" in page
    assert "Officer Members: 1 Officers View the guild's pages, manage the roster, manage ranks and permissions" in page
    assert "Commander Members: 1 Guild master Everything" in page


def test_members_see_which_character_rank_and_permission_set_give_theirs(personas: Personas) -> None:
    Guild.objects.update(roster_checked_at=timezone.now() - timedelta(minutes=5))
    page = text_of(browser_of(personas["Rolf"]).get(RANKS))
    assert 'Raider through Rolfalt, with the permission set "Members"' in page
    assert "checked 5 min ago" in page
    assert "From your rank View the guild's pages" in page
    assert "Not included Manage the roster, edit the guild's info" in page


def test_members_see_their_grants_with_reason_and_end(personas: Personas) -> None:
    given = grant(personas.guild, personas["Rolf"], "guilds.read_notes", by=personas["Mara"])
    grant(personas.guild, personas["Rolf"], "guilds.write_notes", days=-1)
    page = text_of(browser_of(personas["Rolf"]).get(RANKS))
    until = date_format(given.expires_at)
    assert f"Personal grant Read officer notes until {until}, by Mara: for the raid week" in page
    assert page.partition("Not included")[2].partition("Ranks")[0].endswith("write officer notes, refresh data ")


def test_site_admins_see_that_they_can_do_everything(personas: Personas, people: People) -> None:
    admin = people("Ada")
    User.objects.filter(pk=admin.pk).update(is_superuser=True)
    page = text_of(browser_of(admin).get(RANKS))
    assert "Site admin You can do everything" in page
    assert "Not included" not in page


def test_former_members_see_the_length_of_the_grace_period(personas: Personas) -> None:
    Guild.objects.update(grace_hours=24)
    leave(*Membership.objects.filter(character__user=personas["Rolf"]))
    page = text_of(browser_of(personas["Rolf"]).get(RANKS))
    assert "For 24 hours after you left View the guild's pages" in page
    assert "Grace period Rolf" in text_of(browser_of(personas["Mara"]).get(RANKS))


def test_members_without_the_permission_see_no_fields_and_no_other_players(personas: Personas) -> None:
    grant(personas.guild, personas["Olga"], "guilds.read_notes")
    page = browser_of(personas["Rolf"]).get(RANKS)
    assert set(fields(page)) == set()
    assertNotContains(page, "Olga")
    assertNotContains(page, "for the raid week")
    assertNotContains(page, "Who can do what")


def test_outsiders_of_a_public_guild_get_404(personas: Personas) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    stranger = browser_of(personas["Otto"])
    assert stranger.get(OVERVIEW).status_code == 200
    assert stranger.get(RANKS).status_code == 404
    assertNotContains(stranger.get(OVERVIEW), RANKS)
    assertContains(browser_of(personas["Rolf"]).get(OVERVIEW), RANKS)


def test_members_whose_rank_cannot_view_get_403_even_in_a_public_guild(personas: Personas) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    PermissionSet.objects.filter(name="Members").update(rights=[])
    assert browser_of(personas["Rolf"]).get(RANKS).status_code == 403


@pytest.mark.parametrize("rest", ["", "sets/new/", "grants/new/"])
def test_visitors_sign_in_and_outsiders_get_404(personas: Personas, rest: str) -> None:
    assert Client().get(RANKS + rest)["Location"] == f"/accounts/login/?next={RANKS}{rest}"
    assert browser_of(personas["Otto"]).get(RANKS + rest).status_code == 404


@pytest.mark.parametrize("rest", ["sets/new/", "grants/new/"])
def test_members_without_the_permission_get_403(personas: Personas, rest: str) -> None:
    assert browser_of(personas["Rolf"]).get(RANKS + rest).status_code == 403


def test_the_guild_master_can_name_every_rank_and_choose_every_permission_set_but_their_own(personas: Personas) -> None:
    found = fields(browser_of(personas["Mara"]).get(RANKS))
    assert [level for level in range(10) if f"name-{level}" in found] == list(range(10))
    assert [level for level in range(10) if f"set-{level}" in found] == list(range(1, 10))


def test_officers_get_fields_for_lower_ranks_and_permission_sets_they_can_give(personas: Personas) -> None:
    page = browser_of(personas["Olga"]).get(RANKS)
    found = fields(page)
    assert [level for level in range(10) if f"name-{level}" in found] == list(range(2, 10))
    assert [level for level in range(10) if f"set-{level}" in found] == list(range(2, 10))
    sets = {str(one.pk): one.name for one in personas.guild.permission_sets.all()}
    assert {sets[pk] for pk in offered(page)["set-4"]} == {"Members", "Officers"}


def test_officers_can_only_edit_permission_sets_of_lower_ranks(personas: Personas) -> None:
    officer = browser_of(personas["Olga"])
    page = officer.get(RANKS)
    for name, status in (("Members", 200), ("Officers", 403), ("Guild master", 403)):
        address = f"{RANKS}sets/{personas.set(name).pk}/"
        assert (f'href="{address}"' in page.content.decode()) is (status == 200)
        assert officer.get(address).status_code == status


def test_permission_sets_beyond_the_officers_rights_are_locked_with_the_reason(
    personas: Personas,
) -> None:
    mighty = make_set(personas.guild, "Bank keepers", frozenset({"guilds.view", "guilds.delete"}))
    unused = make_set(personas.guild, "Unused", frozenset({"guilds.view", "guilds.delete"}))
    personas.guild.ranks.filter(rank_level=4).update(permission_set=mighty)
    given = grant(personas.guild, personas["Rolf"], "guilds.delete")
    officer = browser_of(personas["Olga"])
    page = officer.get(RANKS)
    assert "name-4" in fields(page)
    assert "set-4" not in fields(page)
    assert "Bank keepers Can't be changed: includes permissions you don't have" in text_of(page)
    for one in (mighty, unused):
        assertNotContains(page, f"{RANKS}sets/{one.pk}/")
        assert officer.get(f"{RANKS}sets/{one.pk}/").status_code == 403
    assert text_of(page).count("Can't be edited: includes permissions you don't have") == 3
    assert "Can't be edited: your rank or a higher one uses it" in text_of(page)
    assert (
        officer.post(f"{RANKS}sets/{unused.pk}/delete/", {"version": ranks_version(personas.guild)}).status_code == 403
    )
    assertNotContains(page, f"{RANKS}grants/{given.pk}/end/")
    masters = browser_of(personas["Mara"]).get(RANKS)
    assertContains(masters, f"{RANKS}sets/{unused.pk}/delete/")
    assertContains(masters, f"{RANKS}grants/{given.pk}/end/")
    assert "includes permissions you don't have" not in text_of(masters)


def test_permissions_that_the_officers_rank_lacks_are_disabled(personas: Personas) -> None:
    page = browser_of(personas["Olga"]).get(f"{RANKS}sets/{personas.set('Members').pk}/")
    assert offered(page)["rights"] == ["guilds.view", "guilds.manage_roster", "guilds.manage_ranks", "guilds.refresh"]
    assertContains(page, "(your rank lacks it)", count=4)


def test_a_copy_starts_with_the_permissions_that_the_user_can_give(personas: Personas) -> None:
    page = browser_of(personas["Olga"]).get(f"{RANKS}sets/new/?copy={personas.set('Guild master').pk}")
    found = fields(page)
    assert found["name"] == "Guild master, copy"
    assert set(found["rights"]) == {"guilds.view", "guilds.manage_roster", "guilds.manage_ranks", "guilds.refresh"}


def test_managers_see_who_can_do_what_and_why(personas: Personas, people: People) -> None:
    User.objects.filter(pk=people("Ada").pk).update(is_superuser=True)
    grant(personas.guild, personas["Rolf"], "guilds.refresh")
    page = text_of(browser_of(personas["Olga"]).get(RANKS))
    view = page.partition("Who can do what")[2].partition("View the guild's pages")[2]
    assert view.startswith(' 4 players 0 Commander Mara (Marane) from the permission set "Guild master"')
    assert '4 Raider Rolf (Rolfne) by Rolfalt from the permission set "Members"' in view
    refresh = page.rpartition("Refresh data")[2]
    assert refresh.startswith(" 4 players")
    assert "Personal grant Rolf (Rolfne) until" in refresh
    assert "Site admins Ada" in refresh


def test_inactive_users_are_not_listed(personas: Personas) -> None:
    User.objects.filter(pk=personas["Rolf"].pk).update(is_active=False)
    assertNotContains(browser_of(personas["Mara"]).get(RANKS), "Rolf")


def test_grants_are_for_members_of_lower_ranks(personas: Personas) -> None:
    page = browser_of(personas["Olga"]).get(f"{RANKS}grants/new/")
    assert offered(page)["person"] == ["", str(personas["Rolf"].pk)]
    assertContains(page, "Rolf (Rolfne), Raider")
    assert "guilds.delete" not in offered(page)["rights"]


@pytest.mark.parametrize("known", [True, False])
def test_it_says_when_a_site_admin_can_act_for_the_guild_master(personas: Personas, known: bool) -> None:
    if not known:
        Membership.objects.filter(rank=0, guild=personas.guild).update(rank=1)
        member(personas.guild, "Ghostking", rank=0)
    said = "a site admin can act in the guild master's place" in text_of(browser_of(personas["Rolf"]).get(RANKS))
    assert said is not known


def test_a_thousand_members_cost_no_more_queries_than_ten(personas: Personas, people: People) -> None:
    """The sixth member has an account of their own, and so have a hundred later ones."""
    client = browser_of(personas["Mara"])
    add_members(personas.guild, 4, owner=people("Petra"))
    grant(personas.guild, personas["Rolf"], "guilds.refresh")
    client.get(RANKS)
    with CaptureQueriesContext(connection) as few:
        client.get(RANKS)
    for number in range(100):
        person = people(f"Soldier{number}")
        add_members(personas.guild, 9, owner=person)
        grant(personas.guild, person, "guilds.refresh", by=personas["Mara"])
    add_members(personas.guild, 90)
    with CaptureQueriesContext(connection) as many:
        page = client.get(RANKS)
    assert personas.guild.memberships.count() == 1_000
    assertContains(page, "Soldier99")
    assert len(many) == len(few) <= 22


def test_the_timeline_describes_changes_of_ranks_permission_sets_and_grants(personas: Personas) -> None:
    mara, members = personas["Mara"], personas.set("Members")
    raiders = services.create_set(
        guild=personas.guild, actor=mara, name="Raiders", rights=frozenset({"guilds.view", "guilds.refresh"})
    )
    services.change_ranks(
        guild=personas.guild,
        actor=mara,
        names={4: "Lancer"},
        set_ids={4: raiders.pk},
        version=ranks_version(personas.guild),
    )
    services.change_set(
        guild=personas.guild,
        actor=mara,
        permission_set=members,
        name="Folk",
        rights=frozenset({"guilds.view", "guilds.read_notes"}),
        version=ranks_version(personas.guild),
    )
    expires_at = timezone.now() + timedelta(days=3)
    given = services.give_grant(
        guild=personas.guild,
        actor=mara,
        person=personas["Rolf"],
        rights=frozenset({"guilds.edit_info"}),
        reason="secret trial",
        expires_at=expires_at,
    )
    services.end_grant(guild=personas.guild, actor=mara, grant=given)
    page = text_of(browser_of(personas["Rolf"]).get(f"{OVERVIEW}timeline/"))
    until = date_format(expires_at)
    assert 'Mara created the permission set "Raiders": view the guild\'s pages, refresh data' in page
    assert (
        'Mara renamed rank 4 from "Raider" to "Lancer"; changed the permission set of rank Lancer from "Members" to '
        '"Raiders"; gains: refresh data' in page
    )
    assert 'Mara renamed the permission set "Members" to "Folk"; gains: read officer notes' in page
    assert f"Mara granted Rolf: edit the guild's info (until {until})" in page
    assert "Mara ended the personal grant of Rolf: edit the guild's info" in page
    assert "secret trial" not in page


def test_ten_grants_on_the_overview_cost_no_more_queries_than_one(personas: Personas, people: People) -> None:
    client, costs = browser_of(personas["Rolf"]), []
    client.get(OVERVIEW)  # which notes the visit
    for number in range(10):
        person = people(f"Soldier{number}")
        member(personas.guild, f"Soldier{number}", rank=6, user=person)
        services.give_grant(
            guild=personas.guild,
            actor=personas["Mara"],
            person=person,
            rights=frozenset({"guilds.refresh"}),
            reason="raid week",
            expires_at=timezone.now() + timedelta(days=1),
        )
        with CaptureQueriesContext(connection) as queries:
            client.get(OVERVIEW)
        costs.append(len(queries))
    assert costs[0] == costs[-1]
