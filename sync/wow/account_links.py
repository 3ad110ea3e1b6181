"""Link the characters that an account lists to their player, and unlink those that it does not list any more."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from characters.models import UNLINKED, Character
from guilds.former_members.flags import warn_of_returns
from guilds.mains import lock_memberships, recompute_mains
from guilds.models import Guild, TimelineEvent
from guilds.timeline.services import identity_changes, new_event, record
from sync.blizzard.payloads import AccountCharacter, AccountProfile
from sync.engine.bulk import Change, Columns, assign, diff, update_rows
from sync.engine.result import SyncResult
from sync.models import BlizzardJob
from sync.wow import columns
from sync.wow.game_data import ensure_game_data_of
from sync.wow.jobs import create_profile_jobs, request_roster
from sync.wow.matching import (
    Matches,
    address_of,
    displace,
    is_among,
    lock_account,
    lock_identities,
    match_account,
    match_transferred,
    membership_of,
)
from sync.wow.merging import merge_transferred, separate


@dataclass(frozen=True, slots=True)
class RegionAccount:
    """The account's data in one region."""

    region: str
    profile: AccountProfile
    mounts_hash: str = ""
    toys_hash: str = ""


@dataclass(frozen=True, slots=True)
class UnlinkedAccount:
    """The number of unlinked characters, and the names of their guilds."""

    characters: int
    guilds: tuple[str, ...]


@dataclass(slots=True)
class Links:
    """The player's characters of one region after a sync, by what was written of them."""

    created: list[Character] = field(default_factory=list)
    updated: list[Change[Character]] = field(default_factory=list)
    unchanged: list[Character] = field(default_factory=list)
    events: list[TimelineEvent] = field(default_factory=list)
    former_owner_ids: set[UUID] = field(default_factory=set)

    @property
    def known(self) -> list[Character]:
        return [*(one.row for one in self.updated), *self.unchanged]

    @property
    def characters(self) -> list[Character]:
        return [*self.created, *self.known]

    @property
    def result(self) -> SyncResult:
        return SyncResult(created=len(self.created), updated=len(self.updated), unchanged=len(self.unchanged))


def link_characters(
    user: User, account: RegionAccount, ours: list[Character], *, listed_before: datetime | None
) -> Links:
    """Link what the account lists, as characters of ours or new ones. `ours` are locked; rows are added and removed.

    `listed_before` is when the account was last listed.
    """
    now = timezone.now()
    # A character can be listed twice.
    listed = list({address_of(one): one for one in account.profile.characters}.values())
    ensure_game_data_of(account.region, listed)
    ours += _split_mistaken_rows(user, listed, ours, now=now)
    known = match_account(user, listed, ours)
    merged: set[UUID] = set()
    if listed_before is not None:
        lost = lost_characters(user, account, ours, found=known.values())
        merged = _merge_transferred(lost, listed, known, ours, since=listed_before, now=now)
    matched = {one.pk for one in known.values()}
    links = _compare(user, account, listed, known, merged, now=now)
    displaced = displace(listed, [one for one in ours if one.pk not in matched])
    update_rows([*links.updated, *displaced])
    Character.objects.bulk_create(links.created)
    create_profile_jobs(links.created)
    record(links.events)
    kind = TimelineEvent.Kind.LINKED
    if linked := {one.character_id for one in links.events if one.kind == kind and one.character_id is not None}:
        warn_of_returns(linked)
    # Not among the columns that count as a change: it differs after each sync.
    Character.objects.filter(pk__in=[one.pk for one in links.characters]).update(owner_confirmed_at=now)
    _request_rosters(user, links.known, [one.row for one in displaced])
    return links


def lost_characters(
    user: User, account: RegionAccount, ours: Iterable[Character], *, found: Iterable[Character]
) -> list[Character]:
    """Return the player's characters that the account does not list, not even by a malformed entry."""
    listed = {one.pk for one in found}
    missing = [one for one in ours if one.user_id == user.pk and one.pk not in listed]
    return [one for one in missing if not is_among(account.profile.unreadable, one)]


def unlink_characters(characters: Collection[Character]) -> None:
    """End the links between characters and their player. The player's mains are to be recomputed afterwards."""
    rows = Character.objects.filter(pk__in=[one.pk for one in characters])
    rows.update(**UNLINKED, orphaned_since=timezone.now())


@transaction.atomic
def unlink_account(*, user: User) -> UnlinkedAccount:
    """Unlink the player's characters of all regions, as if the account did not list them any more."""
    lock_account(user)
    theirs = Character.objects.of(user)
    for region in sorted(set(theirs.order_by().values_list("region", flat=True))):
        lock_identities(region)
    characters = list(theirs.order_by("region", "pk").select_for_update(of=("self",), no_key=True))
    guilds = Guild.objects.open().filter(memberships__character__in=characters).distinct().order_by("name")
    names = tuple(guilds.values_list("name", flat=True))
    unlink_characters(characters)
    recompute_mains(user_ids=[user.pk])
    # When they are shared again, they are fetched again, however soon that is.
    BlizzardJob.objects.filter(kind=BlizzardJob.Kind.ACCOUNT, user=user).update(succeeded_at=None)
    return UnlinkedAccount(len(characters), names)


def _compare(
    user: User,
    account: RegionAccount,
    listed: Collection[AccountCharacter],
    known: Matches,
    merged: Collection[UUID],
    *,
    now: datetime,
) -> Links:
    """Compare what the account lists with our rows. The guilds of `merged` characters know of their transfer."""
    links = Links()
    for one in listed:
        character = known.get(address_of(one))
        if character is None:
            row = Character(region=account.region)
            links.created.append(assign(row, _columns(row, user, one, account)))
            continue
        if character.user_id is not None and character.user_id != user.pk:
            links.former_owner_ids.add(character.user_id)
        if character.pk not in merged:
            links.events += _events_of(character, user, one, now)
        if changed := diff(character, _columns(character, user, one, account)):
            links.updated.append(Change(character, changed))
        else:
            links.unchanged.append(character)
    return links


def _columns(row: Character, user: User, listed: AccountCharacter, account: RegionAccount) -> Columns:
    return columns.of_account_character(
        row,
        listed,
        user_id=user.pk,
        blizzard_id=_newest_id(row, user, listed),
        mounts_hash=account.mounts_hash,
        toys_hash=account.toys_hash,
    )


def _newest_id(character: Character, user: User, listed: AccountCharacter) -> int:
    """Return the listed id, unless the account repeats it and a roster has named a newer one since."""
    is_repeated = character.user_id == user.pk and character.account_blizzard_id == listed.id
    return character.blizzard_id if is_repeated else listed.id


def _events_of(character: Character, user: User, listed: AccountCharacter, now: datetime) -> Iterator[TimelineEvent]:
    """Yield what the character's guild learns: whose it is, and whether it was renamed or transferred."""
    membership = membership_of(character)
    if membership is None:
        return
    blizzard_id = _newest_id(character, user, listed)
    for kind, details in identity_changes(
        character, name=listed.name, blizzard_id=blizzard_id, realm_id=listed.realm.id, faction=listed.faction
    ):
        yield new_event(membership.guild_id, kind, happened_at=now, character=character, details=details)
    if character.user_id != user.pk:
        kind = TimelineEvent.Kind.LINKED
        yield new_event(membership.guild_id, kind, happened_at=now, character=character, person=user)


def _split_mistaken_rows(
    user: User, listed: list[AccountCharacter], ours: list[Character], *, now: datetime
) -> list[Character]:
    """Return new rows for characters that a roster listed under a new id and that we took for a known one.

    The account disproves it: it lists the new id for another player than the owner, or the owner's old id under another
    name.
    """
    ids = {(one.realm.id, one.id): one.name for one in listed}
    disputed = [one for one in ours if one.user_id and one.account_blizzard_id not in {None, one.blizzard_id}]
    strangers = []
    for one in disputed:
        name_of_old_id = ids.get((one.realm_id, one.account_blizzard_id or 0), one.name)
        is_another = one.user_id == user.pk and name_of_old_id != one.name
        if is_another or (one.user_id != user.pk and (one.realm_id, one.blizzard_id) in ids):
            strangers.append(separate(one, now=now))
    create_profile_jobs(strangers)
    return strangers


def _merge_transferred(
    lost: list[Character],
    listed: list[AccountCharacter],
    known: Matches,
    ours: list[Character],
    *,
    since: datetime,
    now: datetime,
) -> set[UUID]:
    """Match the `lost` characters that were transferred, and merge the second rows that rosters made of some.

    Returns the ids of those that had a second row.
    """
    merged: set[UUID] = set()
    for address, character in match_transferred(listed, known, lost, since=since).items():
        if (newcomer := known.get(address)) is not None:
            lock_memberships(Q(character__in=(character, newcomer)))
            merge_transferred(character, newcomer, now=now)
            ours.remove(newcomer)
            merged.add(character.pk)
        known[address] = character
    return merged


def _request_rosters(user: User, known: Iterable[Character], displaced: Iterable[Character]) -> None:
    """Request the rosters that permissions wait for: the account gave a new id, or another character has the name."""
    waiting = [*(one for one in known if _waits_for_roster(one)), *displaced]
    guilds = {membership.guild_id for one in waiting if (membership := membership_of(one)) is not None}
    if guilds:
        for guild in Guild.objects.open().filter(pk__in=guilds).order_by("pk"):
            request_roster(guild, [user.pk])


def _waits_for_roster(character: Character) -> bool:
    membership = membership_of(character)
    return membership is not None and membership.roster_blizzard_id != character.account_blizzard_id
