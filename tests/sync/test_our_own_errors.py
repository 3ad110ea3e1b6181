"""An error of ours or of the database releases the claim and records the cause; nothing is partly applied."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from accounts.models import User
from characters.models import Character
from guilds.models import Guild, Membership, TimelineEvent
from sync.engine import claims, transitions
from sync.models import BlizzardJob
from sync.wow.jobs import open_account_job
from sync.wow.provider import client_for
from tests.battlenet import Sandbox
from tests.sync.ground_truth import address_in_sandbox, our_roster, true_roster
from tests.sync.working import run_account, run_profiles, run_roster

pytestmark = pytest.mark.django_db

State = BlizzardJob.State
KETTLE = {"region": "eu", "realm_slug": "quillmarsh", "slug": "second-kettle"}


@pytest.fixture
def guild(roster_of: Callable[..., Guild], game_data: None) -> Guild:
    """Return a guild of 30 whose roster was synced once."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


@contextmanager
def database_refuses(table: str, when: str) -> Iterator[None]:
    """Create a trigger that raises an error for written rows with this condition."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF {when} THEN RAISE 'secret %', NEW; END IF; RETURN NEW; END $$;"
            f" CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER refuse ON {table}; DROP FUNCTION refuse()")


def claimed(job: "Any") -> BlizzardJob:
    """Claim the job like the dispatcher."""
    transitions.mark_due(BlizzardJob.objects.filter(pk=job.pk), BlizzardJob.Priority.HIGH)
    return claims.claim(BlizzardJob.objects.filter(pk=job.pk))[0]


def test_a_roster_that_cannot_be_written_is_due_again_and_changes_nothing(guild: Guild, sandbox: Sandbox) -> None:
    members = list(Character.objects.filter(membership__guild=guild, level__gt=20).select_related("realm")[:2])
    sandbox.mutate("leave", **address_in_sandbox(members[0]))
    sandbox.mutate("rename", **address_in_sandbox(members[1]), new_name="Neuername")
    before = our_roster(guild), TimelineEvent.objects.count(), Character.objects.count()
    claimed(BlizzardJob.objects.get(guild=guild))
    # The last rows to be written: everything else is already in the transaction.
    with database_refuses("guilds_timelineevent", "NEW.kind = 'LEFT'"):
        assert isinstance(run_roster(guild.pk).result, DatabaseError)
    job = BlizzardJob.objects.get(guild=guild)
    assert (job.state, job.error_kind, job.tries) == (State.DUE, "database", 1)
    pause = (job.next_due_at - job.last_failed_at).total_seconds()  # type: ignore[operator]
    assert transitions.FIRST_PAUSE <= pause <= 1.5 * transitions.FIRST_PAUSE
    assert re.fullmatch(r"ProgrammingError in _write, line \d+", job.error_text)  # and nothing was written
    assert (our_roster(guild), TimelineEvent.objects.count(), Character.objects.count()) == before
    run_roster(guild.pk, throw=True)
    assert our_roster(guild) == true_roster(sandbox, guild)
    assert TimelineEvent.objects.count() == 2
    assert BlizzardJob.objects.get(guild=guild).state == State.RESTING


def test_a_permanent_error_becomes_a_listed_failure(guild: Guild, sandbox: Sandbox) -> None:
    sandbox.mutate("disband_guild", guild=KETTLE)
    with database_refuses("guilds_guild", "true"):
        for _ in range(transitions.MOST_TRIES):
            run_roster(guild.pk)
    job = BlizzardJob.objects.failed().get()
    assert (job.guild, job.error_kind, job.tries) == (guild, "database", transitions.MOST_TRIES)
    assert guild.memberships.count() == 30


def test_a_character_that_cannot_be_written_does_not_affect_the_others(guild: Guild) -> None:
    shown = Character.objects.filter(membership__guild=guild, level__gt=20).order_by("name")
    ids = list(shown.values_list("pk", flat=True)[:5])
    for pk in ids:
        claimed(BlizzardJob.objects.get(character=pk))
    with database_refuses("characters_character", f"NEW.id = '{ids[2]}'"):
        run_profiles(ids, throw=True)
    rows = BlizzardJob.objects.filter(character__in=ids)
    states = {one.character_id: (one.state, one.error_kind) for one in rows}
    assert states.pop(ids[2]) == (State.DUE, "database")
    assert {state for state, _ in states.values()} == {State.RESTING}
    assert Character.objects.get(pk=ids[2]).last_synced_at is None


def test_an_account_that_cannot_be_written_is_due_again(person: Callable[[str], User]) -> None:
    newcomer = person("newcomer")
    job = open_account_job(newcomer, "eu")
    claimed(job)
    with database_refuses("characters_character", "true"):
        run_account(job.pk)
    job = BlizzardJob.objects.get(pk=job.pk)
    assert (job.state, job.error_kind) == (State.DUE, "database")
    assert not Character.objects.exists()
    assert not Membership.objects.exists()


def test_a_bug_of_ours_is_recorded_too(guild: Guild, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings with which the client can't be created."""
    ids = [one.character_id for one in BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE)[:3]]
    for pk in ids:
        claimed(BlizzardJob.objects.get(character=pk))
    monkeypatch.setattr(settings, "REDIS_URL", "nonsense://")
    client_for.cache_clear()
    assert isinstance(run_profiles(ids).result, ValueError)
    client_for.cache_clear()
    rows = BlizzardJob.objects.filter(character__in=ids)
    assert set(rows.values_list("state", "error_kind")) == {(State.DUE, "defect")}
