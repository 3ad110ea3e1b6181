"""A player's account: which characters are theirs. Each region is a separate job."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import BattlenetToken, User
from accounts.services import discard_token
from characters.models import Character, CharacterQuerySet
from guilds.mains import recompute_mains
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import AccountProfile
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, Forbidden, NotFound, TokenExpired
from sync.engine.result import SyncResult
from sync.engine.threads import ThreadPool
from sync.models import BlizzardJob
from sync.wow import account_budget
from sync.wow.account_links import RegionAccount, link_characters, lost_characters, unlink_characters
from sync.wow.jobs import FRESH_FOR, is_fresh, open_account_job, profile_jobs
from sync.wow.matching import lock_account, lock_identities, lock_listed

# An account without any characters, where there were some, counts when Battle.net says so again after this time.
ABSENT_FOR = timedelta(days=1)


@dataclass(slots=True)
class AccountSync:
    """The counts of a sync, the characters whose profiles come next, and the errors of regions that failed.

    The profiles of those in `due_ids` are due; those of the other characters are fresh.
    """

    result: SyncResult = field(default_factory=SyncResult)
    character_ids: tuple[UUID, ...] = ()
    due_ids: tuple[UUID, ...] = ()
    errors: tuple[ApiError, ...] = ()

    def add(self, other: "AccountSync") -> None:
        self.result.add(other.result)
        self.character_ids += other.character_ids
        self.due_ids += other.due_ids
        self.errors += other.errors


def sync_account(*, client: BlizzardClient, user: User, region: str, claim: Claim) -> AccountSync:
    """Fetch the player's characters in the region of the claimed job, and note the result on it.

    Raises ApiError: TokenExpired without a token that Battle.net accepts (an expired one is deleted), Forbidden when
    the player does not share the characters.
    """
    try:
        account = _fetch_region(client, region, _token_of(user))
    except ApiError as error:
        _fail(user, claim.jobs, error, claim)
        raise
    return apply_account(user=user, account=account, claim=claim)


def sync_region(*, client: BlizzardClient, user: User, job: BlizzardJob, claim: Claim) -> AccountSync:
    """Fetch one region as a sign-in does: unless it is fresh, and within the player's budget. Raises ApiError."""
    if is_fresh(job):
        transitions.park(claim.jobs, claim=claim)
        return AccountSync()
    region = str(job.region)
    try:
        fetch = account_budget.reserve(user=user, region=region, claim=claim)
    except account_budget.OverBudget as error:
        transitions.fail(claim.jobs, error, claim=claim)
        raise
    try:
        sync = sync_account(client=client, user=user, region=region, claim=claim)
    except ApiError as error:
        account_budget.correct_failed(fetch, error)
        raise
    account_budget.correct(fetch, details=len(sync.due_ids), has_characters=bool(sync.character_ids))
    return sync


class NotShared(Forbidden):
    """The player left the box for World of Warcraft unticked on Battle.net's page."""

    kind = "not_shared"


def _fail(user: User, jobs: "QuerySet[BlizzardJob]", error: ApiError, claim: Claim) -> None:
    """Note the error. A 403 of Battle.net itself can be a region's problem, and is retried.

    What only the player's next sign-in can change is no failure: nobody has to look into it.
    """
    if isinstance(error, TokenExpired) and (token := getattr(user, "battlenet_token", None)):
        discard_token(token=token)
    if isinstance(error, TokenExpired | NotShared):
        transitions.finish_without_data(jobs, error, claim=claim)
    else:
        transitions.fail(jobs, error, claim=claim, without_end=error.is_transient or isinstance(error, Forbidden))


def _token_of(user: User) -> str:
    token = getattr(user, "battlenet_token", None)
    path = "/profile/user/wow"
    if token is None or not token.is_usable():
        raise TokenExpired(path, detail="the sign-in has expired")
    if not token.shares_characters:
        raise NotShared(path, detail="the characters were not shared at sign-in")
    return str(token.access_token)


def _fetch_region(client: BlizzardClient, region: str, token: str) -> RegionAccount:
    """Fetch a region; one without World of Warcraft returns 404, or no list of WoW accounts."""
    try:
        profile = client.account_profile(region, user_token=token)
    except NotFound:
        return RegionAccount(region, AccountProfile(characters=()))
    if not profile.characters:
        return RegionAccount(region, profile)
    with ThreadPool(1) as executor:
        mounts = executor.submit(client.account_mounts, region, user_token=token)
        toys = client.account_toys(region, user_token=token)
        return RegionAccount(region, profile, mounts_hash=_hash(mounts.result()), toys_hash=_hash(toys))


def _hash(ids: Iterable[int]) -> str:
    """Return the same hash for the same collection, whatever its order."""
    return hashlib.sha256(",".join(map(str, sorted(ids))).encode()).hexdigest()


def _has_stopped_sharing(user: User) -> bool:
    """Return whether a sign-in during the fetch has withdrawn what the older token allowed."""
    token = BattlenetToken.objects.filter(user=user).first()
    return token is not None and not token.shares_characters


@transaction.atomic
def apply_account(*, user: User, account: RegionAccount, claim: Claim) -> AccountSync:
    """Link the characters of one region to the player, and unlink those that left the account."""
    claim.ensure_held()
    lock_account(user)
    lock_identities(account.region)
    job = open_account_job(user, account.region)
    this = BlizzardJob.objects.filter(pk=job.pk)
    if _has_stopped_sharing(user):
        error = NotShared("/profile/user/wow", detail="the characters were not shared at the last sign-in")
        transitions.finish_without_data(this, error, claim=claim)
        return AccountSync(SyncResult(failed=1), errors=(error,))
    theirs = Character.objects.of(user).filter(region=account.region)
    if not account.profile.characters and _awaits_second_answer(job, theirs, claim):
        return AccountSync()
    ours = lock_listed(account.region, account.profile.characters, also=theirs)
    known_ids = {one.pk: one.blizzard_id for one in ours if one.user_id == user.pk}
    links = link_characters(user, account, ours, listed_before=job.succeeded_at)
    mine, result = links.characters, links.result
    lost = lost_characters(user, account, ours, found=mine)
    unlink_characters(lost)
    recompute_mains(user_ids=[user.pk, *links.former_owner_ids])
    result.removed = len(lost)
    has_changes = bool(result.created or result.updated or result.removed)
    unreadable = len(account.profile.unreadable)
    transitions.succeed(this, claim=claim, changed=has_changes, unreadable_entries=unreadable, missing_since=None)
    wanted = [one for one in mine if not one.needs_rename]
    due = _without_fresh_profiles(wanted, known_ids)
    transitions.mark_due(profile_jobs(due), BlizzardJob.Priority.INTERACTIVE)
    transitions.park(profile_jobs([one.pk for one in mine if one.needs_rename]), claim=claim)
    return AccountSync(result, tuple(one.pk for one in wanted), tuple(due))


def _awaits_second_answer(job: BlizzardJob, theirs: CharacterQuerySet, claim: Claim) -> bool:
    """Return whether an account without any characters, where there were some, does not count yet; notes it on the job.

    Battle.net has to say so twice, a day apart. Until then the links stay, and age.
    """
    now = timezone.now()
    if not theirs.exists() or (job.missing_since and now - job.missing_since >= ABSENT_FOR):
        return False
    jobs = BlizzardJob.objects.filter(pk=job.pk)
    jobs.update(missing_since=job.missing_since or now)
    text = "Battle.net lists no characters; it counts when a second answer a day later says the same."
    transitions.park(jobs, claim=claim, error_kind="account_missing", error_text=text)
    return True


def _without_fresh_profiles(wanted: list[Character], known_ids: dict[UUID, int]) -> list[UUID]:
    """Return the ids, without the player's known characters whose profiles were just fetched."""
    same = [one.pk for one in wanted if known_ids.get(one.pk) == one.blizzard_id]
    resting = profile_jobs(same).filter(state=BlizzardJob.State.RESTING)
    fresh = set(resting.filter(attempted_at__gt=timezone.now() - FRESH_FOR).values_list("character_id", flat=True))
    return [one.pk for one in wanted if one.pk not in fresh]
