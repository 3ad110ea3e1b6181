"""The pure difference between our tables and a roster. Nothing here reads or writes the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from characters.models import Character
from guilds.mains import NOBODYS_MAIN
from guilds.models import GUILD_MASTER_RANK, Guild, Membership, TimelineEvent
from guilds.timeline.services import identity_changes, new_event
from sync.blizzard.fields import UnreadableEntry
from sync.blizzard.payloads import RosterMember
from sync.engine.bulk import Change, Columns, assign, diff
from sync.engine.result import SyncResult
from sync.wow import columns
from sync.wow.matching import Matches, address_of, displace, has_outdated_id, is_among, membership_in, membership_of

GAME_DATA_COLUMNS = {"realm_id", "playable_class_id", "playable_race_id"}
ADDRESS_COLUMNS = {"realm_id", "name", "blizzard_id"}


@dataclass(slots=True)
class RosterDiff:
    """Rows to add, change and remove so that our tables agree with a roster, and the events that tell of it."""

    guild: Guild
    now: datetime
    new_characters: list[Character] = field(default_factory=list)
    changed_characters: list[Change[Character]] = field(default_factory=list)
    displaced_characters: list[Change[Character]] = field(default_factory=list)
    # Characters with another name, realm or id, and members whose realm, class or race can be unknown to us.
    readdressed: list[Character] = field(default_factory=list)
    unknown_game_data: list[RosterMember] = field(default_factory=list)
    new_memberships: list[Membership] = field(default_factory=list)
    changed_memberships: list[Change[Membership]] = field(default_factory=list)
    # Memberships in other guilds of ours that become memberships in this one.
    moved_memberships: list[Change[Membership]] = field(default_factory=list)
    left_guild_ids: set[UUID] = field(default_factory=set)
    former_masters: list[Membership] = field(default_factory=list)
    # Members that the roster lacks, and those of them who are removed.
    missing: list[Membership] = field(default_factory=list)
    leavers: list[Membership] = field(default_factory=list)
    duplicates: list[tuple[Character, Character]] = field(default_factory=list)
    events: list[TimelineEvent] = field(default_factory=list)
    # Listed characters that a newer roster of another guild lists too.
    ignored: int = 0

    @property
    def has_changes(self) -> bool:
        return any(
            (
                self.new_characters,
                self.changed_characters,
                self.displaced_characters,
                self.new_memberships,
                self.changed_memberships,
                self.moved_memberships,
                self.leavers,
            )
        )

    @property
    def guild_ids(self) -> set[UUID]:
        """The guild, and those that a character left for it."""
        return {self.guild.pk, *self.left_guild_ids}

    def remove(self, character_ids: Collection[UUID]) -> None:
        self.leavers = [one for one in self.missing if one.character_id in character_ids]
        for one in self.leavers:
            self.tell(self.guild.pk, TimelineEvent.Kind.LEFT, one.character, rank=one.rank)

    def tell(
        self, guild_id: UUID, kind: TimelineEvent.Kind, character: Character, *, name: str = "", **details: Any
    ) -> None:
        """Add an event, with the character's new `name`. A guild's history begins after its first roster."""
        if guild_id != self.guild.pk or self.guild.last_synced_at is not None:
            event = new_event(guild_id, kind, happened_at=self.now, character=character, details=details)
            event.character_name = name or event.character_name
            self.events.append(event)

    def result(self, members: int) -> SyncResult:
        """Count members; one whose rank, level, name, … changed is an updated one."""
        created = {one.character_id for one in self.new_memberships}
        updated = {one.row.character_id for one in (*self.changed_memberships, *self.moved_memberships)}
        updated |= {one.row.pk for one in self.changed_characters}
        updated -= created
        return SyncResult(
            created=len(created),
            updated=len(updated),
            removed=len(self.leavers),
            unchanged=members - self.ignored - len(created) - len(updated),
        )


def compare(
    guild: Guild,
    members: Sequence[RosterMember],
    ours: Sequence[Character],
    known: Matches,
    duplicates: Sequence[tuple[Character, Character]],
    *,
    now: datetime,
    modified: datetime | None = None,
    unreadable: Sequence[UnreadableEntry] = (),
) -> RosterDiff:
    """Compare a roster with our rows. The guilds of the known characters have to be loaded.

    `modified` is Battle.net's own time of the roster: of two guilds that list a character, the newer roster decides. A
    member that one of the `unreadable` entries can be about is not missing.
    """
    result = RosterDiff(guild, now)
    for kept, duplicate in duplicates:
        _take_membership(result, kept, duplicate)
    for member in members:
        _compare_member(result, member, known.get(address_of(member)), modified)
    matched = {one.pk for one in known.values()} | {one.pk for _, one in duplicates}
    unmatched = [one for one in ours if one.pk not in matched]
    missing = [one for one in unmatched if membership_in(guild, one) and not is_among(unreadable, one)]
    result.missing = [one.membership for one in missing]
    result.displaced_characters = displace(members, unmatched)
    return result


def _compare_member(
    result: RosterDiff, member: RosterMember, character: Character | None, modified: datetime | None
) -> None:
    if character is None:
        character = _new_character(result.guild.region, member)
        result.new_characters.append(character)
        result.unknown_game_data.append(member)
        # Without a look for a membership, which would cost a statement.
        _join(result, character, member, None)
        return
    changed = diff(character, columns.of_roster_member(character, member))
    if changed.keys() & GAME_DATA_COLUMNS:
        result.unknown_game_data.append(member)
    membership = membership_of(character)
    if membership is not None and membership.guild_id != result.guild.pk and _is_newer(membership.guild, modified):
        result.ignored += 1
        return
    name = character.last_known_name
    if changed and not has_outdated_id(result.guild, member, character):
        _change_character(result, member, character, changed)
        name = member.name
    if membership is None or membership.guild_id != result.guild.pk:
        _join(result, character, member, membership, name=name)
    else:
        _change_membership(result, character, member, membership, name=name)


def _change_character(result: RosterDiff, member: RosterMember, character: Character, changed: Columns) -> None:
    if changed.keys() & ADDRESS_COLUMNS:
        result.readdressed.append(character)
    for kind, details in identity_changes(
        character, name=member.name, blizzard_id=member.id, realm_id=member.realm.id, faction=member.faction
    ):
        result.tell(result.guild.pk, kind, character, **details)
    result.changed_characters.append(Change(character, changed))


def _change_membership(
    result: RosterDiff, character: Character, member: RosterMember, membership: Membership, *, name: str
) -> None:
    changed = diff(membership, columns.of_membership(member))
    if "rank" in changed:
        is_promotion = member.rank < membership.rank
        kind = TimelineEvent.Kind.PROMOTED if is_promotion else TimelineEvent.Kind.DEMOTED
        result.tell(result.guild.pk, kind, character, name=name, before=membership.rank, after=member.rank)
    if "rank" in changed and membership.rank == GUILD_MASTER_RANK:
        result.former_masters.append(membership)
    if changed:
        result.changed_memberships.append(Change(membership, {**changed, "rank_since": result.now}))


def _join(
    result: RosterDiff, character: Character, member: RosterMember, elsewhere: Membership | None, *, name: str = ""
) -> None:
    """Give the character a membership, or the one that it has `elsewhere`: a character has one at most.

    The other guild's roster cannot miss it any more, so the event is written here.
    """
    guild = result.guild
    result.tell(guild.pk, TimelineEvent.Kind.JOINED, character, name=name, rank=member.rank)
    joined = {
        "guild_id": guild.pk,
        **columns.of_membership(member),
        "rank_since": result.now,
        "joined_seen_at": result.now if guild.last_synced_at is not None else None,
    }
    if elsewhere is None:
        result.new_memberships.append(Membership(character=character, **joined))
        return
    result.tell(elsewhere.guild_id, TimelineEvent.Kind.LEFT, character, name=name, rank=elsewhere.rank)
    result.left_guild_ids.add(elsewhere.guild_id)
    result.moved_memberships.append(Change(elsewhere, {**joined, **NOBODYS_MAIN, "noted_main_id": None}))


def _take_membership(result: RosterDiff, kept: Character, duplicate: Character) -> None:
    """Give the kept row the membership of the duplicate."""
    result.duplicates.append((kept, duplicate))
    result.tell(result.guild.pk, TimelineEvent.Kind.TRANSFERRED, kept, before=duplicate.faction, after=kept.faction)
    kept.membership = duplicate.membership


def _new_character(region: str, member: RosterMember) -> Character:
    row = Character(region=region)
    return assign(row, columns.of_roster_member(row, member))


def _is_newer(guild: Guild, modified: datetime | None) -> bool:
    return modified is not None and guild.last_modified is not None and guild.last_modified > modified
