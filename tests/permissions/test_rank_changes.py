"""Changing ranks, sets and grants: seen before it is saved, refused where it must be, never over another's work."""

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
from permissions.services import state_of
from tests.pages.guild_hall import member
from tests.permissions.cast import OFFICERS_RIGHTS, RANKS, Cast, browser, cast_of, fields, grant, make_set, words

People = Callable[[str], User]


@pytest.fixture
def cast(db: None, people: People) -> Cast:
    return cast_of(people)


def everything() -> tuple[Any, ...]:
    """All that a change of rights can change."""
    ranks = Rank.objects.order_by("pk").values_list("pk", "rank_name", "permission_set")
    sets = [(one.pk, one.name, one.rights) for one in PermissionSet.objects.order_by("pk")]
    grants = Grant.objects.order_by("pk").values_list("pk")
    return list(ranks), sets, list(grants), TimelineEvent.objects.count()


def set_page(cast: Cast, name: str) -> str:
    return f"{RANKS}sets/{cast.set(name).pk}/"


class TestPreview:
    def test_it_names_who_gains_and_who_loses_and_saves_nothing(self, cast: Cast) -> None:
        make_set(cast.guild, "Raiders", frozenset({"guilds.refresh"}))
        client, before = browser(cast.mara), everything()
        sent = fields(client.get(RANKS)) | {"set-4": str(cast.set("Raiders").pk)}
        page = words(client.post(RANKS, sent))
        assert "Gains: ask for a refresh Loses: see the guild's pages 1 person: Rudi (Rudiger)" in page
        assert "2 members' characters of these ranks belong to people whom the site does not know yet" in page
        assert "4 Raider Set: Members Raiders" in page
        assert everything() == before

    def test_saving_does_what_the_preview_said(self, cast: Cast) -> None:
        make_set(cast.guild, "Raiders", frozenset({"guilds.view", "guilds.refresh"}))
        client = browser(cast.mara)
        sent = fields(client.get(RANKS)) | {"set-4": str(cast.set("Raiders").pk), "name-4": "Lancer"}
        preview = client.post(RANKS, sent)
        assertRedirects(client.post(RANKS, fields(preview) | {"confirm": "1"}), RANKS)
        rank = cast.guild.ranks.get(rank_level=4)
        assert (rank.rank_name, rank.permission_set.name) == ("Lancer", "Raiders")
        event = TimelineEvent.objects.get(kind="RIGHTS_CHANGED")
        assert (event.actor, event.details["before"]["set"], event.details["after"]["set"]) == (
            cast.mara,
            "Members",
            "Raiders",
        )
        assert User.objects.get(pk=cast.rudi.pk).has_perm("guilds.refresh", cast.guild)

    def test_whom_a_better_rank_or_a_grant_keeps_unchanged_is_not_named(self, cast: Cast) -> None:
        make_set(cast.guild, "Refreshers", frozenset({"guilds.view", "guilds.refresh"}))
        grant(cast.guild, cast.rudi, "guilds.refresh")
        client = browser(cast.mara)
        chosen = str(cast.set("Refreshers").pk)
        page = client.post(RANKS, fields(client.get(RANKS)) | {"set-4": chosen, "set-7": chosen})
        assertNotContains(page, "Rudi")
        assertContains(page, "Nobody whom the site knows gains or loses anything.")

    def test_a_set_concerns_the_people_of_all_its_ranks(self, cast: Cast, people: People) -> None:
        member(cast.guild, "Svenja", rank=9, user=people("Sven"), main=True)
        client, address = browser(cast.mara), set_page(cast, "Members")
        preview = client.post(address, fields(client.get(address)) | {"rights": ["guilds.view", "guilds.refresh"]})
        assert "Gains: ask for a refresh 2 people: Rudi (Rudiger) , Sven (Svenja)" in words(preview)
        assert cast.rights_at(4) == {"guilds.view"}
        assertRedirects(
            client.post(address, fields(preview) | {"confirm": "1", "rights": preview_rights(preview)}), RANKS
        )
        assert cast.rights_at(4) == cast.rights_at(9) == {"guilds.view", "guilds.refresh"}

    def test_one_can_go_back_to_what_one_typed(self, cast: Cast) -> None:
        client = browser(cast.mara)
        preview = client.post(RANKS, fields(client.get(RANKS)) | {"name-4": "Lancer"})
        again = client.post(RANKS, fields(preview) | {"edit": "1"})
        assert fields(again)["name-4"] == "Lancer"
        assert cast.guild.ranks.get(rank_level=4).rank_name == "Raider"

    def test_names_that_are_taken_too_long_or_empty_are_told(self, cast: Cast) -> None:
        client, address = browser(cast.mara), set_page(cast, "Members")
        sent = fields(client.get(address))
        for name, complaint in (("Officers", "already exists"), ("", "required"), ("x" * 65, "at most 64")):
            assertContains(client.post(address, sent | {"name": name}), complaint)
            assertContains(client.post(f"{RANKS}sets/new/", {"name": name}), complaint)
        ranks = client.post(RANKS, fields(client.get(RANKS)) | {"name-4": "x" * 65})
        assertContains(ranks, "at most 64")
        assert fields(ranks)["name-4"] == "x" * 65

    def test_it_works_only_with_the_token_of_the_form(self, cast: Cast) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.mara, "allauth.account.auth_backends.AuthenticationBackend")
        assert client.post(RANKS, {"name-4": "Lancer", "confirm": "1"}).status_code == 403


def preview_rights(preview: Any) -> list[str]:
    """A preview carries several values under one name."""
    return [value for name, value in preview.context["sent"] if name == "rights"]


class TestTwoAtOnce:
    def test_the_second_is_told_and_overwrites_nothing(self, cast: Cast) -> None:
        master, officer = browser(cast.mara), browser(cast.olga)
        seen_by_master, seen_by_officer = fields(master.get(RANKS)), fields(officer.get(RANKS))
        officer.post(RANKS, seen_by_officer | {"name-5": "Squire", "name-4": "Spear", "confirm": "1"})
        before = everything()
        answer = master.post(RANKS, seen_by_master | {"name-4": "Lancer", "name-6": "Page", "confirm": "1"})
        assertContains(answer, "Somebody else changed the guild's ranks or sets meanwhile", status_code=409, html=False)
        assert everything() == before
        kept = fields(answer)
        assert (kept["name-4"], kept["name-5"], kept["name-6"]) == ("Lancer", "Squire", "Page")
        assertContains(answer, "now: Spear", status_code=409)
        assertRedirects(master.post(RANKS, kept | {"confirm": "1"}), RANKS)
        names = dict(cast.guild.ranks.values_list("rank_level", "rank_name"))
        assert (names[4], names[5], names[6]) == ("Lancer", "Squire", "Page")

    def test_the_preview_tells_it_too(self, cast: Cast) -> None:
        client = browser(cast.mara)
        sent = fields(client.get(RANKS)) | {"name-4": "Lancer"}
        cast.guild.ranks.filter(rank_level=5).update(rank_name="Squire")
        assert client.post(RANKS, sent).status_code == 409

    def test_both_changes_of_a_set_are_kept(self, cast: Cast) -> None:
        master, address = browser(cast.mara), set_page(cast, "Members")
        seen = fields(master.get(address))
        PermissionSet.objects.filter(name="Members", guild=cast.guild).update(can_refresh=True, name="Folk")
        answer = master.post(address, seen | {"rights": ["guilds.view", "guilds.read_notes"], "confirm": "1"})
        assert answer.status_code == 409
        kept = fields(answer)
        assert kept["name"] == "Folk"
        assert set(kept["rights"]) == {"guilds.view", "guilds.read_notes", "guilds.refresh"}
        assert cast.rights_at(4) == {"guilds.view", "guilds.refresh"}
        master.post(address, kept | {"confirm": "1"})
        assert cast.rights_at(4) == {"guilds.view", "guilds.read_notes", "guilds.refresh"}

    def test_a_set_that_somebody_changed_is_not_deleted_unseen(self, cast: Cast) -> None:
        unused = make_set(cast.guild, "Unused", frozenset())
        client, seen = browser(cast.mara), state_of(cast.guild)
        PermissionSet.objects.filter(pk=unused.pk).update(name="Wanted")
        assert client.post(f"{RANKS}sets/{unused.pk}/delete/", {"seen": seen}).status_code == 409
        assert PermissionSet.objects.filter(pk=unused.pk).exists()


class TestSets:
    def test_one_is_made_copied_and_deleted(self, cast: Cast) -> None:
        client = browser(cast.mara)
        page = client.get(f"{RANKS}sets/new/?copy={cast.set('Officers').pk}")
        assertRedirects(client.post(f"{RANKS}sets/new/", fields(page)), RANKS)
        assert cast.set("Officers, copy").rights == OFFICERS_RIGHTS
        address = f"{RANKS}sets/{cast.set('Officers, copy').pk}/delete/"
        assertContains(client.get(RANKS), address)
        assertRedirects(client.post(address, {"seen": state_of(cast.guild)}), RANKS)
        assert not PermissionSet.objects.filter(name="Officers, copy").exists()

    def test_one_that_a_rank_has_stays(self, cast: Cast) -> None:
        address = f"{RANKS}sets/{cast.set('Members').pk}/delete/"
        client = browser(cast.mara)
        assertNotContains(client.get(RANKS), address)
        assert client.post(address, {"seen": state_of(cast.guild)}).status_code == 403
        assert cast.set_at(4) == "Members"


class TestGrants:
    def form(self, cast: Cast, **changed: Any) -> dict[str, Any]:
        until = timezone.localdate() + timedelta(days=10)
        known = {"person": cast.rudi.pk, "rights": ["guilds.refresh"], "reason": "raid week", "until": f"{until}"}
        return known | changed

    def test_it_is_given_and_ended(self, cast: Cast) -> None:
        client = browser(cast.olga)
        assertRedirects(client.post(f"{RANKS}grants/new/", self.form(cast)), RANKS)
        given = Grant.objects.get()
        assert (given.user, given.granted_by) == (cast.rudi, cast.olga)
        assert given.rights == {"guilds.refresh"}
        assert timedelta(days=10) <= given.expires_at - timezone.now() < timedelta(days=11)
        assertContains(client.get(RANKS), "raid week")
        assertRedirects(client.post(f"{RANKS}grants/{given.pk}/end/"), RANKS)
        assert not Grant.objects.exists()

    def test_whoever_holds_it_may_give_it_back(self, cast: Cast) -> None:
        given = grant(cast.guild, cast.rudi, "guilds.refresh")
        client, address = browser(cast.rudi), f"{RANKS}grants/{given.pk}/end/"
        assertContains(client.get(RANKS), address)
        assertRedirects(client.post(address), RANKS)
        assert not Grant.objects.exists()
        assert client.post(address).status_code == 404, "a second click"

    @pytest.mark.parametrize("days", [-1, 91])
    def test_it_lasts_from_today_to_ninety_days(self, cast: Cast, days: int) -> None:
        until = timezone.localdate() + timedelta(days=days)
        page = browser(cast.olga).post(f"{RANKS}grants/new/", self.form(cast, until=f"{until}"))
        assertContains(page, "at most 90 days ahead")
        assertContains(page, 'value="raid week"')
        assert not Grant.objects.exists()

    def test_it_needs_a_person_a_right_and_a_reason(self, cast: Cast) -> None:
        page = browser(cast.olga).post(f"{RANKS}grants/new/", {})
        assertContains(page, "This field is required.", count=4)


class TestForged:
    """What no form offers and somebody sends all the same."""

    @pytest.fixture(autouse=True)
    def nothing_changes(self, cast: Cast) -> Any:
        grant(cast.guild, cast.mara, "guilds.view")
        grant(cast.other, cast.otto, "guilds.view")
        before = everything()
        yield
        assert everything() == before

    @pytest.mark.parametrize("step", [{}, {"confirm": "1"}])
    @pytest.mark.parametrize(
        ("level", "name"),
        [(0, "Members"), (1, "Members"), (1, "Guild master"), (4, "Guild master"), (4, "foreign")],
    )
    def test_sets_of_ranks(self, cast: Cast, step: dict[str, str], level: int, name: str) -> None:
        chosen = cast.set("Members", cast.other) if name == "foreign" else cast.set(name)
        client = browser(cast.olga)
        sent = fields(client.get(RANKS)) | {f"set-{level}": str(chosen.pk)} | step
        assert client.post(RANKS, sent).status_code == 403

    @pytest.mark.parametrize("level", [0, 1])
    def test_names_of_ranks_at_or_above_ones_own(self, cast: Cast, level: int) -> None:
        sent = {f"name-{level}": "Olga's", "seen": state_of(cast.guild), "confirm": "1"}
        assert browser(cast.olga).post(RANKS, sent).status_code == 403

    def test_the_guild_masters_own_set(self, cast: Cast) -> None:
        sent = {"set-0": str(cast.set("Members").pk), "seen": state_of(cast.guild), "confirm": "1"}
        assert browser(cast.mara).post(RANKS, sent).status_code == 403
        assert browser(cast.mara).post(set_page(cast, "Guild master"), {"name": "x"}).status_code == 403

    def test_a_level_that_does_not_exist(self, cast: Cast) -> None:
        sent = {"name-10": "x", "set-99": str(cast.set("Members").pk), "seen": state_of(cast.guild)}
        assertContains(browser(cast.olga).post(RANKS, sent), "No rank would change.")

    @pytest.mark.parametrize("right", ["guilds.delete", "guilds.read_notes"])
    def test_rights_that_one_lacks(self, cast: Cast, right: str) -> None:
        client = browser(cast.olga)
        address = set_page(cast, "Members")
        sent = fields(client.get(address)) | {"rights": ["guilds.view", right], "confirm": "1"}
        assert client.post(address, sent).status_code == 403
        assert client.post(f"{RANKS}sets/new/", {"name": "x", "rights": [right]}).status_code == 403
        grants = TestGrants().form(cast, rights=[right])
        assert client.post(f"{RANKS}grants/new/", grants).status_code == 403

    def test_the_own_set(self, cast: Cast) -> None:
        sent = {"name": "Officers", "rights": ["guilds.view"], "seen": state_of(cast.guild), "confirm": "1"}
        assert browser(cast.olga).post(set_page(cast, "Officers"), sent).status_code == 403

    @pytest.mark.parametrize("rest", ["", "delete/"])
    def test_a_set_of_another_guild(self, cast: Cast, rest: str) -> None:
        foreign = cast.set("Members", cast.other)
        sent = {"name": "x", "seen": state_of(cast.guild), "confirm": "1"}
        assert browser(cast.mara).post(f"{RANKS}sets/{foreign.pk}/{rest}", sent).status_code == 404

    def test_a_copy_of_another_guilds_set_is_no_copy(self, cast: Cast) -> None:
        secret = make_set(cast.other, "Secret", OFFICERS_RIGHTS)
        page = browser(cast.mara).get(f"{RANKS}sets/new/?copy={secret.pk}")
        secret.delete()
        assertNotContains(page, "Secret")

    def test_grants_of_others(self, cast: Cast) -> None:
        foreign, masters = Grant.objects.get(guild=cast.other), Grant.objects.get(guild=cast.guild)
        assert browser(cast.mara).post(f"{RANKS}grants/{foreign.pk}/end/").status_code == 404
        assert browser(cast.olga).post(f"{RANKS}grants/{masters.pk}/end/").status_code == 403
        assert browser(cast.rudi).post(f"{RANKS}grants/{masters.pk}/end/").status_code == 403
        assert browser(cast.otto).post(f"{RANKS}grants/{masters.pk}/end/").status_code == 404

    def test_grants_for_oneself_for_higher_ranks_and_for_outsiders(self, cast: Cast) -> None:
        nobody = "00000000-0000-4000-8000-000000000000"
        for person in (cast.olga.pk, cast.mara.pk, cast.otto.pk, nobody):
            form = TestGrants().form(cast, person=person)
            assert browser(cast.olga).post(f"{RANKS}grants/new/", form).status_code == 403

    @pytest.mark.parametrize("rest", ["", "sets/new/", "grants/new/"])
    def test_changes_by_members_without_the_right_and_by_outsiders(self, cast: Cast, rest: str) -> None:
        sent = {"name-9": "x", "name": "x", "seen": state_of(cast.guild), "confirm": "1"}
        assert browser(cast.rudi).post(RANKS + rest, sent).status_code == 403
        assert browser(cast.otto).post(RANKS + rest, sent).status_code == 404
        assert Client().post(RANKS + rest, sent).status_code == 302

    def test_an_officer_who_was_demoted_while_the_page_was_open(self, cast: Cast) -> None:
        client = browser(cast.olga)
        sent = fields(client.get(RANKS)) | {"name-9": "x", "confirm": "1"}
        Membership.objects.filter(character__user=cast.olga).update(rank=8)
        assert client.post(RANKS, sent).status_code == 403


def test_a_site_admin_acts_for_a_guild_master_whom_nobody_knows(cast: Cast, people: People) -> None:
    Membership.objects.filter(rank=0, guild=cast.guild).delete()
    admin = people("Ada")
    User.objects.filter(pk=admin.pk).update(is_superuser=True)
    client = browser(admin)
    sent = fields(client.get(RANKS)) | {"set-1": str(cast.set("Members").pk), "confirm": "1"}
    assertRedirects(client.post(RANKS, sent), RANKS)
    assert cast.set_at(1) == "Members"
    assert Guild.objects.get(pk=cast.guild.pk).timeline.get(kind="RIGHTS_CHANGED").actor == admin


def test_who_only_holds_a_grant_to_manage_ranks_passes_on_no_more_than_the_rank_has(cast: Cast) -> None:
    grant(cast.guild, cast.rudi, "guilds.manage_ranks", "guilds.refresh")
    client = browser(cast.rudi)
    assert "name-4" not in fields(client.get(RANKS))
    assert client.post(f"{RANKS}sets/new/", {"name": "x", "rights": ["guilds.refresh"]}).status_code == 403
    assertRedirects(client.post(f"{RANKS}sets/new/", {"name": "x", "rights": ["guilds.view"]}), RANKS)
