"""A person's account: which characters are theirs, over all regions and WoW licences."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.services import bury_token
from characters.models import Character
from guilds.mains import lock_memberships, recompute_mains
from guilds.models import TimelineEvent
from sync import leases, ledger
from sync.blizzard.client import BlizzardClient
from sync.blizzard.errors import BlizzardError, Forbidden, NotFound, TokenExpired
from sync.blizzard.payloads import AccountCharacter, AccountProfile
from sync.bulk import lock_identities, update_rows, values_of
from sync.models import LedgerEntry
from sync.outcome import Outcome
from sync.services.identities import Address, address_of, characters_concerned, ensure_game_data, make_way, recognise
from sync.services.telling import changes_of, event, membership_of
from sync.services.transfers import moved_within_account, reunite

Kind = TimelineEvent.Kind

ACCOUNT_FIELDS = (
    "user",
    "wow_account_id",
    "blizzard_id",
    "name",
    "realm",
    "level",
    "playable_class",
    "playable_race",
    "gender",
    "faction",
    "mounts_hash",
    "toys_hash",
    "last_modified",
)


@dataclass(frozen=True, slots=True)
class RegionAccount:
    """What one region says of the account."""

    region: str
    profile: AccountProfile
    mounts_hash: str = ""
    toys_hash: str = ""


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
        linked = _link(user, account, ours, outcome, former_owners, listed_before=entry.succeeded_at)
        mine += linked
        keep = {one.pk for one in linked}
        released += [one for one in ours if one.user_id == user.pk and one.pk not in keep]
    Character.objects.filter(pk__in=[one.pk for one in released]).update(
        user=None, wow_account_id=None, alone_since=timezone.now()
    )
    recompute_mains(user_ids=[user.pk, *former_owners])
    outcome.removed = len(released)
    has_changes = bool(outcome.created or outcome.updated or outcome.removed)
    ledger.succeed(LedgerEntry.objects.filter(pk=entry.pk), changed=has_changes)
    wanted = [one.pk for one in mine if not one.awaits_rename]
    ledger.mark_due(ledger.entries_of_characters(wanted))
    ledger.set_aside(ledger.entries_of_characters([one.pk for one in mine if one.awaits_rename]))
    return AccountSync(outcome, tuple(wanted))


def _link(
    user: User,
    account: RegionAccount,
    ours: list[Character],
    outcome: Outcome,
    former_owners: set[UUID],
    *,
    listed_before: datetime | None,
) -> list[Character]:
    """The person's characters of this region: recognised among ours, or new."""
    now = timezone.now()
    # A character listed twice counts once.
    listed = list({address_of(one): one for one in account.profile.characters}.values())
    ensure_game_data(account.region, listed)
    known = recognise(listed, ours)
    reunited: set[UUID] = set()
    if listed_before is not None:
        reunited = _recognise_movers(user, listed, known, ours, since=listed_before, now=now)
    recognised = {one.pk for one in known.values()}
    events: list[TimelineEvent] = []
    created: list[Character] = []
    updated: list[Character] = []
    unchanged: list[Character] = []
    for one in listed:
        character = known.get(address_of(one))
        if character is None:
            character = Character(region=account.region)
            _take_over(character, user, one, account)
            created.append(character)
            continue
        before = values_of(character, ACCOUNT_FIELDS)
        if character.user_id is not None and character.user_id != user.pk:
            former_owners.add(character.user_id)
        if character.pk not in reunited:
            events += _news_of(character, user, one, now)
        _take_over(character, user, one, account)
        (unchanged if values_of(character, ACCOUNT_FIELDS) == before else updated).append(character)
    moved = make_way(listed, [one for one in ours if one.pk not in recognised])
    update_rows([*updated, *moved], ACCOUNT_FIELDS)
    Character.objects.bulk_create(created)
    ledger.open_characters(created)
    TimelineEvent.objects.bulk_create(events)
    outcome.add(Outcome(created=len(created), updated=len(updated), unchanged=len(unchanged)))
    return [*created, *updated, *unchanged]


def _recognise_movers(
    user: User,
    listed: list[AccountCharacter],
    known: dict[Address, Character],
    ours: list[Character],
    *,
    since: datetime,
    now: datetime,
) -> set[UUID]:
    """Add to `known` those of the person who came from another realm; a second row that a roster made is dropped.

    Returns for which that was so: their guilds know of the move.
    """
    reunited: set[UUID] = set()
    recognised = {one.pk for one in known.values()}
    lost = [one for one in ours if one.user_id == user.pk and one.pk not in recognised]
    for address, character in moved_within_account(listed, known, lost, since=since).items():
        if (newcomer := known.get(address)) is not None:
            lock_memberships(Q(character__in=(character, newcomer)))
            reunite(character, newcomer, now=now)
            ours.remove(newcomer)
            reunited.add(character.pk)
        known[address] = character
    return reunited


def _news_of(character: Character, user: User, listed: AccountCharacter, now: datetime) -> Iterator[TimelineEvent]:
    """What the guild of the character learns by this: whose it is, and what became of it."""
    membership = membership_of(character)
    if membership is None:
        return
    for kind, details in changes_of(
        character, name=listed.name, blizzard_id=listed.id, realm_id=listed.realm.id, faction=listed.faction
    ):
        yield event(membership.guild_id, kind, now, character, **details)
    if character.user_id != user.pk:
        linked = event(membership.guild_id, Kind.LINKED, now, character)
        linked.person = user
        yield linked


def _take_over(character: Character, user: User, listed: AccountCharacter, account: RegionAccount) -> None:
    if character.user_id != user.pk or character.blizzard_id != listed.id:
        # Ask anew even if nothing changed since: the guild of somebody's character matters, a stranger's did not.
        character.last_modified = None
    character.user = user
    character.wow_account_id = listed.wow_account_id
    character.blizzard_id = listed.id
    character.name = listed.name
    character.realm_id = listed.realm.id
    character.level = listed.level
    character.playable_class_id = listed.class_id
    character.playable_race_id = listed.race_id
    character.gender = listed.gender or character.gender
    character.faction = listed.faction or character.faction
    character.mounts_hash = account.mounts_hash
    character.toys_hash = account.toys_hash
