"""A guild's roster: fetch, match, compare, write."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from characters.models import Character, ProfileState
from guilds.former_members.flags import warn_of_returns
from guilds.former_members.services import give_back, remember
from guilds.guild_masters import remember_guild_masters
from guilds.mains import lock_memberships, recompute_mains
from guilds.models import FormerMember, Guild, Membership
from guilds.timeline.services import record
from guilds.todo.services import close_items
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import GuildRef
from sync.engine import transitions
from sync.engine.bulk import Columns, diff, update_row, update_rows
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, NotFound
from sync.engine.result import SyncResult
from sync.models import BlizzardJob
from sync.wow import columns
from sync.wow.game_data import ensure_game_data, ensure_game_data_of
from sync.wow.guild_lifecycle import disband, follow_identity, merge_guilds, release_address
from sync.wow.guild_lookup import (
    FetchedGuild,
    SearchOutcome,
    earlier_rows,
    fetch_at_known_address,
    guild_slug,
    search,
)
from sync.wow.jobs import clear_waiters, create_profile_jobs, profile_jobs, roster_job
from sync.wow.matching import (
    address_of,
    find_duplicates,
    lock_identities,
    lock_listed,
    match_members,
    membership_in,
    membership_of,
)
from sync.wow.merging import merge_characters
from sync.wow.roster_diff import RosterDiff, compare
from sync.wow.roster_guard import Doubt, Evidence, doubt_columns, doubt_of, judge, next_attempt_at

# A guild that its address does not know, and of which no member's page says anything, counts as disbanded after this
# time: what Blizzard does not confirm must not be kept.
UNCONFIRMED = timedelta(days=30)
# A guild that its address does not know is looked for again after this time.
SECOND_LOOK = timedelta(minutes=5)
ONE_SECOND = timedelta(seconds=1)

DISBANDED = "Battle.net does not know the guild, and its members' pages do not name it."
MISSING = "Battle.net does not know the guild; it counts as disbanded when a second answer says the same."
DOUBTED = "The roster lacks {lost} of {members} members; nobody is removed before a later roster confirms it."


def find_guild(*, client: BlizzardClient, region: str, realm_slug: str, name: str) -> Guild:
    """Return the guild with this name or slug, from our tables or else from Battle.net. Raises NotFound."""
    slug = guild_slug(name)
    known = Guild.objects.at(region, realm_slug, slug).select_related("realm").first()
    if known is not None:
        return known
    profile = client.guild(region, realm_slug, slug)
    return ensure_guild(
        region=region, ref=GuildRef(id=profile.id, name=profile.name, realm=profile.realm, faction=profile.faction)
    )


def ensure_guild(*, region: str, ref: GuildRef) -> Guild:
    """Return the guild that another answer names; the roster of a new one is due.

    A guild that we have under another name or realm is a new one at first, until its roster shows that it is the same.
    """
    ensure_game_data(region=region, realms=[ref.realm])
    slug = guild_slug(ref.name)
    with transaction.atomic():
        gone = Guild.objects.at(region, ref.realm.slug, slug).exclude(disbanded_at=None).exclude(blizzard_id=ref.id)
        for disbanded in gone.select_for_update(no_key=True):
            release_address(disbanded)
        guild, is_new = Guild.objects.select_related("realm").get_or_create(
            region=region,
            realm_id=ref.realm.id,
            slug=slug,
            defaults={"blizzard_id": ref.id, "name": ref.name, "faction": ref.faction},
        )
    if is_new:
        roster_job(guild)
    return guild


def sync_guild(*, client: BlizzardClient, guild: Guild, claim: Claim) -> SyncResult:
    """Bring the guild and its roster up to date. Raises ApiError, which is noted on the job.

    An unchanged roster costs one request, a changed one a second one for the guild's own page, which Battle.net renews
    together with the roster. A guild that its address does not know any more is searched for; one whose data was
    deleted is skipped. `guild.realm` should be loaded.
    """
    if guild.deleted_at is not None:
        transitions.park(claim.jobs, claim=claim)
        return SyncResult()
    try:
        fetched = fetch_at_known_address(client, guild)
        if fetched is None:
            return _finish_unchanged(guild, claim)
        earlier = earlier_rows(client, guild, fetched)
    except NotFound as error:
        return _sync_missing(client, guild, claim, error)
    except ApiError as error:
        transitions.fail(claim.jobs, error, claim=claim)
        raise
    kept, *duplicates = [*earlier, guild]
    return apply_fetched_guild(guild=kept, fetched=fetched, claim=claim, duplicates=[one.pk for one in duplicates])


@transaction.atomic
def _finish_unchanged(guild: Guild, claim: Claim) -> SyncResult:
    if guild.roster_doubted_at is not None or guild.not_found_since is not None:
        update_row(guild, {"not_found_since": None, **doubt_columns(None)})
    now = timezone.now()
    if transitions.succeed(claim.jobs, claim=claim, changed=False, now=now):
        Guild.objects.filter(pk=guild.pk).update(roster_checked_at=now)
    clear_waiters(claim.jobs)
    return SyncResult(unchanged=guild.memberships.count())


def _sync_missing(client: BlizzardClient, guild: Guild, claim: Claim, missing: NotFound) -> SyncResult:
    """Search for a guild that its address does not know: it moved, has another name, or was disbanded."""
    if guild.disbanded_at is not None:
        _park_disbanded(claim)
        return SyncResult()
    try:
        found = search(client, guild)
    except ApiError as error:
        transitions.fail(claim.jobs, error, claim=claim)
        raise
    if isinstance(found, FetchedGuild):
        return apply_fetched_guild(guild=guild, fetched=found, claim=claim)
    result = _disband_if_gone(guild, found, claim, missing)
    if result is None:
        raise missing
    return result


@transaction.atomic
def _disband_if_gone(guild: Guild, outcome: SearchOutcome, claim: Claim, missing: NotFound) -> SyncResult | None:
    """Disband the guild if two answers, some time apart, and its members' pages agree; None if they do not yet."""
    lock_identities(guild.region)
    guild = Guild.objects.select_for_update(no_key=True).get(pk=guild.pk)
    claim.ensure_held()
    now = timezone.now()
    since = guild.not_found_since
    waited = now - since if since else timedelta(0)
    if guild.last_synced_at is not None and outcome is not SearchOutcome.EXISTS:
        if waited >= (SECOND_LOOK if outcome is SearchOutcome.GONE else UNCONFIRMED):
            removed = disband(guild, now=now)
            _park_disbanded(claim)
            clear_waiters(claim.jobs)
            return SyncResult(removed=removed)
        update_row(guild, {"not_found_since": since or now})
    if guild.last_synced_at is not None and outcome is SearchOutcome.GONE:
        transitions.await_second_answer(
            claim.jobs,
            claim=claim,
            again_at=now + SECOND_LOOK,
            error_kind="guild_missing",
            error_text=MISSING,
            http_status=404,
        )
    else:
        transitions.fail(claim.jobs, missing, claim=claim)
    return None


def _park_disbanded(claim: Claim) -> None:
    transitions.park(claim.jobs, claim=claim, error_kind="disbanded", error_text=DISBANDED, http_status=404)


@transaction.atomic
def apply_fetched_guild(
    *, guild: Guild, fetched: FetchedGuild, claim: Claim, duplicates: Collection[UUID] = ()
) -> SyncResult:
    """Make our memberships those of the roster, in a number of statements that does not depend on its size.

    `duplicates` are other rows of the same guild. Members that a doubted roster lacks stay until a later one confirms
    it; the rest of it is written.
    """
    lock_identities(guild.region)
    rows = Guild.objects.filter(pk__in=[guild.pk, *duplicates]).select_related("realm").order_by("pk")
    locked = {one.pk: one for one in rows.select_for_update(of=("self",), no_key=True)}
    if guild.pk not in locked:
        # Another sync has merged it since.
        return SyncResult()
    guild = locked.pop(guild.pk)
    claim.ensure_held()
    if locked:
        merge_guilds(guild, locked.values())
    identity = columns.of_guild_identity(guild, fetched.profile, realm_id=fetched.realm.id, slug=fetched.slug)
    if diff(guild, identity):
        follow_identity(guild, fetched)
    # Not the job of the claim if another row of the same guild is kept.
    job = BlizzardJob.objects.filter(guild=guild, kind=BlizzardJob.Kind.ROSTER)
    if guild.deleted_at is not None:
        update_row(guild, identity)
        transitions.park(job, claim=claim)
        return SyncResult()
    # A character can be listed twice.
    members = list({address_of(one): one for one in fetched.roster.members}.values())
    ours = lock_listed(guild.region, members, also=Character.objects.filter(membership__guild=guild))
    known = match_members(guild, members, ours)
    _load_other_guilds(guild, known.values())
    roster = compare(
        guild,
        members,
        ours,
        known,
        find_duplicates(guild, members, ours, known),
        now=timezone.now(),
        modified=fetched.modified,
        unreadable=fetched.roster.unreadable,
    )
    doubt = _remove_leavers(roster, fetched, before=sum(1 for one in ours if membership_in(guild, one)))
    _write(roster)
    _finish(roster, fetched, identity, doubt, job, claim)
    return roster.result(len(members))


def _load_other_guilds(guild: Guild, known: Iterable[Character]) -> None:
    """Load the guilds of the listed characters that are in another one; a statement only if there are any."""
    memberships = [membership for one in known if (membership := membership_of(one)) is not None]
    elsewhere = [one for one in memberships if one.guild_id != guild.pk]
    guilds = Guild.objects.in_bulk({one.guild_id for one in elsewhere}) if elsewhere else {}
    for other in elsewhere:
        other.guild = guilds[other.guild_id]


def _remove_leavers(roster: RosterDiff, fetched: FetchedGuild, *, before: int) -> Doubt | None:
    """Remove the missing members that the roster guard confirms; returns the doubt about the others."""
    evidence = Evidence(
        members=before,
        missing=frozenset(one.character_id for one in roster.missing),
        entries=fetched.roster.entries,
        counted=fetched.profile.member_count,
        modified=fetched.modified,
        fetched_at=roster.now,
    )
    ruling = judge(doubt_of(roster.guild), evidence)
    roster.remove(ruling.removed)
    return ruling.doubt


def _write(roster: RosterDiff) -> None:
    guild, now = roster.guild, roster.now
    ensure_game_data_of(guild.region, roster.unknown_game_data)
    lock_memberships(Q(guild__in=roster.guild_ids))
    moved = [one.row for one in roster.moved_memberships]
    if roster.leavers or moved:
        reasons = FormerMember.Reason
        remember({reasons.LEFT: roster.leavers, reasons.OTHER_GUILD: moved}, now=now)
    if roster.former_masters:
        remember_guild_masters(roster.former_masters, now=now)
    for character, duplicate in roster.duplicates:
        merge_characters(character, duplicate)
    # Changed characters first: a new one can have a name that another one gave up.
    update_rows([*roster.changed_characters, *roster.displaced_characters])
    _fetch_readdressed(roster.readdressed)
    Character.objects.bulk_create(roster.new_characters)
    create_profile_jobs(roster.new_characters)
    if roster.leavers:
        Membership.objects.filter(pk__in=[one.pk for one in roster.leavers]).delete()
        Character.objects.filter(pk__in=[one.character_id for one in roster.leavers]).update(orphaned_since=now)
    update_rows(roster.changed_memberships)
    update_rows(roster.moved_memberships)
    if moved:
        # The alt notes of one guild's officers are of no interest to another.
        Membership.objects.filter(noted_main__in=moved).update(noted_main=None)
    Membership.objects.bulk_create(roster.new_memberships)
    joined: set[UUID] = set()
    if guild.last_synced_at is not None:
        joined = {one.character_id for one in (*roster.new_memberships, *moved)}
        give_back(guild, joined - {one.pk for one in roster.new_characters})
    record(roster.events)
    if joined:
        warn_of_returns(joined)
    if roster.has_changes:
        recompute_mains(guild_ids=roster.guild_ids)
    if roster.leavers or roster.changed_memberships:
        close_items(guild=guild, now=now)


def _fetch_readdressed(characters: Iterable[Character]) -> None:
    """Fetch the profiles of those that Battle.net did not know by the old name, realm or id."""
    hidden = [one for one in characters if one.profile_state != ProfileState.VISIBLE]
    if wanted := [one.pk for one in hidden if not one.needs_rename]:
        transitions.mark_due(profile_jobs(wanted), BlizzardJob.Priority.LOW)


def _finish(
    roster: RosterDiff,
    fetched: FetchedGuild,
    identity: Columns,
    doubt: Doubt | None,
    job: "QuerySet[BlizzardJob]",
    claim: Claim,
) -> None:
    guild, unreadable = roster.guild, len(fetched.roster.unreadable)
    changes = {**identity, "not_found_since": None, **doubt_columns(doubt)}
    # Nobody waits for the roster any more.
    clear_waiters(job)
    if doubt is not None:
        update_row(guild, diff(guild, changes))
        again_at = next_attempt_at(doubt, fetched.modified, roster.now)
        members = guild.memberships.count()
        transitions.await_second_answer(
            job,
            claim=claim,
            again_at=again_at,
            error_kind=BlizzardJob.DOUBTFUL_ROSTER,
            error_text=DOUBTED.format(lost=len(doubt.missing), members=members),
            unreadable_entries=unreadable,
        )
        return
    now, modified = timezone.now(), fetched.modified
    if modified and (roster.ignored or unreadable):
        # The same roster is wanted again: a character that counts to another guild can turn out to be in this one, and
        # a malformed entry can be repaired.
        modified -= ONE_SECOND
    changes |= {
        **columns.of_guild_profile(fetched.profile),
        "last_modified": modified,
        "roster_snapshot_at": fetched.modified,
        "last_synced_at": now,
        "roster_checked_at": now,
    }
    update_row(guild, diff(guild, changes))
    transitions.succeed(job, claim=claim, changed=roster.has_changes, now=now, unreadable_entries=unreadable)
