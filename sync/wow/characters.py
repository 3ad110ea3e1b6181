"""Character profiles: fetched one by one, written together."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from characters.item_levels import record_item_levels
from characters.models import Character, ProfileState, Specialization
from guilds.mains import recompute_mains
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import CharacterSummary, GuildRef
from sync.engine import transitions
from sync.engine.bulk import Change, diff, update_rows
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, Forbidden, NotFound, Postponed
from sync.engine.result import SyncResult
from sync.models import BlizzardJob
from sync.wow import columns
from sync.wow.game_data import ensure_game_data, lock_roles
from sync.wow.guild_lookup import guild_slug
from sync.wow.guilds import ensure_guild
from sync.wow.jobs import profile_jobs, request_roster
from sync.wow.matching import membership_of
from sync.wow.provider import subject_of

logger = logging.getLogger(__name__)

# A roster that was checked less than this ago is not fetched again when one of its members signs in.
FRESH_ROSTER = timedelta(hours=1)
OTHER_ID = "the name has another id now"

# A profile is fetched in full at least this often, also when Battle.net says that it has not changed.
IN_FULL_EVERY = timedelta(days=7)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Increment it with a migration that adds a column of `columns.of_summary`: all profiles are then fetched in full.
PROFILE_VERSION = 1


@dataclass(frozen=True, slots=True)
class FetchedProfile:
    """A character with its profile, which is None when it has not changed, or the error that came instead."""

    character: Character
    summary: CharacterSummary | None = None
    last_modified: datetime | None = None
    error: ApiError | None = None


@dataclass(slots=True)
class ProfilesResult:
    """The counts, and the guilds of players' characters whose rosters come next."""

    result: SyncResult = field(default_factory=SyncResult)
    guild_ids: set[UUID] = field(default_factory=set)

    def add(self, other: "ProfilesResult") -> None:
        self.result.add(other.result)
        self.guild_ids |= other.guild_ids


def fetch_character(client: BlizzardClient, character: Character) -> FetchedProfile:
    """Fetch one character; `character.realm` has to be loaded. An ApiError is returned, not raised."""
    try:
        answer = client.character(
            character.region,
            character.realm.slug,
            character.name,
            since=_since(character),
            subject=subject_of(character),
        )
    except ApiError as error:
        return FetchedProfile(character, error=error)
    return FetchedProfile(character, answer.payload, answer.last_modified)


def _since(character: Character) -> datetime | None:
    """Return the If-Modified-Since of the request; None to fetch in full."""
    if character.profile_version != PROFILE_VERSION or is_due_in_full(character, timezone.now()):
        return None
    return character.last_modified


def is_due_in_full(character: Character, now: datetime) -> bool:
    """Return whether the character's time of the week has passed since the last full fetch.

    The id sets that time, so that the characters are spread over the week.
    """
    if character.last_synced_at is None:
        return True
    offset = timedelta(seconds=character.pk.int % int(IN_FULL_EVERY.total_seconds()))
    return (now - offset - EPOCH) // IN_FULL_EVERY > (character.last_synced_at - offset - EPOCH) // IN_FULL_EVERY


def fetch_one_by_one(client: BlizzardClient, characters: Sequence[Character]) -> list[FetchedProfile]:
    """Fetch one after the other; when one is postponed, so are the rest.

    Hidden characters come last: their refusals would not end a pause, and so postpone the others.
    """
    fetched: list[FetchedProfile] = []
    for character in sorted(characters, key=lambda one: subject_of(one).was_refused):
        postponed = fetched[-1].error if fetched and isinstance(fetched[-1].error, Postponed) else None
        fetched.append(FetchedProfile(character, error=postponed) if postponed else fetch_character(client, character))
    return fetched


def apply_batch(batch: Sequence[FetchedProfile], claim: Claim) -> ProfilesResult:
    """Write the batch, or if that fails each character alone, so that one cannot hold up the others.

    A failure of a single character is noted on its job and logged, not raised.
    """
    try:
        return apply_characters(batch, claim)
    except Exception as error:
        if len(batch) == 1:
            logger.exception("A character could not be written.")
            transitions.fail_unexpectedly(profile_jobs([batch[0].character.pk]), error, claim=claim)
            return ProfilesResult(SyncResult(failed=1))
    total = ProfilesResult()
    for fetched in batch:
        total.add(apply_batch([fetched], claim))
    return total


@transaction.atomic
def apply_characters(batch: Sequence[FetchedProfile], claim: Claim) -> ProfilesResult:
    """Write what differs, in a constant number of statements.

    Answers about characters whose jobs other workers have now are dropped.
    """
    applied = ProfilesResult()
    lock_roles()
    rows = _locked_rows(batch)
    held = claim.narrowed(profile_jobs([fetched.character.pk for fetched in batch])).lock("character")
    # Jobs are deleted with their characters, so each of these has a row.
    batch = [fetched for fetched in batch if fetched.character.pk in held]
    batch = [_check_id(fetched, rows[fetched.character.pk]) for fetched in _drop_renamed(batch, rows, claim)]
    answered = [(rows[one.character.pk], one.summary) for one in batch if one.summary is not None]
    times = {one.character.pk: one.last_modified for one in batch}
    spec_roles = _prepare_game_data(answered)

    changes: list[Change[Character]] = []
    changed: dict[UUID, Character] = {}
    equipped: list[Character] = []
    for row, summary in answered:
        role = spec_roles.get(summary.spec_id) if summary.spec_id is not None else None
        if found := diff(row, columns.of_summary(row, summary, role)):
            changed[row.pk] = row
        if "equipped_item_level" in found:
            equipped.append(row)
        fetched_at = {"last_synced_at": timezone.now(), "profile_version": PROFILE_VERSION}
        changes.append(Change(row, {**found, "last_modified": times[row.pk], **fetched_at}))
    hidden = [_hide(rows[one.character.pk], one.error) for one in batch]
    update_rows([*changes, *filter(None, hidden)])
    if equipped:
        record_item_levels(equipped)

    _finish_jobs(batch, set(changed), claim)
    _request_rosters(batch, rows)
    applied.guild_ids = _request_guilds_of_players(answered)
    owners = {row.user_id for row in changed.values() if row.user_id is not None}
    if owners:
        recompute_mains(user_ids=owners)
    applied.result.updated = len(changed)
    applied.result.failed = sum(1 for fetched in batch if _is_failure(fetched.error))
    applied.result.unchanged = len(batch) - applied.result.updated - applied.result.failed
    return applied


def _locked_rows(batch: Sequence[FetchedProfile]) -> dict[UUID, Character]:
    """Lock the rows, always in the same order, so that two syncs cannot deadlock."""
    rows = Character.objects.filter(pk__in=[fetched.character.pk for fetched in batch]).select_related("membership")
    return {row.pk: row for row in rows.order_by("region", "pk").select_for_update(of=("self",), no_key=True)}


def _drop_renamed(batch: Sequence[FetchedProfile], rows: dict[UUID, Character], claim: Claim) -> list[FetchedProfile]:
    """Drop answers about characters that were renamed since the request, and make those due again."""
    in_time: list[FetchedProfile] = []
    late: list[FetchedProfile] = []
    for fetched in batch:
        row, asked = rows[fetched.character.pk], fetched.character
        is_late = (row.realm_id, row.name) != (asked.realm_id, asked.name)
        (late if is_late else in_time).append(fetched)
    if late:
        transitions.mark_due(profile_jobs([one.character.pk for one in late]), BlizzardJob.Priority.HIGH, claim=claim)
    return in_time


def _check_id(fetched: FetchedProfile, row: Character) -> FetchedProfile:
    """Return the answer, or NotFound if it has another id.

    Then another character has the name, or ours has a new id; only the roster or the player's account can tell.
    """
    if fetched.summary is None or fetched.summary.id == row.blizzard_id:
        return fetched
    where = f"/profile/wow/character/{fetched.character.realm.slug}/{fetched.character.name}"
    return FetchedProfile(fetched.character, error=NotFound(where, detail=OTHER_ID))


def _request_rosters(batch: Sequence[FetchedProfile], rows: dict[UUID, Character]) -> None:
    """Make the rosters of members whose profile has another id due, unless they have just been checked."""
    other = [
        fetched.character.pk for fetched in batch if fetched.error is not None and fetched.error.detail == OTHER_ID
    ]
    guilds = {place.guild_id for pk in other if (place := membership_of(rows[pk])) is not None}
    if guilds:
        before = timezone.now() - FRESH_ROSTER
        resting = BlizzardJob.objects.filter(
            guild__in=guilds, kind=BlizzardJob.Kind.ROSTER, state=BlizzardJob.State.RESTING
        )
        transitions.mark_due(resting.filter(succeeded_at__lt=before), BlizzardJob.Priority.HIGH)


def _prepare_game_data(answered: Sequence[tuple[Character, CharacterSummary]]) -> dict[int, str]:
    """Add missing game data; returns the role of each specialization in the batch.

    What one of the characters has already is not looked up: most of the time that is everything.
    """
    if not answered:
        return {}
    rows, summaries = zip(*answered, strict=True)
    roles: dict[int, str] = {row.active_spec_id: row.role for row in rows if row.active_spec_id is not None}
    specs = {(one.spec_id, one.spec_name, one.class_id) for one in summaries if one.spec_id is not None}
    if other := [spec for spec in specs if spec[0] not in roles]:
        ids = [spec_id for spec_id, _, _ in other]
        roles |= Specialization.objects.order_by().filter(pk__in=ids).values_list("pk", "role")
    ensure_game_data(
        region=rows[0].region,
        class_ids={one.class_id for one in summaries} - {row.playable_class_id for row in rows},
        race_ids={one.race_id for one in summaries} - {row.playable_race_id for row in rows},
        specs=[spec for spec in specs if spec[0] not in roles],
    )
    return roles


def _hide(row: Character, error: ApiError | None) -> Change[Character] | None:
    """Return the change for a character that Battle.net does not show; None when there is none."""
    state = {NotFound: ProfileState.NOT_FOUND, Forbidden: ProfileState.FORBIDDEN}.get(type(error))  # type: ignore[arg-type]
    if state is None or row.profile_state == state:
        return None
    # When it is shown again, its profile is fetched even if it has not changed.
    return Change(row, {"profile_state": state, "last_modified": None})


def _is_failure(error: ApiError | None) -> bool:
    """Return whether it is a failure: a 403 or 404 of a single character is normal."""
    return error is not None and not isinstance(error, NotFound | Forbidden)


def _finish_jobs(batch: Sequence[FetchedProfile], changed: set[UUID], claim: Claim) -> None:
    fresh = {fetched.character.pk for fetched in batch if fetched.error is None}
    for ids, is_change in ((fresh & changed, True), (fresh - changed, False)):
        if ids:
            transitions.succeed(profile_jobs(ids), claim=claim, changed=is_change)
    # Postponed characters share one error, and are written together.
    errors = {id(fetched.error): fetched.error for fetched in batch if fetched.error is not None}
    for key, error in errors.items():
        note = transitions.fail if _is_failure(error) else transitions.finish_without_data
        note(profile_jobs([one.character.pk for one in batch if id(one.error) == key]), error, claim=claim)


def _request_guilds_of_players(answered: Sequence[tuple[Character, CharacterSummary]]) -> set[UUID]:
    """Return the guilds of players' characters whose rosters are wanted, and request those; adds unknown guilds."""
    refs: dict[tuple[str, int, str], GuildRef] = {}
    members: dict[tuple[str, int, str], list[Character]] = defaultdict(list)
    for row, summary in answered:
        if row.user_id is not None and summary.guild is not None:
            address = (row.region, summary.guild.realm.id, guild_slug(summary.guild.name))
            refs[address] = summary.guild
            members[address].append(row)
    # Sorted, like all rows that two syncs can insert at the same time.
    guilds = {address: ensure_guild(region=address[0], ref=refs[address]) for address in sorted(refs)}
    wanted = {address: guild for address, guild in guilds.items() if _wants_roster(guild, members[address])}
    for address, guild in wanted.items():
        # In the same transaction, so that the player's page does not seem to be finished in between.
        request_roster(guild, {member.user_id for member in members[address]})
    return {guild.pk for guild in wanted.values()}


def _wants_roster(guild: Guild, characters: Sequence[Character]) -> bool:
    """Return whether the roster was not checked for long, or does not list all of these characters yet.

    That of a guild whose data was deleted is never wanted.
    """
    if guild.deleted_at is not None:
        return False
    if guild.roster_checked_at is None or guild.roster_checked_at < timezone.now() - FRESH_ROSTER:
        return True
    memberships = [membership_of(one) for one in characters]
    return any(one is None or one.guild_id != guild.pk for one in memberships)
