"""Update states of rosters and profiles, from their jobs."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from accounts.compiled_queries import CompiledQuery
from characters.models import Character
from guilds.models import Guild
from guilds.update_states import UpdateState
from sync.models import BlizzardJob
from sync.wow.failure_reasons import reason

# A job that waits longer for its turn, such as one of a player who refreshed too often, is not under way.
SOON = timedelta(minutes=1)
# What `state_of` reads.
COLUMNS = ("guild", "character", "state", "error_kind", "http_status", "succeeded_at", "next_due_at")
_JOBS = BlizzardJob.objects.only(*COLUMNS).order_by()
_ROSTER_JOB = CompiledQuery(lambda guild: _JOBS.filter(kind=BlizzardJob.Kind.ROSTER, guild=guild), guild=UUID)
_CHECKS = CompiledQuery(
    lambda guild: (
        BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE, character__membership__guild=guild)
        .order_by()
        .values_list("character", "succeeded_at")
    ),
    guild=UUID,
)
_PROFILE_JOB = CompiledQuery(
    lambda character: _JOBS.filter(kind=BlizzardJob.Kind.PROFILE, character=character), character=UUID
)
_ROSTER_AND_PROFILE_JOB = CompiledQuery(
    lambda guild, character: _JOBS.filter(kind=BlizzardJob.Kind.ROSTER, guild=guild).union(
        _JOBS.filter(kind=BlizzardJob.Kind.PROFILE, character=character), all=True
    ),
    guild=UUID,
    character=UUID,
)


def states_of_jobs(model: type[Guild] | type[Character], ids: Collection[UUID]) -> dict[UUID, UpdateState]:
    """Return the state of each guild's roster or character's profile by its id, in one statement."""
    return _by_subject(_jobs(model, ids))


def states_of_member(guild: UUID, character: UUID) -> dict[UUID, UpdateState]:
    """Return the states of a guild's roster and a character's profile by their ids, in one statement."""
    return _by_subject(_ROSTER_AND_PROFILE_JOB(guild=guild, character=character))


def _by_subject(jobs: Iterable[BlizzardJob]) -> dict[UUID, UpdateState]:
    return {pk: state_of(job) for job in jobs if (pk := job.guild_id or job.character_id) is not None}


def checks_of_members(guild: Guild) -> dict[UUID, datetime]:
    """Return when the profile of each member was last fetched or found unchanged, by character, in one statement."""
    return {pk: at for pk, at in _CHECKS(guild=guild.pk) if at is not None}


def state_of_player(user: UUID) -> UpdateState:
    """Return whether jobs run that the player waits for, in one statement; retries take too long to wait for."""
    found = _PLAYER_JOBS(user=user, soon=timezone.now() + SOON)
    return UpdateState(
        checked_at=max((checked_at for checked_at, _ in found if checked_at is not None), default=None),
        is_busy=any(is_awaited for _, is_awaited in found),
    )


def _jobs_of_player(user: UUID, soon: datetime) -> "QuerySet[BlizzardJob, tuple[datetime | None, bool]]":
    state = BlizzardJob.State
    awaited = Q(
        state__in=(state.DUE, state.QUEUED, state.RUNNING), priority=BlizzardJob.Priority.INTERACTIVE, tries=0
    ) & (Q(next_due_at=None) | Q(next_due_at__lte=soon))
    jobs = BlizzardJob.objects.annotate(is_awaited=ExpressionWrapper(awaited, BooleanField())).order_by()
    # Three indexes: with OR PostgreSQL would read the jobs of all characters.
    own, of_characters, waiting = (
        jobs.filter(which).values_list("succeeded_at", "is_awaited")
        for which in (Q(user=user), Q(character__user=user), Q(awaited_by=user))
    )
    return own.union(of_characters, waiting, all=True)


_PLAYER_JOBS = CompiledQuery(_jobs_of_player, user=UUID, soon=datetime)


def _jobs(model: type[Guild] | type[Character], ids: Collection[UUID]) -> Iterable[BlizzardJob]:
    if len(ids) == 1:
        return _ROSTER_JOB(guild=next(iter(ids))) if model is Guild else _PROFILE_JOB(character=next(iter(ids)))
    if model is Guild:
        return _JOBS.filter(kind=BlizzardJob.Kind.ROSTER, guild__in=ids)
    return _JOBS.filter(kind=BlizzardJob.Kind.PROFILE, character__in=ids)


def state_of(job: BlizzardJob) -> UpdateState:
    """Return what a page shows of a job."""
    return UpdateState(
        checked_at=job.succeeded_at,
        is_busy=job.is_busy,
        is_in_doubt=job.is_in_doubt,
        failure=reason(job) if job.state == BlizzardJob.State.FAILED else "",
        next_attempt_at=job.next_due_at,
    )
