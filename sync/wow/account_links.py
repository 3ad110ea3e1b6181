"""The characters that an account's index lists, and the links between them and their owner."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from guilds.mains.recompute import lock_memberships
from guilds.models import Guild, TimelineEvent
from guilds.timeline.services import new_event, record
from sync.blizzard.payloads import AccountCharacter, AccountProfile
from sync.engine.bulk import update_rows, values_of
from sync.engine.result import SyncResult
from sync.wow.jobs import create_profile_jobs, request_roster
from sync.wow.matching.identities import (
    Address,
    address_of,
    displace,
    ensure_game_data,
    is_among,
    match,
    may_have_a_new_id,
)
from sync.wow.matching.transfers import merge_characters, moved_within_account, separate
from sync.wow.timeline_events import changes_of, membership_of

Kind = TimelineEvent.Kind

ACCOUNT_FIELDS = (
    "user",
    "wow_account_id",
    "account_blizzard_id",
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


def link_characters(
    user: User,
    account: RegionAccount,
    ours: list[Character],
    result: SyncResult,
    former_owners: set[UUID],
    *,
    listed_before: datetime | None,
) -> list[Character]:
    """The person's characters of this region: recognized among ours, or new."""
    now = timezone.now()
    # A character listed twice counts once.
    listed = list({address_of(one): one for one in account.profile.characters}.values())
    ensure_game_data(account.region, listed)
    ours += _separate_strangers(user, listed, ours, now=now)
    known = match(listed, ours, by_name=partial(_is_still_theirs, user))
    reunited: set[UUID] = set()
    if listed_before is not None:
        lost = lost_characters(user, account, ours, found=known.values())
        reunited = _recognize_movers(lost, listed, known, ours, since=listed_before, now=now)
    recognized = {one.pk for one in known.values()}
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
    moved = displace(listed, [one for one in ours if one.pk not in recognized])
    update_rows([*updated, *moved], ACCOUNT_FIELDS)
    Character.objects.bulk_create(created)
    create_profile_jobs(created)
    record(events)
    result.add(SyncResult(created=len(created), updated=len(updated), unchanged=len(unchanged)))
    linked = [*created, *updated, *unchanged]
    # Not among the fields that count as a change: it differs after each sync.
    Character.objects.filter(pk__in=[one.pk for one in linked]).update(owner_confirmed_at=now)
    _ask_for_rosters(user, [*updated, *unchanged], moved)
    return linked


def _is_still_theirs(user: User, listed: AccountCharacter, character: Character) -> bool:
    """Whether a character whose name alone agrees is the one that is listed: only if it was the person's before.

    Whatever is wrong in that, it stays with the same person. Somebody else may have taken the name.
    """
    return character.user_id == user.pk and may_have_a_new_id(listed, character)


def _separate_strangers(
    user: User, listed: list[AccountCharacter], ours: list[Character], *, now: datetime
) -> list[Character]:
    """Rows of their own for those whom a roster was thought to list under a new id, wrongly as this account shows.

    It shows that by listing the new id for another person than the owner, or the owner's old id under another name.
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


def _ask_for_rosters(user: User, linked: Collection[Character], displaced: Collection[Character]) -> None:
    """Ask for the rosters on which rights wait: where the account told a new id, or that a name has changed hands."""
    waiting = [one for one in linked if _waits_for_roster(one)] + list(displaced)
    guilds = {place.guild_id for one in waiting if (place := membership_of(one)) is not None}
    if guilds:
        for guild in Guild.objects.open().filter(pk__in=guilds).order_by("pk"):
            request_roster(guild, [user.pk])


def _waits_for_roster(character: Character) -> bool:
    place = membership_of(character)
    return place is not None and place.roster_blizzard_id != character.account_blizzard_id


def lost_characters(
    user: User, account: RegionAccount, ours: Iterable[Character], *, found: Iterable[Character]
) -> list[Character]:
    """Return those of the person's characters that the index does not list, not even by a malformed entry."""
    listed = {one.pk for one in found}
    missing = [one for one in ours if one.user_id == user.pk and one.pk not in listed]
    return [one for one in missing if not is_among(account.profile.unreadable, one)]


def release_characters(released: Collection[Character]) -> None:
    """End the links between characters and their owner. The mains of the owner are to be recomputed afterwards."""
    Character.objects.filter(pk__in=[one.pk for one in released]).update(
        user=None,
        wow_account_id=None,
        owner_confirmed_at=None,
        account_blizzard_id=None,
        mounts_hash="",
        toys_hash="",
        orphaned_since=timezone.now(),
    )


def _recognize_movers(
    lost: list[Character],
    listed: list[AccountCharacter],
    known: dict[Address, Character],
    ours: list[Character],
    *,
    since: datetime,
    now: datetime,
) -> set[UUID]:
    """Add to `known` those of the `lost` who came from another realm; a second row that a roster made is dropped.

    Returns for which that was so: their guilds know of the move.
    """
    reunited: set[UUID] = set()
    for address, character in moved_within_account(listed, known, lost, since=since).items():
        if (newcomer := known.get(address)) is not None:
            lock_memberships(Q(character__in=(character, newcomer)))
            merge_characters(character, newcomer, now=now)
            ours.remove(newcomer)
            reunited.add(character.pk)
        known[address] = character
    return reunited


def _news_of(character: Character, user: User, listed: AccountCharacter, now: datetime) -> Iterator[TimelineEvent]:
    """What the guild of the character learns by this: whose it is, and what became of it."""
    membership = membership_of(character)
    if membership is None:
        return
    blizzard_id = _newest_id(character, user, listed)
    for kind, details in changes_of(
        character, name=listed.name, blizzard_id=blizzard_id, realm_id=listed.realm.id, faction=listed.faction
    ):
        yield new_event(membership.guild_id, kind, happened_at=now, character=character, details=details)
    if character.user_id != user.pk:
        yield new_event(membership.guild_id, Kind.LINKED, happened_at=now, character=character, person=user)


def _newest_id(character: Character, user: User, listed: AccountCharacter) -> int:
    """The listed id, unless the account said the same before and a roster has named a newer one since."""
    is_repeated = character.user_id == user.pk and character.account_blizzard_id == listed.id
    return character.blizzard_id if is_repeated else listed.id


def _take_over(character: Character, user: User, listed: AccountCharacter, account: RegionAccount) -> None:
    blizzard_id = _newest_id(character, user, listed)
    if character.user_id != user.pk or character.blizzard_id != blizzard_id:
        # Ask anew even if nothing changed since: the guild of somebody's character matters, a stranger's did not.
        character.last_modified = None
    character.user = user
    character.wow_account_id = listed.wow_account_id
    character.account_blizzard_id = listed.id
    character.blizzard_id = blizzard_id
    character.name = listed.name
    character.realm_id = listed.realm.id
    character.level = listed.level
    character.playable_class_id = listed.class_id
    character.playable_race_id = listed.race_id
    character.gender = listed.gender or character.gender
    character.faction = listed.faction or character.faction
    character.mounts_hash = account.mounts_hash
    character.toys_hash = account.toys_hash
