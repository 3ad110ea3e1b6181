"""Which of our characters a roster lists: by their ids, and by what else proves it."""

from collections.abc import Sequence
from functools import partial

from characters.models import Character
from guilds.models import Guild, Membership
from guilds.timeline.services import name_of
from sync.blizzard.payloads import RosterMember
from sync.wow.matching.identities import (
    Address,
    address_of,
    match,
    may_have_changed_faction,
    may_have_moved,
    pair_up,
)
from sync.wow.timeline_events import membership_of


def match_members(
    guild: Guild, members: Sequence[RosterMember], ours: Sequence[Character]
) -> tuple[dict[Address, Character], list[tuple[Character, Character]]]:
    """Our character for each member that we know, and the pairs of rows that turn out to be one: the kept one first."""
    known = match(members, ours, by_name=partial(_has_changed_faction, guild))
    known |= _listed_by_former_id(guild, members, ours, known)
    known |= _moved_within_guild(guild, members, ours, known)
    return known, _displaced_by_their_owners(guild, members, ours, known)


def _has_changed_faction(guild: Guild, member: RosterMember, character: Character) -> bool:
    """Whether a member of ours of whom only the name agrees is the one that is listed: with a new id, but the rank."""
    place = place_in(guild, character)
    return place is not None and place.rank == member.rank and may_have_changed_faction(member, character)


def _listed_by_former_id(
    guild: Guild, members: Sequence[RosterMember], ours: Sequence[Character], known: dict[Address, Character]
) -> dict[Address, Character]:
    """Members whose account told a new id already, while the roster still lists the one that it listed before."""
    recognized = {one.pk for one in known.values()}
    places = [(one, place) for one in ours if one.pk not in recognized and (place := place_in(guild, one))]
    former = {(one.realm_id, place.roster_blizzard_id): one for one, place in places}
    return {
        address_of(one): former[one.realm.id, one.id]
        for one in members
        if address_of(one) not in known and (one.realm.id, one.id) in former
    }


def is_overtaken(guild: Guild, member: RosterMember, character: Character) -> bool:
    """Whether the roster only repeats an id that the owner's account has replaced by a newer one."""
    place = place_in(guild, character)
    return place is not None and place.roster_blizzard_id == member.id != character.blizzard_id


def _displaced_by_their_owners(
    guild: Guild, members: Sequence[RosterMember], ours: Sequence[Character], known: dict[Address, Character]
) -> list[tuple[Character, Character]]:
    """Each listed character that an account told first, with the member's row that must have been the same one.

    Whoever changes faction before their first sign-in has a row of that sign-in, and one of the rosters before.
    """
    recognized = {one.pk for one in known.values()}
    left = [one for one in ours if one.pk not in recognized and one.user_id is None and is_member(guild, one)]
    arrived = [one for one in members if (row := known.get(address_of(one))) and membership_of(row) is None]
    pairs = pair_up(
        arrived,
        left,
        key=lambda one: (one.name, one.class_id, one.rank),
        our_key=lambda one: (name_of(one), one.playable_class_id, one.membership.rank),
        is_same=may_have_changed_faction,
    )
    return [(known[address], double) for address, double in pairs.items()]


def _moved_within_guild(
    guild: Guild, members: Sequence[RosterMember], ours: Sequence[Character], known: dict[Address, Character]
) -> dict[Address, Character]:
    """Members who moved to a connected realm, where the same guild has them under a new id.

    The rank is part of the evidence, so that nobody gains a right by a wrong match.
    """
    recognized = {one.pk for one in known.values()}
    return pair_up(
        [one for one in members if address_of(one) not in known],
        [one for one in ours if one.pk not in recognized and is_member(guild, one)],
        key=lambda one: (one.name, one.class_id, one.race_id, one.rank),
        our_key=lambda one: (one.name, one.playable_class_id, one.playable_race_id, one.membership.rank),
        is_same=may_have_moved,
    )


def is_member(guild: Guild, character: Character) -> bool:
    """Whether the character stands in the guild as far as we know."""
    return place_in(guild, character) is not None


def place_in(guild: Guild, character: Character) -> Membership | None:
    """The character's membership in the guild, as far as it was loaded with it."""
    membership = membership_of(character)
    return membership if membership is not None and membership.guild_id == guild.pk else None
