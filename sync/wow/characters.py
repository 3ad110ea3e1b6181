"""The details of characters: fetched one by one, applied together."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from characters.models import Character, ProfileState, Specialization
from characters.rules import role_of
from guilds.mains.recompute import recompute_mains
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import CharacterSummary, GuildRef
from sync.engine import claims, transitions
from sync.engine.bulk import update_rows, values_of
from sync.engine.errors import ApiError, Forbidden, NotFound, Postponed
from sync.engine.responses import Answer
from sync.engine.result import SyncResult
from sync.models import BlizzardJob
from sync.wow.game_data import ensure_known
from sync.wow.guild_lookup import guild_slug
from sync.wow.guilds import ensure_guild
from sync.wow.jobs import profile_jobs, request_roster
from sync.wow.locks import lock_roles
from sync.wow.subjects import subject_of
from sync.wow.timeline_events import membership_of

logger = logging.getLogger(__name__)

# Requests under way at once in a foreground command, and characters applied in one transaction.
PARALLEL = 24
BATCH = 100
# A roster this young is not asked for again when one of its members signs in.
FRESH_ROSTER = timedelta(hours=1)
OTHER_ID = "another id has this name now"

# A profile is fetched in full at least so often, however long Battle.net says that nothing changed.
IN_FULL_EVERY = timedelta(days=7)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Raise it with a migration that adds a column which only a full answer fills: all profiles are then fetched in full.
DETAILS_VERSION = 1
DETAIL_FIELDS = (
    "level",
    "playable_class",
    "playable_race",
    "gender",
    "faction",
    "active_spec",
    "role",
    "average_item_level",
    "equipped_item_level",
    "last_login_at",
    "profile_state",
)
BOOKKEEPING_FIELDS = ("last_modified", "last_synced_at", "profile_checked_at", "details_version")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One character with Battle.net's answer, or with the error that came instead."""

    character: Character
    answer: Answer[CharacterSummary] | None = None
    error: ApiError | None = None

    @property
    def summary(self) -> CharacterSummary | None:
        """What is new; None when nothing changed or nothing came."""
        return self.answer.payload if self.answer else None


@dataclass(slots=True)
class Applied:
    """What came of it; `guild_ids` are guilds of owned characters, whose rosters are wanted next."""

    result: SyncResult = field(default_factory=SyncResult)
    guild_ids: set[UUID] = field(default_factory=set)

    def add(self, other: "Applied") -> None:
        """Sum up."""
        self.result.add(other.result)
        self.guild_ids |= other.guild_ids


def sync_characters(
    *,
    client: BlizzardClient,
    characters: Sequence[Character],
    on_progress: Callable[[int], object] = lambda done: None,
) -> Applied:
    """Fetch and apply many characters: requests side by side, a transaction for each batch.

    Errors are noted in the jobs and not raised, so that one bad character does not stop the others.
    """
    total = Applied()
    with ThreadPoolExecutor(min(PARALLEL, max(len(characters), 1))) as pool:

        def fetch(character: Character) -> Fetched:
            fetched = fetch_character(client, character)
            on_progress(1)
            return fetched

        for batch in _batches(pool.map(fetch, characters), BATCH):
            total.add(apply_what_can_be(batch))
    return total


def fetch_character(client: BlizzardClient, character: Character) -> Fetched:
    """Ask for one character; `character.realm` must be loaded. A ApiError is in the result, not raised."""
    try:
        answer = client.character(
            character.region,
            character.realm.slug,
            character.name,
            since=_since(character),
            subject=subject_of(character),
        )
    except ApiError as error:
        return Fetched(character, error=error)
    return Fetched(character, answer=answer)


def _since(character: Character) -> datetime | None:
    """Return the time since when a change is of interest; None to fetch in full."""
    if character.details_version != DETAILS_VERSION or is_due_in_full(character, timezone.now()):
        return None
    return character.last_modified


def is_due_in_full(character: Character, now: datetime) -> bool:
    """Whether the character's own time of the week has passed since the last full answer.

    The id decides about that time, so that not all characters come on the same day.
    """
    if character.last_synced_at is None:
        return True
    offset = timedelta(seconds=character.pk.int % int(IN_FULL_EVERY.total_seconds()))
    return (now - offset - EPOCH) // IN_FULL_EVERY > (character.last_synced_at - offset - EPOCH) // IN_FULL_EVERY


def fetch_one_by_one(client: BlizzardClient, characters: Sequence[Character]) -> list[Fetched]:
    """Ask for each in turn; when one has to be asked for later, the rest waits with it."""
    fetched: list[Fetched] = []
    for character in characters:
        spent = fetched[-1].error if fetched and isinstance(fetched[-1].error, Postponed) else None
        fetched.append(Fetched(character, error=spent) if spent else fetch_character(client, character))
    return fetched


def apply_what_can_be(batch: Sequence[Fetched]) -> Applied:
    """Write the batch, or when that fails one after the other: one that cannot be written keeps no other one back.

    What fails alone is noted in its job and logged, not raised.
    """
    try:
        return apply_characters(batch)
    except Exception as error:
        if len(batch) == 1:
            logger.exception("A character could not be written.")
            transitions.fail_unexpectedly(profile_jobs([batch[0].character.pk]), error)
            return Applied(SyncResult(failed=1))
    total = Applied()
    for fetched in batch:
        total.add(apply_what_can_be([fetched]))
    return total


@transaction.atomic
def apply_characters(batch: Sequence[Fetched]) -> Applied:
    """Write what differs, in a number of statements that does not depend on the size of the batch."""
    applied = Applied()
    lock_roles()
    rows = _locked_rows(batch)
    batch = [_about_the_same(fetched, rows) for fetched in _in_time(_still_held(batch), rows)]
    news = [fetched for fetched in batch if fetched.summary is not None]
    spec_roles = _prepare_game_data(news)

    changed: list[Character] = []
    seen: list[Character] = []
    for fetched in news:
        row = rows.get(fetched.character.pk)
        if row is None or fetched.summary is None or fetched.answer is None:
            continue
        before = values_of(row, DETAIL_FIELDS)
        _take_over(row, fetched.summary, spec_roles)
        row.last_modified = fetched.answer.last_modified
        row.last_synced_at = row.profile_checked_at = timezone.now()
        row.details_version = DETAILS_VERSION
        (changed if values_of(row, DETAIL_FIELDS) != before else seen).append(row)
    hidden = [row for fetched in batch if (row := _hide(rows, fetched)) is not None]
    update_rows([*changed, *seen, *hidden], (*DETAIL_FIELDS, *BOOKKEEPING_FIELDS))

    unmodified = [one.character.pk for one in batch if one.error is None and one.summary is None]
    if unmodified:
        Character.objects.filter(pk__in=unmodified).update(profile_checked_at=timezone.now())

    _finish_jobs(batch, {row.pk for row in changed})
    _ask_who_that_is(batch, rows)
    applied.guild_ids = _guilds_of_owned(news, rows)
    owners = {row.user_id for row in changed if row.user_id is not None}
    if owners:
        recompute_mains(user_ids=owners)
    applied.result.updated = len(changed)
    applied.result.failed = sum(1 for fetched in batch if _is_failure(fetched.error))
    applied.result.unchanged = len(batch) - applied.result.updated - applied.result.failed
    return applied


def _batches(stream: Iterable[Fetched], size: int) -> Iterator[list[Fetched]]:
    iterator = iter(stream)
    while batch := list(islice(iterator, size)):
        yield batch


def _locked_rows(batch: Sequence[Fetched]) -> dict[UUID, Character]:
    """The rows as they are now, locked in one order, so that two syncs never wait for each other in a circle."""
    rows = Character.objects.filter(pk__in=[fetched.character.pk for fetched in batch]).select_related("membership")
    return {row.pk: row for row in rows.order_by("region", "pk").select_for_update(of=("self",), no_key=True)}


def _still_held(batch: Sequence[Fetched]) -> Sequence[Fetched]:
    """Without the characters that others have in hand by now."""
    held = claims.held("character")
    return batch if held is None else [fetched for fetched in batch if fetched.character.pk in held]


def _in_time(batch: Sequence[Fetched], rows: dict[UUID, Character]) -> list[Fetched]:
    """Without the answers that a rename overtook: they speak of whoever has the name now. Those are due again."""
    in_time: list[Fetched] = []
    late: list[Fetched] = []
    for fetched in batch:
        row, asked = rows.get(fetched.character.pk), fetched.character
        is_late = row is not None and (row.realm_id, row.name) != (asked.realm_id, asked.name)
        (late if is_late else in_time).append(fetched)
    if late:
        transitions.mark_due(profile_jobs([one.character.pk for one in late]), BlizzardJob.Priority.HIGH)
    return in_time


def _about_the_same(fetched: Fetched, rows: dict[UUID, Character]) -> Fetched:
    """The answer, unless it shows another id: then the name is another character's, or ours has a new id.

    Which of the two it is only the roster or the owner's account can tell.
    """
    row, summary = rows.get(fetched.character.pk), fetched.summary
    if row is None or summary is None or summary.id == row.blizzard_id:
        return fetched
    where = f"/profile/wow/character/{fetched.character.realm.slug}/{fetched.character.name}"
    return Fetched(fetched.character, error=NotFound(where, detail=OTHER_ID))


def _ask_who_that_is(batch: Sequence[Fetched], rows: dict[UUID, Character]) -> None:
    """Ask for the rosters of members whose page shows another id, unless they were confirmed a moment ago."""
    other = [
        fetched.character.pk for fetched in batch if fetched.error is not None and fetched.error.detail == OTHER_ID
    ]
    guilds = {place.guild_id for pk in other if (place := membership_of(rows[pk])) is not None}
    if guilds:
        before = timezone.now() - FRESH_ROSTER
        entries = BlizzardJob.objects.filter(guild__in=guilds, state=BlizzardJob.State.RESTING)
        transitions.mark_due(entries.filter(succeeded_at__lt=before), BlizzardJob.Priority.HIGH)


def _prepare_game_data(news: Sequence[Fetched]) -> dict[int, str]:
    """Make sure that all ids exist; returns the role of each specialization in the batch."""
    summaries = [fetched.summary for fetched in news if fetched.summary is not None]
    if not summaries:
        return {}
    specs = {(one.spec_id, one.spec_name, one.class_id) for one in summaries if one.spec_id is not None}
    ensure_known(
        region=news[0].character.region,
        class_ids={one.class_id for one in summaries},
        race_ids={one.race_id for one in summaries},
        specs=specs,
    )
    return dict(Specialization.objects.filter(pk__in=[spec_id for spec_id, _, _ in specs]).values_list("pk", "role"))


def _take_over(row: Character, summary: CharacterSummary, spec_roles: dict[int, str]) -> None:
    """Copy the summary. The name stays: on some realms answers differ from the roster in case only."""
    row.level = summary.level
    row.playable_class_id = summary.class_id
    row.playable_race_id = summary.race_id
    row.gender = summary.gender
    row.faction = summary.faction or row.faction
    row.active_spec_id = summary.spec_id
    row.role = role_of(spec_roles.get(summary.spec_id) if summary.spec_id is not None else None)
    row.average_item_level = summary.average_item_level
    row.equipped_item_level = summary.equipped_item_level
    row.last_login_at = summary.last_login_at
    row.profile_state = ProfileState.VISIBLE


def _hide(rows: dict[UUID, Character], fetched: Fetched) -> Character | None:
    """Note on the row that Battle.net does not show the character; None when there is nothing to note."""
    row = rows.get(fetched.character.pk)
    state = {NotFound: ProfileState.NOT_FOUND, Forbidden: ProfileState.FORBIDDEN}.get(type(fetched.error))  # type: ignore[arg-type]
    if row is None or state is None or row.profile_state == state:
        return None
    row.profile_state = state
    # Whatever is shown again one day is news, even if nothing changed meanwhile.
    row.last_modified = None
    return row


def _is_failure(error: ApiError | None) -> bool:
    """403 and 404 of a single character are normal."""
    return error is not None and not isinstance(error, NotFound | Forbidden)


def _finish_jobs(batch: Sequence[Fetched], changed: set[UUID]) -> None:
    fresh = {fetched.character.pk for fetched in batch if fetched.error is None}
    for ids, is_change in ((fresh & changed, True), (fresh - changed, False)):
        if ids:
            transitions.succeed(profile_jobs(ids), changed=is_change)
    # What waits together has one error, and is noted together.
    errors = {id(fetched.error): fetched.error for fetched in batch if fetched.error is not None}
    for key, error in errors.items():
        note = transitions.fail if _is_failure(error) else transitions.finish_without_data
        note(profile_jobs([one.character.pk for one in batch if id(one.error) == key]), error)


def _guilds_of_owned(news: Sequence[Fetched], rows: dict[UUID, Character]) -> set[UUID]:
    """The guilds of owned characters whose rosters are wanted; guilds that we did not know are created."""
    refs: dict[tuple[str, int, str], GuildRef] = {}
    members: dict[tuple[str, int, str], list[Character]] = defaultdict(list)
    for fetched in news:
        row, summary = rows.get(fetched.character.pk), fetched.summary
        if row is not None and row.user_id is not None and summary is not None and summary.guild is not None:
            address = (row.region, summary.guild.realm.id, guild_slug(summary.guild.name))
            refs[address] = summary.guild
            members[address].append(row)
    # Sorted, as all rows that two syncs may want to insert at once.
    guilds = {address: ensure_guild(region=address[0], ref=refs[address]) for address in sorted(refs)}
    wanted = {address: guild for address, guild in guilds.items() if _wants_roster(guild, members[address])}
    for address, guild in wanted.items():
        # In the transaction in which the character is done, so that its owner's page is never idle in between.
        request_roster(guild, {member.user_id for member in members[address]})
    return {guild.pk for guild in wanted.values()}


def _wants_roster(guild: Guild, characters: Sequence[Character]) -> bool:
    """Whether the roster was not confirmed for long, or does not hold all of these characters yet.

    That of a guild whose data was deleted is not wanted.
    """
    if guild.deleted_at is not None:
        return False
    if guild.roster_checked_at is None or guild.roster_checked_at < timezone.now() - FRESH_ROSTER:
        return True
    memberships = [getattr(one, "membership", None) for one in characters]
    return any(one is None or one.guild_id != guild.pk for one in memberships)
