"""A person's account: which characters are theirs, over all regions and WoW licences."""

import hashlib
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.services import bury_token
from characters.models import Character
from guilds.mains import recompute_mains
from sync import leases, ledger
from sync.blizzard.client import BlizzardClient
from sync.blizzard.errors import BlizzardError, Forbidden, NotFound, TokenExpired
from sync.blizzard.payloads import AccountProfile
from sync.bulk import lock_identities
from sync.models import LedgerEntry
from sync.outcome import Outcome
from sync.services.account_links import RegionAccount, link_characters, release_characters
from sync.services.identities import characters_concerned


@dataclass(frozen=True, slots=True)
class AccountSync:
    """What came of it: the figures, and the characters whose details are wanted next. They are due in the ledger."""

    outcome: Outcome
    character_ids: tuple[UUID, ...]


def sync_account(*, client: BlizzardClient, user: User, regions: Collection[str] | None = None) -> AccountSync:
    """Learn which characters are the person's. Raises BlizzardError, after noting it in the ledger.

    Needs a token that shares the characters: TokenExpired when there is none that Battle.net accepts (the dead token is
    forgotten), Forbidden when the person did not share them.
    """
    entry = LedgerEntry.objects.filter(pk=ledger.entry_of_user(user).pk)
    with ledger.attempt(entry):
        return _sync(client, user, entry, settings.BLIZZARD_REGIONS if regions is None else regions)


def _sync(client: BlizzardClient, user: User, entry: "QuerySet[LedgerEntry]", regions: Collection[str]) -> AccountSync:
    try:
        token = _token_of(user)
        accounts = _fetch(client, regions, token)
    except BlizzardError as error:
        if isinstance(error, TokenExpired) and (token_row := getattr(user, "battlenet_token", None)):
            bury_token(token=token_row)
        ledger.fail(entry, error)
        raise
    return apply_account(user=user, accounts=accounts)


def _token_of(user: User) -> str:
    token = getattr(user, "battlenet_token", None)
    path = "/profile/user/wow"
    if token is None or not token.is_usable():
        raise TokenExpired(path, detail="the sign-in is over; a new one is needed")
    if not token.shares_characters:
        raise Forbidden(path, detail="the characters were not shared at sign-in")
    return str(token.access_token)


def _fetch(client: BlizzardClient, regions: Collection[str], token: str) -> list[RegionAccount]:
    """Side by side, since a person waits: beside a busy background each request may wait for its turn."""
    with ThreadPoolExecutor(max(len(regions), 1)) as pool:
        return list(pool.map(lambda region: _fetch_region(client, region, token), regions))


def _fetch_region(client: BlizzardClient, region: str, token: str) -> RegionAccount:
    """A region without World of Warcraft answers 404, or without the list of licences; both are normal."""
    try:
        profile = client.account_profile(region, user_token=token)
    except NotFound:
        return RegionAccount(region, AccountProfile(characters=()))
    if not profile.characters:
        return RegionAccount(region, profile)
    return RegionAccount(
        region,
        profile,
        mounts_hash=_hash(client.account_mounts(region, user_token=token).ids),
        toys_hash=_hash(client.account_toys(region, user_token=token).ids),
    )


def _hash(ids: Iterable[int]) -> str:
    """The same collection gives the same hash, whatever its order."""
    return hashlib.sha256(",".join(map(str, sorted(ids))).encode()).hexdigest()


@transaction.atomic
def apply_account(*, user: User, accounts: Collection[RegionAccount]) -> AccountSync:
    """Link the characters to the person, release those that left the account."""
    leases.confirm()
    outcome = Outcome()
    mine: list[Character] = []
    released: list[Character] = []
    former_owners: set[UUID] = set()
    entry = ledger.entry_of_user(user)
    for account in sorted(accounts, key=lambda one: one.region):
        lock_identities(account.region)
        ours = characters_concerned(
            account.region, account.profile.characters, also=Character.objects.of(user).filter(region=account.region)
        )
        linked = link_characters(user, account, ours, outcome, former_owners, listed_before=entry.succeeded_at)
        mine += linked
        keep = {one.pk for one in linked}
        released += [one for one in ours if one.user_id == user.pk and one.pk not in keep]
    release_characters(released)
    recompute_mains(user_ids=[user.pk, *former_owners])
    outcome.removed = len(released)
    has_changes = bool(outcome.created or outcome.updated or outcome.removed)
    ledger.succeed(LedgerEntry.objects.filter(pk=entry.pk), changed=has_changes)
    wanted = [one.pk for one in mine if not one.awaits_rename]
    ledger.mark_due(ledger.entries_of_characters(wanted))
    ledger.set_aside(ledger.entries_of_characters([one.pk for one in mine if one.awaits_rename]))
    return AccountSync(outcome, tuple(wanted))
