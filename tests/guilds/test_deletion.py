"""Deleting a guild's data: hidden immediately, restorable for a week, then purged, and never fetched again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from accounts.reauthentication import SIGNED_IN_AT
from accounts.services import grant_admin
from characters.models import Character
from guilds.deletion import delete_data, purge_deleted, restore_data
from guilds.former_members.services import remember
from guilds.guild_masters import remember_guild_masters
from guilds.models import (
    FormerMember,
    Guild,
    Leave,
    Membership,
    OfficerNote,
    RosterRule,
    TimelineEvent,
    TodoItem,
    Visibility,
)
from permissions.models import Grant
from permissions.rights import EVERY_RIGHT
from sync import tasks
from sync.models import BlizzardJob
from tests.factories import OVERVIEW, ROSTER, hand_over, let_rosters_settle, member
from tests.html import text_of
from tests.personas import Personas

SETTINGS = f"{OVERVIEW}settings/"
DELETE = f"{SETTINGS}delete/"
DELETED = f"{SETTINGS}deleted/"
NAME = {"name": "Night Watch"}
State = BlizzardJob.State


def delete(personas: Personas, by: str = "Mara") -> Any:
    return personas.browser(by).post(DELETE, NAME)


def age_deletion(days: float) -> None:
    """Move the deletion back in time."""
    Guild.objects.update(deleted_at=timezone.now() - timedelta(days=days))


def test_it_asks_for_the_name_and_shows_what_it_does(personas: Personas) -> None:
    mara = personas.browser("Mara")
    assertContains(mara.get(SETTINGS), f'href="{DELETE}"')
    assertContains(mara.get(DELETE), "<strong>Night Watch</strong>")
    for name in ("", "night watch", "Night", "Night Watch!"):
        assertContains(mara.post(DELETE, {"name": name}), "field-bad")
    assert Guild.objects.open().exists()
    assert mara.post(DELETE, {"name": " Night Watch "})["Location"] == DELETED
    assert not Guild.objects.open().exists()


def test_a_get_deletes_nothing(personas: Personas) -> None:
    personas.browser("Mara").get(DELETE, NAME)
    assert Guild.objects.open().exists()


def test_it_hides_the_guild_from_everyone_immediately(personas: Personas) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    rolf = personas.browser("Rolf")
    assert rolf.get(OVERVIEW).status_code == 200
    delete(personas)
    for name in ("Mara", "Olga", "Rolf", "Nils"):
        client = personas.browser(name)
        for address in (OVERVIEW, ROSTER, f"{OVERVIEW}timeline/", SETTINGS):
            assert client.get(address).status_code == 404, (name, address)
        assertNotContains(client.get("/characters/"), "Night Watch")
        assert not personas[name].has_perm("guilds.view", Guild.objects.get())
    assert rolf.get(OVERVIEW).status_code == 404, "the open session too"
    assert personas.browser("").get(OVERVIEW).status_code == 302
    assertContains(rolf.get("/guilds/"), "None of your characters is in a guild")


def test_an_officer_with_the_permission_reads_that_only_the_guild_master_can(personas: Personas) -> None:
    olga = personas.browser("Olga")
    page = text_of(olga.get(DELETE))
    assert "Only the guild master can delete the data You can restore it for 7 days after a deletion." in page
    assertNotContains(olga.post(DELETE, NAME), "field-bad", status_code=403)
    with pytest.raises(PermissionDenied):
        delete_data(guild=personas.guild, actor=personas["Olga"])


def test_rosters_must_have_shown_the_guild_master_for_a_day(personas: Personas) -> None:
    """The time of the last roster counts, not the current time: the next one can show somebody else."""
    mara, guilds = personas.browser("Mara"), Guild.objects.filter(pk=personas.guild.pk)
    let_rosters_settle(personas.guild, hours=24)
    guilds.update(roster_checked_at=timezone.now() - timedelta(minutes=5))
    page = text_of(mara.get(DELETE))
    day = timezone.now().strftime("%-d %b %Y")
    assert "Not possible yet The roster must have shown you as guild master for 24 hours." in page
    assert f"You can delete the data from {day}" in page
    assert mara.post(DELETE, NAME).status_code == 403
    with pytest.raises(PermissionDenied):
        delete_data(guild=personas.guild, actor=personas["Mara"])
    assert Guild.objects.open().exists()
    guilds.update(roster_checked_at=timezone.now())
    assert mara.post(DELETE, NAME)["Location"] == DELETED


def test_a_guild_master_whose_id_is_not_on_the_roster_cannot_delete(personas: Personas) -> None:
    mara = personas.browser("Mara")
    Character.objects.filter(name="Marane").update(blizzard_id=9_901, account_blizzard_id=9_901)
    assert mara.post(DELETE, NAME).status_code == 403
    with pytest.raises(PermissionDenied):
        delete_data(guild=personas.guild, actor=personas["Mara"])


def lost(
    personas: Personas, name: str, kind: str, *, days: float = 1, rank: int = 0, is_confirmed: bool = True
) -> None:
    """A roster showed some days ago that a character of this player no longer has the rank."""
    then = timezone.now() - timedelta(days=days)
    former = member(personas.guild, f"Former{name.lower()}", rank, user=personas[name])
    if not is_confirmed:
        Membership.objects.filter(pk=former.pk).update(roster_blizzard_id=9_901)
    if kind == "LEFT":
        remember({FormerMember.Reason.LEFT: [former]}, now=then)
    else:
        remember_guild_masters([former], now=then)
    former.delete()


@pytest.mark.parametrize("kind", ["DEMOTED", "LEFT"])
def test_a_guild_master_of_the_week_before_can_restore_it(personas: Personas, kind: str) -> None:
    """Return whether they are still in the guild, like Rolf, or not, like Nils."""
    for name in ("Rolf", "Nils"):
        lost(personas, name, kind, days=6.9)
    delete(personas)
    for name in ("Rolf", "Nils"):
        client = personas.browser(name, is_recently_authenticated=False)
        assertContains(client.get("/guilds/"), f'href="{DELETED}"')
        assert client.post(DELETED).status_code == 302
        assert Guild.objects.open().exists()
        delete(personas)


@pytest.mark.parametrize(
    ("kind", "days", "details"),
    [
        ("DEMOTED", 7.1, {"rank": 0}),
        ("DEMOTED", 1, {"rank": 1}),
        ("DEMOTED", 1, {"rank": 0, "is_confirmed": False}),
        ("LEFT", 7.1, {"rank": 0}),
        ("LEFT", 1, {"rank": 1}),
        ("LEFT", 1, {"rank": 0, "is_confirmed": False}),
        ("PROMOTED", 1, {"rank": 5}),
    ],
)
def test_no_other_former_rank_can_restore_it(personas: Personas, kind: str, days: float, details: Any) -> None:
    lost(personas, "Rolf", kind, days=days, **details)
    delete(personas)
    rolf = personas.browser("Rolf")
    assert (rolf.get(DELETED).status_code, rolf.post(DELETED).status_code) == (404, 404)
    assertNotContains(rolf.get("/guilds/"), "Night Watch")
    with pytest.raises(PermissionDenied):
        restore_data(guild=personas.guild, actor=personas["Rolf"])


@pytest.mark.parametrize(("name", "status"), [("Olga", 403), ("Otis", 403), ("Rolf", 403), ("Nils", 404), ("", 302)])
def test_only_the_guild_master_can_delete(personas: Personas, name: str, status: int) -> None:
    assert personas.browser(name).post(DELETE, NAME).status_code == status
    assert Guild.objects.open().exists()


def test_all_other_permissions_are_not_enough(personas: Personas) -> None:
    personas.give_rights(2, *(EVERY_RIGHT - {"guilds.delete"}))
    assert personas.browser("Otis").post(DELETE, NAME).status_code == 403


def test_an_old_sign_in_has_to_be_repeated(personas: Personas) -> None:
    client = personas.browser("Mara", is_recently_authenticated=False)
    asked = client.get(DELETE)
    assertContains(asked, "Sign in again first")
    assertContains(asked, f'<input type="hidden" name="next" value="{DELETE}">', html=True)
    assertContains(client.post(DELETE, NAME), "Sign in again first", status_code=403)
    session = client.session
    session[SIGNED_IN_AT] = (timezone.now() - timedelta(minutes=11)).timestamp()
    session.save()
    assert client.post(DELETE, NAME).status_code == 403
    assert Guild.objects.open().exists()


def test_a_sign_in_in_another_browser_does_not_count(personas: Personas) -> None:
    personas.browser("Mara")
    assert personas.browser("Mara", is_recently_authenticated=False).post(DELETE, NAME).status_code == 403


def test_signing_in_again_counts_as_a_recent_sign_in(
    sign_in: Callable[..., Any], client: Client, personas: Personas
) -> None:
    arrived = sign_in("newcomer", next=DELETE)
    assert arrived["Location"] == DELETE
    newcomer = User.objects.get(pk=client.session["_auth_user_id"])
    hand_over(Character.objects.filter(name="Marane"), newcomer)
    assert client.post(DELETE, NAME)["Location"] == DELETED


def test_restoring_brings_back_everything_with_its_permissions(personas: Personas) -> None:
    before = {
        "members": set(personas.guild.memberships.values_list("character__name", "rank", "main_of")),
        "ranks": set(personas.guild.ranks.values_list("rank_level", "rank_name", "permission_set")),
    }
    Grant.objects.create(
        guild=personas.guild,
        user=personas["Rolf"],
        rights=["guilds.edit_info"],
        reason="helps",
        expires_at=timezone.now() + timedelta(days=9),
    )
    delete(personas)
    olga = personas.browser("Olga", is_recently_authenticated=False)
    assertContains(olga.get("/guilds/"), f'href="{DELETED}"')
    assertContains(olga.get(DELETED), "Deleted by Mara")
    assert olga.post(DELETED)["Location"] == OVERVIEW
    assert {
        "members": set(personas.guild.memberships.values_list("character__name", "rank", "main_of")),
        "ranks": set(personas.guild.ranks.values_list("rank_level", "rank_name", "permission_set")),
    } == before
    assertContains(olga.get(OVERVIEW), "Restored.")
    for name, status in (("Mara", 200), ("Olga", 200), ("Otis", 403), ("Rolf", 200), ("Nils", 404)):
        assert personas.browser(name).get(SETTINGS).status_code == status
    recorded = (
        TimelineEvent.objects.filter(kind__startswith="DATA").order_by("happened_at").values_list("kind", "actor")
    )
    assert list(recorded) == [("DATA_DELETED", personas["Mara"].pk), ("DATA_RESTORED", personas["Olga"].pk)]
    assertContains(personas.browser("Rolf").get(f"{OVERVIEW}timeline/"), "restored the guild&#x27;s data")


def test_users_without_the_permission_do_not_see_that_it_can_be_restored(personas: Personas) -> None:
    delete(personas)
    for name, status in (("Otis", 404), ("Rolf", 404), ("Nils", 404), ("", 302)):
        client = personas.browser(name)
        assert client.get(DELETED).status_code == status
        assert client.post(DELETED).status_code == status
        assertNotContains(client.get("/guilds/", follow=True), "Night Watch")
    assert not Guild.objects.open().exists()


def test_a_second_click_does_no_harm(personas: Personas) -> None:
    mara = personas.browser("Mara")
    assert [mara.post(DELETE, NAME)["Location"] for _ in range(2)] == [DELETED, DELETED]
    assert [mara.post(DELETED)["Location"] for _ in range(2)] == [OVERVIEW, OVERVIEW]
    assert TimelineEvent.objects.filter(kind__startswith="DATA").count() == 2


def test_it_cannot_be_restored_after_seven_days(personas: Personas) -> None:
    delete(personas)
    age_deletion(6.99)
    assert purge_deleted() == 0
    mara = personas.browser("Mara")
    assert mara.get(DELETED).status_code == 200
    age_deletion(7.01)
    assert mara.get(DELETED).status_code == mara.post(DELETED).status_code == 404
    assertNotContains(mara.get("/guilds/"), "Night Watch")


def test_purging_keeps_the_name_and_nothing_else(personas: Personas) -> None:
    mara, guild = personas["Mara"], personas.guild
    Guild.objects.update(
        description="Secret", recruiting="Secret", links=[{"label": "A", "url": "https://a.example/"}], grace_hours=5,
        visibility=Visibility.EVERYBODY, crest={"emblem": {"id": 1}}, member_count=9, last_modified=timezone.now(),
    )  # fmt: skip
    marane = Character.objects.get(name="Marane")
    OfficerNote.objects.create(guild=guild, about_person=mara, text="Secret", author=mara)
    TodoItem.objects.create(guild=guild, character=marane, kind="REMOVE", from_rank=5, expires_at=timezone.now())
    RosterRule.objects.create(
        guild=guild, name="Secret", action="REMOVE", measure="NOT_SEEN", days=9, per_player=True, ranks=[5]
    ).exempt.add(marane)
    Leave.objects.create(guild=guild, character=marane, starts_on="2026-01-01", ends_on="2026-01-02")
    Grant.objects.create(guild=guild, user=mara, reason="Secret", expires_at=timezone.now() + timedelta(days=30))
    delete(personas)
    age_deletion(8)
    tasks.purge_guilds()
    tombstone = Guild.objects.get()
    left = {field.name: getattr(tombstone, field.attname) for field in Guild._meta.concrete_fields}
    kept = ("id", "blizzard_id", "name", "slug", "region", "realm", "visibility", "deleted_at", "purged_at")
    assert {name for name, value in left.items() if value not in (None, "", 0, {}, [])} == {
        *kept, "link_days", "created_at", "updated_at",
    }  # fmt: skip
    assert left["visibility"] == Visibility.MEMBERS
    for relation in Guild._meta.related_objects:
        assert not relation.related_model._base_manager.exists(), relation.name
    assert Character.objects.filter(user=mara).exists(), "people keep their characters"
    assert purge_deleted() == 0, "once is enough"
    assert personas.browser("Mara").get(OVERVIEW).status_code == 404


def test_the_purge_is_scheduled_once_a_day(db: None) -> None:
    schedule = PeriodicTask.objects.get(task="sync.tasks.purge_guilds").crontab.schedule
    assert len(schedule.hour) == len(schedule.minute) == 1
    assert len(schedule.day_of_week) == 7


def test_a_guild_that_was_restored_in_time_is_not_purged(personas: Personas) -> None:
    delete(personas)
    personas.browser("Mara").post(DELETED)
    assert purge_deleted() == 0
    assert personas.guild.memberships.count() == 4


def test_restoring_requests_the_roster_immediately(personas: Personas) -> None:
    delete(personas)
    assert BlizzardJob.objects.get(guild=personas.guild).state == State.RESTING
    personas.browser("Mara").post(DELETED)
    job = BlizzardJob.objects.get(guild=personas.guild)
    assert (job.state, job.priority) == (State.DUE, BlizzardJob.Priority.INTERACTIVE)
    assert job.next_due_at is not None
    assert job.next_due_at <= timezone.now()


def reopen(client: Client, guild: Guild) -> Any:
    return client.post("/admin/guilds/guild/", {"action": "reopen", "_selected_action": [str(guild.pk)]})


@pytest.mark.parametrize("days", [1, 8])
def test_a_site_admin_can_reopen_a_purged_guild(personas: Personas, days: int) -> None:
    delete(personas)
    age_deletion(days)
    purge_deleted()
    grant_admin(battletag=personas["Nils"].battletag)
    assert reopen(personas.browser("Nils"), personas.guild).status_code == 302
    guild = Guild.objects.open().get(pk=personas.guild.pk)
    assert (guild.ranks.count(), guild.memberships.count()) == (10, 4 if days == 1 else 0)
    assert BlizzardJob.objects.get(guild=guild).state == State.DUE


def test_nobody_else_can_reopen_it(personas: Personas) -> None:
    delete(personas)
    User.objects.filter(battletag__startswith="Olga").update(is_staff=True)
    assert reopen(personas.browser("Olga"), personas.guild).status_code in {302, 403}
    assert not Guild.objects.open().exists()
