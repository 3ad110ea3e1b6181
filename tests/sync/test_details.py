"""Portraits, icons and specializations of active members: fetched from the sandbox's real documents and pictures."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from characters.models import Character, Picture, PlayableClass, Specialization
from characters.personal_data import export
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import CharacterStatus
from sync.engine import claims, kinds
from sync.management.foreground import sync_characters
from sync.models import BlizzardJob
from sync.wow.retention import FetchedStatus, apply_statuses, delete_orphaned
from tests.battlenet import Sandbox
from tests.sync.working import run

TIER = "portraits and specializations"
Kind, State = BlizzardJob.Kind, BlizzardJob.State


@pytest.fixture
def guild(roster_of: Callable[..., Guild], battlenet: BlizzardClient, game_data: None) -> Guild:
    """A guild of 30 with the profiles of five members; all rest."""
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    some = Character.objects.filter(membership__guild=guild, level__gte=80).select_related("realm").order_by("pk")[:5]
    sync_characters(client=battlenet, characters=list(some))
    Character.objects.filter(last_login_at__isnull=False).update(last_login_at=timezone.now())
    BlizzardJob.objects.update(state=State.RESTING)
    return guild


def fetch_details() -> list[BlizzardJob]:
    """Make the tier due as its schedule does, and run what is due."""
    kinds.mark_tier_due(TIER)
    due = claims.claim(BlizzardJob.objects.filter(kind=Kind.DETAILS, state=State.DUE))
    if due:
        run(due, throw=True)
    return due


def fetch_icons() -> None:
    kinds.mark_tier_due("icons")
    run(claims.claim(BlizzardJob.objects.filter(kind=Kind.ICONS, state=State.DUE)), throw=True)


def someone() -> Character:
    return Character.objects.filter(last_login_at__isnull=False).earliest("pk")


def test_an_active_members_portrait_is_fetched_once_and_served_by_the_site(
    guild: Guild, sandbox: Sandbox, client: Client
) -> None:
    assert len(fetch_details()) == 5
    sent = sandbox.stats()["requests"]
    portrait = Picture.objects.get(character=someone())
    answer = client.get(reverse("picture", args=(portrait.pk,)))
    assert (answer.content[:4], answer["Content-Type"]) == (b"\x89PNG", "image/png")
    assert "private" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert fetch_details() == [], "the week is not over"
    assert sandbox.stats()["requests"] == sent, "no page and no early schedule asks Battle.net"


def test_nobody_who_is_not_played_costs_a_request(guild: Guild) -> None:
    Character.objects.filter(pk=someone().pk).update(last_login_at=timezone.now() - timedelta(days=15))
    assert len(fetch_details()) == 4


def test_a_portrait_that_did_not_change_keeps_its_address(guild: Guild, sandbox: Sandbox) -> None:
    fetch_details()
    before = set(Picture.objects.values_list("pk", flat=True))
    BlizzardJob.objects.update(attempted_at=timezone.now() - timedelta(days=8))
    assert len(fetch_details()) == 5
    assert set(Picture.objects.values_list("pk", flat=True)) == before


def test_specializations_without_talents_are_left_out(guild: Guild) -> None:
    fetch_details()
    for one in Character.objects.filter(last_login_at__isnull=False).prefetch_related("specializations"):
        known = {spec.pk for spec in one.specializations.all()}
        expected = {
            spec.pk
            for spec in Specialization.objects.filter(playable_class=one.playable_class_id)
            if spec.pk == one.active_spec_id or (one.blizzard_id + spec.pk) % 3
        }
        assert known == expected


@pytest.mark.parametrize("body", ["svg", "html", "truncated", "empty", "huge"])
def test_what_is_no_picture_is_not_stored_and_no_failure(guild: Guild, sandbox: Sandbox, body: str) -> None:
    sandbox.fault(path="/render/", body=body)
    fetch_details()
    assert not Picture.objects.exists()
    jobs = BlizzardJob.objects.filter(kind=Kind.DETAILS)
    assert set(jobs.values_list("state", "unreadable_entries")) == {(State.RESTING, 1)}


def test_a_picture_of_an_unknown_host_is_never_requested(guild: Guild, sandbox: Sandbox, settings: object) -> None:
    settings.BLIZZARD_MEDIA_URLS = ("https://render.worldofwarcraft.com",)  # type: ignore[attr-defined]
    fetch_details()
    assert not Picture.objects.exists()


def test_a_deleted_characters_picture_is_deleted(guild: Guild, client: Client) -> None:
    fetch_details()
    gone = someone()
    address = reverse("picture", args=(Picture.objects.get(character=gone).pk,))
    gone.membership.delete()
    delete_orphaned([gone.pk])
    assert client.get(address).status_code == 404


def test_a_character_that_may_not_be_kept_loses_portrait_and_specializations(guild: Guild) -> None:
    fetch_details()
    invalid = Character.objects.select_related("realm").get(pk=someone().pk)
    apply_statuses([FetchedStatus(invalid, CharacterStatus(id=invalid.blizzard_id, is_valid=False))])
    assert not Picture.objects.filter(character=invalid).exists()
    assert not invalid.specializations.exists()


def test_icons_are_the_same_for_all_and_fetched_once_a_month(guild: Guild) -> None:
    fetch_icons()
    assert Picture.objects.exclude(playable_class=None).count() == PlayableClass.objects.count()
    assert Picture.objects.exclude(specialization=None).count() >= 40
    assert kinds.mark_tier_due("icons") == 0


def test_without_hosts_of_pictures_nothing_is_fetched(guild: Guild, settings: object) -> None:
    settings.BLIZZARD_MEDIA_URLS = ()  # type: ignore[attr-defined]
    assert kinds.mark_tier_due(TIER) == kinds.mark_tier_due("icons") == 0


def test_players_get_their_portraits_and_specializations_exported(guild: Guild, people: Callable[[str], User]) -> None:
    fetch_details()
    Character.objects.filter(pk=someone().pk).update(user=people("Rolf"))
    (exported,) = export(people("Rolf"))["characters"]
    assert exported["portrait"].startswith("data:image/png;base64,")
    assert someone().active_spec.name in exported["specializations"]  # type: ignore[union-attr]
