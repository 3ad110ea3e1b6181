"""Rosters: who stands in a guild, as Battle.net says it today."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from characters.models import Character
from guilds.mains.recompute import recompute_mains
from guilds.models import Guild
from guilds.todo.services import close_items
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import GuildProfile, GuildRef, GuildRoster, RealmRef
from sync.engine import claims, transitions
from sync.engine.errors import ApiError, NotFound
from sync.engine.result import SyncResult
from sync.models import BlizzardJob
from sync.wow.game_data import ensure_known
from sync.wow.guild_lifecycle import disband, give_up_address, merge, settle
from sync.wow.guild_lookup import FetchedGuild, Verdict, earlier_rows, fetch_at_known_address, guild_slug, search
from sync.wow.jobs import clear_waiters, roster_job
from sync.wow.locks import lock_identities
from sync.wow.matching.identities import address_of, characters_concerned
from sync.wow.matching.rosters import is_member
from sync.wow.roster_diff import RosterDiff, compare
from sync.wow.roster_guard import Doubt, Evidence, doubt_of, judge, missed, next_attempt_at, store_doubt

# A guild that nobody could say anything about for so long is no more: what Blizzard does not confirm must not be kept.
UNCONFIRMED = timedelta(days=30)

# A guild that was not found is looked for again after this time.
SECOND_LOOK = timedelta(minutes=5)
ONE_SECOND = timedelta(seconds=1)

DISBANDED = "Battle.net does not know the guild, and its members' pages do not name it."
MISSING = "Battle.net does not know the guild; it counts as disbanded when a second answer says the same."
DOUBTED = "The roster lacks {lost} of {members} members; nobody is removed before a later roster confirms it."

DOUBT_FIELDS = (
    "roster_doubted_at",
    "roster_doubted_modified",
    "roster_doubted_characters",
    "not_found_since",
    "updated_at",
)


def find_guild(*, client: BlizzardClient, region: str, realm_slug: str, name: str) -> Guild:
    """The guild with this name (or slug), from our tables or else from Battle.net. Raises NotFound."""
    slug = guild_slug(name)
    known = Guild.objects.at(region, realm_slug, slug).select_related("realm").first()
    if known is not None:
        return known
    profile = client.guild(region, realm_slug, slug)
    return ensure_guild(
        region=region, ref=GuildRef(id=profile.id, name=profile.name, realm=profile.realm, faction=profile.faction)
    )


def ensure_guild(*, region: str, ref: GuildRef) -> Guild:
    """The guild that another answer named; a new one gets a job for its roster.

    A known guild under another name or realm is new at first: its roster tells whether it is the same.
    """
    ensure_known(region=region, realms=[ref.realm])
    slug = guild_slug(ref.name)
    with transaction.atomic():
        gone = Guild.objects.at(region, ref.realm.slug, slug).exclude(disbanded_at=None).exclude(blizzard_id=ref.id)
        for former in gone.select_for_update(no_key=True):
            give_up_address(former)
        guild, is_new = Guild.objects.select_related("realm").get_or_create(
            region=region,
            realm_id=ref.realm.id,
            slug=slug,
            defaults={"blizzard_id": ref.id, "name": ref.name, "faction": ref.faction},
        )
    if is_new:
        roster_job(guild)
    return guild


def sync_guild(*, client: BlizzardClient, guild: Guild) -> SyncResult:
    """Bring the guild and its roster up to date. Raises ApiError, after noting it in the job.

    An unchanged roster costs one request. A changed one costs a second for the guild's own page, which Battle.net
    renews together with the roster. A guild that is not at its address any more is looked for. A guild whose data was
    deleted is left alone. `guild.realm` should be loaded.
    """
    if guild.deleted_at is not None:
        transitions.park(BlizzardJob.objects.filter(guild=guild))
        return SyncResult()
    job = BlizzardJob.objects.filter(pk=roster_job(guild).pk)
    with transitions.attempt(job):
        return _sync(client, guild, job)


def _sync(client: BlizzardClient, guild: Guild, job: "QuerySet[BlizzardJob]") -> SyncResult:
    try:
        sighting = fetch_at_known_address(client, guild)
        if sighting is None:
            return _confirm(guild, job)
        former = earlier_rows(client, guild, sighting)
    except NotFound as error:
        return _sync_missing(client, guild, job, error)
    except ApiError as error:
        transitions.fail(job, error)
        raise
    if former:
        return apply_fetched_guild(
            guild=former[0], sighting=sighting, doubles=[guild.pk, *(one.pk for one in former[1:])]
        )
    return apply_fetched_guild(guild=guild, sighting=sighting)


@transaction.atomic
def _confirm(guild: Guild, job: "QuerySet[BlizzardJob]") -> SyncResult:
    if guild.roster_doubted_at is not None or guild.not_found_since is not None:
        guild.not_found_since = None
        store_doubt(guild, None)
        guild.save(update_fields=DOUBT_FIELDS)
    now = timezone.now()
    if transitions.succeed(job, changed=False, now=now):
        Guild.objects.filter(pk=guild.pk).update(roster_checked_at=now)
    clear_waiters(job)
    return SyncResult(unchanged=guild.memberships.count())


def _sync_missing(client: BlizzardClient, guild: Guild, job: "QuerySet[BlizzardJob]", missing: NotFound) -> SyncResult:
    """Its address does not know the guild: it moved, or took another name, or is no more."""
    if guild.disbanded_at is not None:
        _park_disbanded(job)
        return SyncResult()
    try:
        found = search(client, guild)
    except ApiError as error:
        transitions.fail(job, error)
        raise
    if found.sighting is not None:
        return apply_fetched_guild(guild=guild, sighting=found.sighting)
    result = _miss(guild, found.verdict, job, missing)
    if result is None:
        raise missing
    return result


@transaction.atomic
def _miss(guild: Guild, verdict: Verdict, job: "QuerySet[BlizzardJob]", missing: NotFound) -> SyncResult | None:
    """End the guild when two answers, some time apart, and its members say so. None: it is not believed yet."""
    lock_identities(guild.region)
    guild = Guild.objects.select_for_update(no_key=True).get(pk=guild.pk)
    claims.ensure_held()
    now = timezone.now()
    since = guild.not_found_since
    waited = now - since if since else timedelta(0)
    if guild.last_synced_at is not None and verdict is not Verdict.THERE:
        if waited >= (SECOND_LOOK if verdict is Verdict.GONE else UNCONFIRMED):
            removed = disband(guild, now=now)
            _park_disbanded(job)
            clear_waiters(job)
            return SyncResult(removed=removed)
        missed(guild, since or now)
    if guild.last_synced_at is not None and verdict is Verdict.GONE:
        transitions.await_second_answer(
            job, again_at=now + SECOND_LOOK, error_kind="guild_missing", error_text=MISSING, http_status=404
        )
    else:
        transitions.fail(job, missing)
    return None


def _park_disbanded(job: "QuerySet[BlizzardJob]") -> None:
    transitions.park(job, error_kind="disbanded", error_text=DISBANDED, http_status=404)


def apply_roster(*, guild: Guild, profile: GuildProfile, roster: GuildRoster, modified: datetime | None) -> SyncResult:
    """Make our memberships those of a roster that the guild's known address gave."""
    realm = RealmRef(id=guild.realm_id, slug=guild.realm.slug, name=guild.realm.name)
    return apply_fetched_guild(guild=guild, sighting=FetchedGuild(realm, guild.slug, profile, roster, modified))


@transaction.atomic
def apply_fetched_guild(*, guild: Guild, sighting: FetchedGuild, doubles: Collection[UUID] = ()) -> SyncResult:
    """Make our memberships those of the roster, in a number of statements that does not depend on its size.

    `doubles` are rows that turned out to be the same guild. Members whom a doubted roster lacks stay until a later one
    confirms it; what it says of the others is written.
    """
    lock_identities(guild.region)
    rows = Guild.objects.filter(pk__in=[guild.pk, *doubles]).select_related("realm").order_by("pk")
    locked = {one.pk: one for one in rows.select_for_update(of=("self",), no_key=True)}
    if guild.pk not in locked:
        # Another sync merged it meanwhile.
        return SyncResult()
    guild = locked.pop(guild.pk)
    claims.ensure_held()
    merge(guild, locked.values())
    settle(guild, sighting)
    job = BlizzardJob.objects.filter(guild=guild)
    if guild.deleted_at is not None:
        guild.save()
        transitions.park(job)
        return SyncResult()
    # A character listed twice counts once.
    members = list({address_of(one): one for one in sighting.roster.members}.values())
    in_guild = Character.objects.filter(membership__guild=guild)
    ours = characters_concerned(guild.region, members, also=in_guild)
    now = timezone.now()
    diff = compare(guild, members, ours, now=now, modified=sighting.modified, unreadable=sighting.roster.unreadable)
    doubt = _let_leave(diff, sighting, before=sum(1 for one in ours if is_member(guild, one)))
    diff.write()
    if diff.has_changes:
        recompute_mains(guild_ids=diff.guild_ids)
        close_items(guild=guild, now=now)
    _finish(diff, sighting, doubt, job)
    return diff.result(len(members))


def _let_leave(diff: RosterDiff, sighting: FetchedGuild, *, before: int) -> Doubt | None:
    """Remove those of the missing whom the roster guard believes to have left; returns the doubt about the others."""
    evidence = Evidence(
        members=before,
        missing=frozenset(one.character_id for one in diff.leavers),
        entries=sighting.roster.entries,
        counted=sighting.profile.member_count,
        modified=sighting.modified,
        fetched_at=diff.now,
    )
    ruling = judge(doubt_of(diff.guild), evidence)
    diff.let_leave(ruling.removed)
    store_doubt(diff.guild, ruling.doubt)
    diff.guild.not_found_since = None
    return ruling.doubt


def _finish(diff: RosterDiff, sighting: FetchedGuild, doubt: Doubt | None, job: "QuerySet[BlizzardJob]") -> None:
    """Note the result in the guild and in its job."""
    guild, unreadable = diff.guild, len(sighting.roster.unreadable)
    # Whoever waits for the roster has what it says of them.
    clear_waiters(job)
    if doubt is not None:
        guild.save()
        again_at = next_attempt_at(doubt, sighting.modified, diff.now)
        members = guild.memberships.count()
        transitions.await_second_answer(
            job,
            again_at=again_at,
            error_kind=BlizzardJob.DOUBTFUL_ROSTER,
            error_text=DOUBTED.format(lost=len(doubt.missing), members=members),
            unreadable_entries=unreadable,
        )
        return
    # Who was left to a guild with a newer roster may turn out to be here after all, and a malformed entry to be mended:
    # then this roster is wanted again, though it will not have changed.
    modified = sighting.modified
    is_wanted_again = bool(diff.left_alone or unreadable)
    _take_over(guild, sighting, modified - ONE_SECOND if modified and is_wanted_again else modified)
    transitions.succeed(job, changed=diff.has_changes, now=guild.last_synced_at, unreadable_entries=unreadable)


def _take_over(guild: Guild, sighting: FetchedGuild, modified: datetime | None) -> None:
    profile = sighting.profile
    guild.member_count = profile.member_count
    guild.achievement_points = profile.achievement_points
    guild.founded_at = profile.founded_at
    guild.crest = dict(profile.crest)
    guild.last_modified = modified
    guild.roster_snapshot_at = sighting.modified
    guild.last_synced_at = guild.roster_checked_at = timezone.now()
    guild.save()
