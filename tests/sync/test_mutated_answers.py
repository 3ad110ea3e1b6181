"""Mutated answers, through HTTP, client and tasks into PostgreSQL: applied or refused, and never half written."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from characters.models import Character, PlayableClass, PlayableRace, Realm, Specialization
from guilds.models import Guild, Membership, TimelineEvent
from sync.blizzard.client import BlizzardClient
from sync.engine.errors import ApiError
from sync.management.foreground import sync_account, sync_game_data
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.sync.working import run_profiles, run_roster

KETTLE = ("eu", "quillmarsh", "Second Kettle")
TABLES = (Guild, Membership, Character, TimelineEvent, Realm, PlayableClass, PlayableRace, Specialization)
# What a job's error says when an answer was not caught at the door: an exception of ours, or of PostgreSQL.
OURS = {"defect", "database"}


def contents() -> dict[str, list[Any]]:
    return {table.__name__: list(table._default_manager.order_by("pk").values_list()) for table in TABLES}


def report(name: str, outcomes: Counter[str]) -> None:
    """Print the figures of docs/reliability.md."""
    refused = sum(count for outcome, count in outcomes.items() if outcome != "applied")
    print(f"\n{name}: {outcomes.total()} mutated answers, {refused} refused, 0 half written; {dict(outcomes)}")
    assert 0 < refused < outcomes.total()


def repeat(times: int, sync: Callable[[], object]) -> Counter[str]:
    """Count how often the sync applied its answer, or refused it and wrote nothing; each is rolled back."""
    before, outcomes = contents(), Counter[str]()
    for _ in range(times):
        with transaction.atomic():
            try:
                sync()
            except ApiError as error:
                outcomes[error.kind] += 1
                assert contents() == before
            else:
                outcomes["applied"] += 1
            transaction.set_rollback(True)
    return outcomes


@pytest.fixture
def mutated(sandbox: Sandbox) -> Callable[[str], None]:
    """Let the sandbox mutate its answers."""
    return lambda path: sandbox.fault(path=path, body="mutated")


def test_a_mutated_roster_is_applied_or_refused(
    roster_of: Callable[..., Guild], game_data: None, mutated: Callable[[str], None]
) -> None:
    guild = roster_of(*KETTLE)
    Guild.objects.update(last_modified=None)
    before, outcomes = contents(), Counter[str]()
    mutated("/data/wow/guild/")
    for _ in range(60):
        with transaction.atomic():
            run_roster(guild.pk)
            error = BlizzardJob.objects.get(guild=guild).error_kind
            assert error not in OURS
            if error == "bad_payload":
                assert contents() == before
            outcomes[error or "applied"] += 1
            transaction.set_rollback(True)
    report("roster", outcomes)


def test_a_mutated_profile_is_applied_or_refused(
    roster_of: Callable[..., Guild], game_data: None, mutated: Callable[[str], None]
) -> None:
    guild = roster_of(*KETTLE)
    ids = list(guild.memberships.values_list("character", flat=True))
    before, outcomes = {one.pk: _columns(one) for one in Character.objects.filter(pk__in=ids)}, Counter[str]()
    mutated("/profile/wow/character/")
    for _ in range(4):
        with transaction.atomic():
            run_profiles(ids)
            jobs = dict(BlizzardJob.objects.filter(character__in=ids).values_list("character", "error_kind"))
            assert OURS.isdisjoint(jobs.values())
            unchanged = [pk for pk, error in jobs.items() if error == "bad_payload"]
            assert [_columns(one) for one in Character.objects.filter(pk__in=unchanged)] == [
                before[one.pk] for one in Character.objects.filter(pk__in=unchanged)
            ]
            outcomes.update(error or "applied" for error in jobs.values())
            transaction.set_rollback(True)
    report("profile", outcomes)


def _columns(character: Character) -> list[Any]:
    return [getattr(character, one.attname) for one in Character._meta.concrete_fields if one.name != "updated_at"]


def test_a_mutated_account_is_applied_or_refused(
    battlenet: BlizzardClient, person: Callable[[str], User], game_data: None, mutated: Callable[[str], None]
) -> None:
    raider = person("raider")
    sync_account(client=battlenet, user=raider, regions=["eu"])
    mutated("/profile/user/")
    outcomes = repeat(60, lambda: sync_account(client=battlenet, user=raider, regions=["eu"]))
    report("account", outcomes)


def test_mutated_game_data_is_applied_or_refused(
    battlenet: BlizzardClient, game_data: None, mutated: Callable[[str], None]
) -> None:
    mutated("/data/wow/.*index")
    outcomes = repeat(60, lambda: sync_game_data(client=battlenet, region="eu", realms_only=True))
    report("game data", outcomes)
