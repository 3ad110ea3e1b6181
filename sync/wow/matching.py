"""Match the characters that Battle.net lists to ours: who is who. Only the locks use the database.

An id survives a rename, but not a faction change or a realm transfer, and two realms may use the same one. A name is
unique on its realm, but another character may have taken it between two syncs: a name alone proves nothing.
docs/decisions/0032-character-identity-and-links.md has the table of what is demanded besides.

A transaction that needs several locks takes them in this order: account, identities, rows.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from characters.models import Character, Faction
from guilds.models import Guild, Membership
from sync.blizzard.fields import UnreadableEntry
from sync.blizzard.payloads import AccountCharacter, ListedCharacter, RosterMember
from sync.engine.bulk import Change, lock_name

# Realm id and name: a character's address at Battle.net today.
Address = tuple[int, str]
Matches = dict[Address, Character]
L = TypeVar("L", RosterMember, AccountCharacter)
T = TypeVar("T")

# New characters start at this level or below, so that the level proves little.
STARTING_LEVEL = 10


def address_of(listed: ListedCharacter) -> Address:
    """Return the character's address at Battle.net today."""
    return listed.realm.id, listed.name


def membership_of(character: Character) -> Membership | None:
    """Return the character's membership, which has to be loaded with it."""
    return getattr(character, "membership", None)


def membership_in(guild: Guild, character: Character) -> Membership | None:
    """Return the character's membership if it is in this guild."""
    membership = membership_of(character)
    return membership if membership is not None and membership.guild_id == guild.pk else None


def lock_account(user: User) -> None:
    """Let one transaction at a time write a player's account, because its regions share the player's mains."""
    lock_name(f"account of {user.pk}")


def lock_identities(region: str) -> None:
    """Let one transaction at a time match a region's characters, so that no two insert the same new one."""
    lock_name(f"characters of {region}")


def lock_listed(region: str, listed: Sequence[ListedCharacter], *, also: "QuerySet[Character]") -> list[Character]:
    """Lock and return every character of ours that a listed one can be, by id or name, and those of `also`.

    One statement, which always locks in the same order, so that two syncs cannot deadlock. `no_key` still lets others
    refer to the rows: PostgreSQL checks foreign keys when their transaction commits, in any order.
    """
    in_region = Character.objects.filter(region=region).values("pk")
    by_id = in_region.filter(blizzard_id__in=[one.id for one in listed])
    by_name = in_region.filter(realm__in={one.realm.id for one in listed}, name__in=[one.name for one in listed])
    return list(
        Character.objects.filter(pk__in=by_id.union(by_name, also.values("pk")))
        .select_related("membership")
        .order_by("region", "pk")
        .select_for_update(of=("self",), no_key=True)
    )


def match_members(guild: Guild, members: Sequence[RosterMember], ours: Sequence[Character]) -> Matches:
    """Return our character for each member of a roster that we know."""
    known = _match(members, ours, is_same=partial(_has_changed_faction, guild))
    known |= _listed_by_earlier_id(guild, members, ours, known)
    return known | _moved_within_guild(guild, members, ours, known)


def match_account(user: User, listed: Sequence[AccountCharacter], ours: Sequence[Character]) -> Matches:
    """Return our character for each one of the account that we know.

    A name alone matches only a character that was this player's before: if the match is wrong, the data stays with the
    same player.
    """
    return _match(listed, ours, is_same=lambda one, row: row.user_id == user.pk and may_have_new_id(one, row))


def match_transferred(
    listed: Sequence[AccountCharacter], known: Matches, lost: Sequence[Character], *, since: datetime
) -> Matches:
    """Return the lost character for each newly listed one that a realm transfer or a faction change explains.

    An account that loses a character and gains one of the same class and WoW account, at the same level or above, is
    evidence enough: if the match is wrong, the data stays with the same player. `since` is when the account was last
    listed. A row that a roster added after that can be the second one of a lost character.
    """

    def is_new(one: AccountCharacter) -> bool:
        row = known.get(address_of(one))
        return row is None or (row.user_id is None and row.created_at > since)

    new = [one for one in listed if is_new(one)]
    moved = _pair(
        new,
        lost,
        key=lambda one: (one.wow_account_id, one.class_id, one.name),
        row_key=lambda row: (row.wow_account_id, row.playable_class_id, row.last_known_name),
        is_same=lambda one, row: _may_have_moved(one, row) or _may_have_changed_faction(one, row),
    )
    found = {one.pk for one in moved.values()}
    return moved | _pair(
        [one for one in new if address_of(one) not in moved],
        [one for one in lost if one.pk not in found and (one.level or 0) > STARTING_LEVEL],
        key=lambda one: (one.wow_account_id, one.class_id),
        row_key=lambda row: (row.wow_account_id, row.playable_class_id),
        is_same=_may_have_moved,
    )


def find_duplicates(
    guild: Guild, members: Sequence[RosterMember], ours: Sequence[Character], known: Matches
) -> list[tuple[Character, Character]]:
    """Return pairs of rows that are one character: the row of the player's account, and the guild's row before.

    A character that changes faction before its player first signs in gets a second row at that sign-in.
    """
    left = [one for one in _unmatched(ours, known) if one.user_id is None and membership_in(guild, one)]
    arrived = [one for one in members if (row := known.get(address_of(one))) and membership_of(row) is None]
    pairs = _pair(
        arrived,
        left,
        key=lambda one: (one.name, one.class_id, one.rank),
        row_key=lambda row: (row.last_known_name, row.playable_class_id, row.membership.rank),
        is_same=_may_have_changed_faction,
    )
    return [(known[address], duplicate) for address, duplicate in pairs.items()]


def has_outdated_id(guild: Guild, member: RosterMember, character: Character) -> bool:
    """Return whether the roster repeats an id that the player's account has replaced since."""
    membership = membership_in(guild, character)
    return membership is not None and membership.roster_blizzard_id == member.id != character.blizzard_id


def is_among(unreadable: Iterable[UnreadableEntry], character: Character) -> bool:
    """Return whether a malformed entry can be about the character, which then does not count as missing."""
    return any(
        entry.can_be(id=character.blizzard_id, realm_id=character.realm_id, name=character.name) for entry in unreadable
    )


def displace(listed: Iterable[ListedCharacter], unmatched: Iterable[Character]) -> list[Change[Character]]:
    """Take the name from those of our unmatched characters whose address a listed one has now.

    They keep their rows under a name that nobody can have, until a roster or an account says what they are called now.
    """
    addresses = {address_of(one) for one in listed}
    displaced = [one for one in unmatched if (one.realm_id, one.name) in addresses]
    return [Change(one, {"name": one.placeholder_name}) for one in displaced]


def may_have_new_id(listed: ListedCharacter, character: Character) -> bool:
    """Return whether both can be one character: none changes its class or loses levels."""
    return character.playable_class_id in {None, listed.class_id} and listed.level >= (character.level or 0)


def _match(listed: Sequence[L], ours: Iterable[Character], *, is_same: Callable[[L, Character], bool]) -> Matches:
    """Match by realm and id, or else by realm and name, where `is_same` has to confirm it.

    A character that is found by its id is never taken for another one, and none is found twice.
    """
    known: Matches = {}
    free = {one.pk: one for one in ours}

    def find(key: Callable[[int, int, str], Hashable], confirm: Callable[[L, Character], bool] | None = None) -> None:
        candidates = {key(one.realm_id, one.blizzard_id, one.name): one for one in free.values()}
        for one in listed:
            row = candidates.get(key(one.realm.id, one.id, one.name))
            if row is None or row.pk not in free or address_of(one) in known:
                continue
            if confirm is None or confirm(one, row):
                known[address_of(one)] = free.pop(row.pk)

    # Two characters of a realm can have the same id: id and name together prove more.
    find(lambda realm_id, blizzard_id, name: (realm_id, blizzard_id, name))
    find(lambda realm_id, blizzard_id, name: (realm_id, blizzard_id))
    find(lambda realm_id, blizzard_id, name: (realm_id, name), is_same)
    return known


def _listed_by_earlier_id(
    guild: Guild, members: Sequence[RosterMember], ours: Sequence[Character], known: Matches
) -> Matches:
    """Match members that the roster lists by an id which their account has replaced since."""
    memberships = [one.membership for one in _unmatched(ours, known) if membership_in(guild, one)]
    earlier = {(one.character.realm_id, one.roster_blizzard_id): one.character for one in memberships}
    return {
        address_of(one): earlier[one.realm.id, one.id]
        for one in members
        if address_of(one) not in known and (one.realm.id, one.id) in earlier
    }


def _moved_within_guild(
    guild: Guild, members: Sequence[RosterMember], ours: Sequence[Character], known: Matches
) -> Matches:
    """Match members who moved to a connected realm, where they have a new id.

    The rank has to be the same, so that nobody gains a permission by a wrong match.
    """
    return _pair(
        [one for one in members if address_of(one) not in known],
        [one for one in _unmatched(ours, known) if membership_in(guild, one)],
        key=lambda one: (one.name, one.class_id, one.race_id, one.rank),
        row_key=lambda row: (row.name, row.playable_class_id, row.playable_race_id, row.membership.rank),
        is_same=_may_have_moved,
    )


def _pair(
    listed: Sequence[L],
    ours: Sequence[Character],
    *,
    key: Callable[[L], Hashable],
    row_key: Callable[[Character], Hashable],
    is_same: Callable[[L, Character], bool],
) -> Matches:
    """Match those who are each other's only candidate by the two keys, if `is_same` confirms it.

    Where several fit, nobody is matched: a gap is better than a guess.
    """
    gone, arrived = _grouped(ours, row_key), _grouped(listed, key)
    return {
        address_of(one): gone[value][0]
        for value, (one, *others) in arrived.items()
        if not others and len(gone.get(value, ())) == 1 and is_same(one, gone[value][0])
    }


def _has_changed_faction(guild: Guild, member: RosterMember, character: Character) -> bool:
    """Return whether the roster lists a member of ours under a new id, with the rank as before."""
    membership = membership_in(guild, character)
    return membership is not None and membership.rank == member.rank and _may_have_changed_faction(member, character)


def _may_have_moved(listed: ListedCharacter, character: Character) -> bool:
    return listed.realm.id != character.realm_id and may_have_new_id(listed, character)


def _may_have_changed_faction(listed: ListedCharacter, character: Character) -> bool:
    """Return whether a faction change can explain the new id.

    On the same realm nothing else gives a new id, and each faction has its own races. So a character of another id, but
    the same faction or race, is another one that took the name.
    """
    if listed.realm.id != character.realm_id or not may_have_new_id(listed, character):
        return False
    if {listed.faction, character.faction} == {Faction.ALLIANCE, Faction.HORDE}:
        return True
    is_known = {listed.faction, character.faction} <= {Faction.ALLIANCE, Faction.HORDE}
    return not is_known and character.playable_race_id not in {None, listed.race_id}


def _unmatched(ours: Iterable[Character], known: Matches) -> list[Character]:
    matched: set[UUID] = {one.pk for one in known.values()}
    return [one for one in ours if one.pk not in matched]


def _grouped(items: Iterable[T], key: Callable[[T], Hashable]) -> dict[Hashable, list[T]]:
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for one in items:
        groups[key(one)].append(one)
    return groups
