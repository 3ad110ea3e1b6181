"""Changes of ranks, permission sets and grants: preview, refusals, edit conflicts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from guilds.models import Guild, Membership, TimelineEvent
from permissions.models import Grant, PermissionSet, Rank
from permissions.services import ranks_version
from tests.factories import member
from tests.html import fields, text_of
from tests.permissions.conftest import OFFICERS_RIGHTS, RANKS, grant, make_set
from tests.personas import Personas, browser_of

People = Callable[[str], User]


def everything() -> tuple[Any, ...]:
    """Return everything that a change of rights can change."""
    ranks = Rank.objects.order_by("pk").values_list("pk", "rank_name", "permission_set")
    sets = [(one.pk, one.name, one.rights) for one in PermissionSet.objects.order_by("pk")]
    grants = Grant.objects.order_by("pk").values_list("pk")
    return list(ranks), sets, list(grants), TimelineEvent.objects.count()


def set_page(personas: Personas, name: str) -> str:
    return f"{RANKS}sets/{personas.set(name).pk}/"


class TestPreview:
    def test_it_names_who_gains_and_loses_and_saves_nothing(self, personas: Personas) -> None:
        make_set(personas.guild, "Raiders", frozenset({"guilds.refresh"}))
        client, before = browser_of(personas["Mara"]), everything()
        sent = fields(client.get(RANKS)) | {"set-4": str(personas.set("Raiders").pk)}
        page = text_of(client.post(RANKS, sent))
        assert "Gains: refresh data Loses: view the guild's pages 1 player: Rolf (Rolfne)" in page
        assert "2 characters of these ranks are not linked to a player yet" in page
        assert "4 Raider Permission set: Members Raiders" in page
        assert everything() == before

    def test_saving_does_what_the_preview_showed(self, personas: Personas) -> None:
        make_set(personas.guild, "Raiders", frozenset({"guilds.view", "guilds.refresh"}))
        client = browser_of(personas["Mara"])
        sent = fields(client.get(RANKS)) | {"set-4": str(personas.set("Raiders").pk), "name-4": "Lancer"}
        preview = client.post(RANKS, sent)
        assertRedirects(client.post(RANKS, fields(preview) | {"confirm": "1"}), RANKS)
        rank = personas.guild.ranks.get(rank_level=4)
        assert (rank.rank_name, rank.permission_set.name) == ("Lancer", "Raiders")
        event = TimelineEvent.objects.get(kind="RIGHTS_CHANGED")
        assert (event.actor, event.details["before"]["set"], event.details["after"]["set"]) == (
            personas["Mara"],
            "Members",
            "Raiders",
        )
        assert User.objects.get(pk=personas["Rolf"].pk).has_perm("guilds.refresh", personas.guild)

    def test_players_with_the_same_rights_through_another_source_are_not_named(self, personas: Personas) -> None:
        make_set(personas.guild, "Refreshers", frozenset({"guilds.view", "guilds.refresh"}))
        grant(personas.guild, personas["Rolf"], "guilds.refresh")
        client = browser_of(personas["Mara"])
        chosen = str(personas.set("Refreshers").pk)
        page = client.post(RANKS, fields(client.get(RANKS)) | {"set-4": chosen, "set-7": chosen})
        assertNotContains(page, "Rolf")
        assertContains(page, "No signed-in player gains or loses anything.")

    def test_a_permission_set_affects_the_players_of_all_its_ranks(self, personas: Personas, people: People) -> None:
        member(personas.guild, "Svenja", rank=9, user=people("Sven"), main=True)
        client, address = browser_of(personas["Mara"]), set_page(personas, "Members")
        preview = client.post(address, fields(client.get(address)) | {"rights": ["guilds.view", "guilds.refresh"]})
        assert "Gains: refresh data 2 players: Rolf (Rolfne) , Sven (Svenja)" in text_of(preview)
        assert personas.set_of_rank(4).rights == {"guilds.view"}
        assertRedirects(
            client.post(address, fields(preview) | {"confirm": "1", "rights": preview_rights(preview)}), RANKS
        )
        assert personas.set_of_rank(4).rights == personas.set_of_rank(9).rights == {"guilds.view", "guilds.refresh"}

    def test_edit_keeps_what_was_typed(self, personas: Personas) -> None:
        client = browser_of(personas["Mara"])
        preview = client.post(RANKS, fields(client.get(RANKS)) | {"name-4": "Lancer"})
        again = client.post(RANKS, fields(preview) | {"edit": "1"})
        assert fields(again)["name-4"] == "Lancer"
        assert personas.guild.ranks.get(rank_level=4).rank_name == "Raider"

    def test_taken_long_and_empty_names_are_errors(self, personas: Personas) -> None:
        client, address = browser_of(personas["Mara"]), set_page(personas, "Members")
        sent = fields(client.get(address))
        for name, complaint in (("Officers", "already exists"), ("", "required"), ("x" * 65, "at most 64")):
            assertContains(client.post(address, sent | {"name": name}), complaint)
            assertContains(client.post(f"{RANKS}sets/new/", {"name": name}), complaint)
        ranks = client.post(RANKS, fields(client.get(RANKS)) | {"name-4": "x" * 65})
        assertContains(ranks, "at most 64")
        assert fields(ranks)["name-4"] == "x" * 65

    def test_it_needs_a_csrf_token(self, personas: Personas) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(personas["Mara"], "allauth.account.auth_backends.AuthenticationBackend")
        assert client.post(RANKS, {"name-4": "Lancer", "confirm": "1"}).status_code == 403


def preview_rights(preview: Any) -> list[str]:
    """Return the rights among the hidden fields, of which there can be several."""
    return [value for name, value in preview.context["sent"] if name == "rights"]


class TestTwoAtOnce:
    def test_the_second_save_is_a_conflict_and_overwrites_nothing(self, personas: Personas) -> None:
        master, officer = browser_of(personas["Mara"]), browser_of(personas["Olga"])
        seen_by_master, seen_by_officer = fields(master.get(RANKS)), fields(officer.get(RANKS))
        officer.post(RANKS, seen_by_officer | {"name-5": "Squire", "name-4": "Spear", "confirm": "1"})
        before = everything()
        answer = master.post(RANKS, seen_by_master | {"name-4": "Lancer", "name-6": "Page", "confirm": "1"})
        assertContains(answer, "Someone else saved first; your changes are not saved yet", status_code=409)
        assert everything() == before
        kept = fields(answer)
        assert (kept["name-4"], kept["name-5"], kept["name-6"]) == ("Lancer", "Squire", "Page")
        assertContains(answer, "now: Spear", status_code=409)
        assertRedirects(master.post(RANKS, kept | {"confirm": "1"}), RANKS)
        names = dict(personas.guild.ranks.values_list("rank_level", "rank_name"))
        assert (names[4], names[5], names[6]) == ("Lancer", "Squire", "Page")

    def test_the_preview_detects_a_conflict_too(self, personas: Personas) -> None:
        client = browser_of(personas["Mara"])
        sent = fields(client.get(RANKS)) | {"name-4": "Lancer"}
        personas.guild.ranks.filter(rank_level=5).update(rank_name="Squire")
        assert client.post(RANKS, sent).status_code == 409

    def test_changes_of_both_to_a_permission_set_are_kept(self, personas: Personas) -> None:
        master, address = browser_of(personas["Mara"]), set_page(personas, "Members")
        seen = fields(master.get(address))
        PermissionSet.objects.filter(name="Members", guild=personas.guild).update(
            rights=["guilds.view", "guilds.refresh"], name="Folk"
        )
        answer = master.post(address, seen | {"rights": ["guilds.view", "guilds.read_notes"], "confirm": "1"})
        assert answer.status_code == 409
        kept = fields(answer)
        assert kept["name"] == "Folk"
        assert set(kept["rights"]) == {"guilds.view", "guilds.read_notes", "guilds.refresh"}
        assert personas.set_of_rank(4).rights == {"guilds.view", "guilds.refresh"}
        master.post(address, kept | {"confirm": "1"})
        assert personas.set_of_rank(4).rights == {"guilds.view", "guilds.read_notes", "guilds.refresh"}

    def test_a_permission_set_that_changed_meanwhile_is_not_deleted(self, personas: Personas) -> None:
        unused = make_set(personas.guild, "Unused", frozenset())
        client, version = browser_of(personas["Mara"]), ranks_version(personas.guild)
        PermissionSet.objects.filter(pk=unused.pk).update(name="Wanted")
        assert client.post(f"{RANKS}sets/{unused.pk}/delete/", {"version": version}).status_code == 409
        assert PermissionSet.objects.filter(pk=unused.pk).exists()


class TestSets:
    def test_create_copy_and_delete(self, personas: Personas) -> None:
        client = browser_of(personas["Mara"])
        page = client.get(f"{RANKS}sets/new/?copy={personas.set('Officers').pk}")
        assertRedirects(client.post(f"{RANKS}sets/new/", fields(page)), RANKS)
        assert personas.set("Officers, copy").rights == OFFICERS_RIGHTS
        address = f"{RANKS}sets/{personas.set('Officers, copy').pk}/delete/"
        assertContains(client.get(RANKS), address)
        assertRedirects(client.post(address, {"version": ranks_version(personas.guild)}), RANKS)
        assert not PermissionSet.objects.filter(name="Officers, copy").exists()

    def test_one_that_a_rank_uses_cannot_be_deleted(self, personas: Personas) -> None:
        address = f"{RANKS}sets/{personas.set('Members').pk}/delete/"
        client = browser_of(personas["Mara"])
        assertNotContains(client.get(RANKS), address)
        assert client.post(address, {"version": ranks_version(personas.guild)}).status_code == 403
        assert personas.set_of_rank(4).name == "Members"


class TestGrants:
    def form(self, personas: Personas, **changed: Any) -> dict[str, Any]:
        until = timezone.localdate() + timedelta(days=10)
        known = {
            "person": personas["Rolf"].pk,
            "rights": ["guilds.refresh"],
            "reason": "raid week",
            "until": f"{until}",
        }
        return known | changed

    def test_give_and_end(self, personas: Personas) -> None:
        client = browser_of(personas["Olga"])
        assertRedirects(client.post(f"{RANKS}grants/new/", self.form(personas)), RANKS)
        given = Grant.objects.get()
        assert (given.user, given.granted_by) == (personas["Rolf"], personas["Olga"])
        assert given.rights == {"guilds.refresh"}
        assert timedelta(days=10) <= given.expires_at - timezone.now() < timedelta(days=11)
        assertContains(client.get(RANKS), "raid week")
        assertRedirects(client.post(f"{RANKS}grants/{given.pk}/end/"), RANKS)
        assert not Grant.objects.exists()

    def test_its_player_can_give_it_up(self, personas: Personas) -> None:
        given = grant(personas.guild, personas["Rolf"], "guilds.refresh")
        client, address = browser_of(personas["Rolf"]), f"{RANKS}grants/{given.pk}/end/"
        assertContains(client.get(RANKS), address)
        assertRedirects(client.post(address), RANKS)
        assert not Grant.objects.exists()
        assert client.post(address).status_code == 404, "a second click"

    @pytest.mark.parametrize("days", [-1, 91])
    def test_it_lasts_ninety_days_at_most(self, personas: Personas, days: int) -> None:
        until = timezone.localdate() + timedelta(days=days)
        page = browser_of(personas["Olga"]).post(f"{RANKS}grants/new/", self.form(personas, until=f"{until}"))
        assertContains(page, "between today and 90 days from now")
        assertContains(page, 'value="raid week"')
        assert not Grant.objects.exists()

    def test_it_needs_a_player_a_permission_and_a_reason(self, personas: Personas) -> None:
        page = browser_of(personas["Olga"]).post(f"{RANKS}grants/new/", {})
        assertContains(page, "This field is required.", count=4)


class TestForged:
    """Requests that no form of the site sends."""

    @pytest.fixture(autouse=True)
    def nothing_changes(self, personas: Personas) -> Any:
        grant(personas.guild, personas["Mara"], "guilds.view")
        grant(personas.other_guild, personas["Otto"], "guilds.view")
        before = everything()
        yield
        assert everything() == before

    @pytest.mark.parametrize("step", [{}, {"confirm": "1"}])
    @pytest.mark.parametrize(
        ("level", "name"),
        [(0, "Members"), (1, "Members"), (1, "Guild master"), (4, "Guild master"), (4, "foreign")],
    )
    def test_permission_sets_of_ranks(self, personas: Personas, step: dict[str, str], level: int, name: str) -> None:
        chosen = personas.other_guild.permission_sets.get(name="Members") if name == "foreign" else personas.set(name)
        client = browser_of(personas["Olga"])
        sent = fields(client.get(RANKS)) | {f"set-{level}": str(chosen.pk)} | step
        assert client.post(RANKS, sent).status_code == 403

    @pytest.mark.parametrize("level", [0, 1])
    def test_names_of_ranks_at_or_above_the_own_rank(self, personas: Personas, level: int) -> None:
        sent = {f"name-{level}": "Olga's", "version": ranks_version(personas.guild), "confirm": "1"}
        assert browser_of(personas["Olga"]).post(RANKS, sent).status_code == 403

    def test_the_guild_masters_permission_set(self, personas: Personas) -> None:
        sent = {"set-0": str(personas.set("Members").pk), "version": ranks_version(personas.guild), "confirm": "1"}
        assert browser_of(personas["Mara"]).post(RANKS, sent).status_code == 403
        assert browser_of(personas["Mara"]).post(set_page(personas, "Guild master"), {"name": "x"}).status_code == 403

    def test_a_level_that_does_not_exist(self, personas: Personas) -> None:
        sent = {"name-10": "x", "set-99": str(personas.set("Members").pk), "version": ranks_version(personas.guild)}
        assertContains(browser_of(personas["Olga"]).post(RANKS, sent), "No rank changes.")

    @pytest.mark.parametrize("right", ["guilds.delete", "guilds.read_notes"])
    def test_permissions_that_the_user_lacks(self, personas: Personas, right: str) -> None:
        client = browser_of(personas["Olga"])
        address = set_page(personas, "Members")
        sent = fields(client.get(address)) | {"rights": ["guilds.view", right], "confirm": "1"}
        assert client.post(address, sent).status_code == 403
        assert client.post(f"{RANKS}sets/new/", {"name": "x", "rights": [right]}).status_code == 403
        grants = TestGrants().form(personas, rights=[right])
        assert client.post(f"{RANKS}grants/new/", grants).status_code == 403

    def test_the_own_permission_set(self, personas: Personas) -> None:
        sent = {"name": "Officers", "rights": ["guilds.view"], "version": ranks_version(personas.guild), "confirm": "1"}
        assert browser_of(personas["Olga"]).post(set_page(personas, "Officers"), sent).status_code == 403

    @pytest.mark.parametrize("rest", ["", "delete/"])
    def test_a_permission_set_of_another_guild(self, personas: Personas, rest: str) -> None:
        foreign = personas.other_guild.permission_sets.get(name="Members")
        sent = {"name": "x", "version": ranks_version(personas.guild), "confirm": "1"}
        assert browser_of(personas["Mara"]).post(f"{RANKS}sets/{foreign.pk}/{rest}", sent).status_code == 404

    def test_a_copy_of_another_guilds_permission_set(self, personas: Personas) -> None:
        secret = make_set(personas.other_guild, "Secret", OFFICERS_RIGHTS)
        page = browser_of(personas["Mara"]).get(f"{RANKS}sets/new/?copy={secret.pk}")
        secret.delete()
        assertNotContains(page, "Secret")

    def test_grants_of_others(self, personas: Personas) -> None:
        foreign, masters = Grant.objects.get(guild=personas.other_guild), Grant.objects.get(guild=personas.guild)
        assert browser_of(personas["Mara"]).post(f"{RANKS}grants/{foreign.pk}/end/").status_code == 404
        assert browser_of(personas["Olga"]).post(f"{RANKS}grants/{masters.pk}/end/").status_code == 403
        assert browser_of(personas["Rolf"]).post(f"{RANKS}grants/{masters.pk}/end/").status_code == 403
        assert browser_of(personas["Otto"]).post(f"{RANKS}grants/{masters.pk}/end/").status_code == 404

    def test_grants_for_oneself_higher_ranks_and_outsiders(self, personas: Personas) -> None:
        nobody = "00000000-0000-4000-8000-000000000000"
        for person in (personas["Olga"].pk, personas["Mara"].pk, personas["Otto"].pk, nobody):
            form = TestGrants().form(personas, person=person)
            assert browser_of(personas["Olga"]).post(f"{RANKS}grants/new/", form).status_code == 403

    @pytest.mark.parametrize("rest", ["", "sets/new/", "grants/new/"])
    def test_changes_by_members_without_the_permission_and_outsiders(self, personas: Personas, rest: str) -> None:
        sent = {"name-9": "x", "name": "x", "version": ranks_version(personas.guild), "confirm": "1"}
        assert browser_of(personas["Rolf"]).post(RANKS + rest, sent).status_code == 403
        assert browser_of(personas["Otto"]).post(RANKS + rest, sent).status_code == 404
        assert Client().post(RANKS + rest, sent).status_code == 302

    def test_an_officer_who_was_demoted_while_the_page_was_open(self, personas: Personas) -> None:
        client = browser_of(personas["Olga"])
        sent = fields(client.get(RANKS)) | {"name-9": "x", "confirm": "1"}
        Membership.objects.filter(character__user=personas["Olga"]).update(rank=8)
        assert client.post(RANKS, sent).status_code == 403


def test_a_site_admin_can_act_when_the_guild_master_is_not_linked(personas: Personas, people: People) -> None:
    Membership.objects.filter(rank=0, guild=personas.guild).delete()
    admin = people("Ada")
    User.objects.filter(pk=admin.pk).update(is_superuser=True)
    client = browser_of(admin)
    sent = fields(client.get(RANKS)) | {"set-1": str(personas.set("Members").pk), "confirm": "1"}
    assertRedirects(client.post(RANKS, sent), RANKS)
    assert personas.set_of_rank(1).name == "Members"
    assert Guild.objects.get(pk=personas.guild.pk).timeline.get(kind="RIGHTS_CHANGED").actor == admin


def test_a_grant_to_manage_ranks_does_not_extend_what_can_be_passed_on(personas: Personas) -> None:
    grant(personas.guild, personas["Rolf"], "guilds.manage_ranks", "guilds.refresh")
    client = browser_of(personas["Rolf"])
    assert "name-4" not in fields(client.get(RANKS))
    assert client.post(f"{RANKS}sets/new/", {"name": "x", "rights": ["guilds.refresh"]}).status_code == 403
    assertRedirects(client.post(f"{RANKS}sets/new/", {"name": "x", "rights": ["guilds.view"]}), RANKS)
