"""What differs between our memberships and a roster, and how it is written."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from characters.models import Character, ProfileState
from guilds.deletion.guild_masters import remember_guild_masters
from guilds.former_members.services import give_back, remember
from guilds.mains.recompute import NOBODYS_MAIN, lock_memberships
from guilds.models import GUILD_MASTER_RANK, FormerMember, Guild, Membership, TimelineEvent
from guilds.timeline.services import new_event, record
from sync.blizzard.entries import UnreadableEntry
from sync.blizzard.payloads import RosterMember
from sync.engine import transitions
from sync.engine.bulk import update_rows
from sync.engine.result import SyncResult
from sync.models import BlizzardJob
from sync.wow.jobs import create_profile_jobs, profile_jobs
from sync.wow.matching.identities import address_of, displace, ensure_game_data, is_among
from sync.wow.matching.rosters import is_overtaken, match_members, place_in
from sync.wow.matching.transfers import absorb
from sync.wow.timeline_events import changes_of, membership_of

Kind = TimelineEvent.Kind
ROSTER_FIELDS = (
    "name",
    "blizzard_id",
    "realm",
    "level",
    "playable_class",
    "playable_race",
    "faction",
    "last_modified",
)
# What a roster says of a member's place, and since when.
PLACE_FIELDS = ("rank", "roster_blizzard_id", "rank_since")


@dataclass(slots=True)
class RosterDiff:
    """What has to be written so that our tables say what the roster says."""

    guild: Guild
    now: datetime
    new_characters: list[Character] = field(default_factory=list)
    changed_characters: list[Character] = field(default_factory=list)
    displaced_characters: list[Character] = field(default_factory=list)
    readdressed: list[Character] = field(default_factory=list)
    new_memberships: list[Membership] = field(default_factory=list)
    changed_memberships: list[Membership] = field(default_factory=list)
    switchers: list[Membership] = field(default_factory=list)
    demoted_masters: list[Membership] = field(default_factory=list)
    leavers: list[Membership] = field(default_factory=list)
    former_guild_ids: set[UUID] = field(default_factory=set)
    # Characters that take over the history of a second row of theirs.
    doubles: list[tuple[Character, Character]] = field(default_factory=list)
    events: list[TimelineEvent] = field(default_factory=list)
    left_alone: int = 0
    protected: int = 0

    @property
    def has_changes(self) -> bool:
        """Whether anything differs."""
        return any(
            (
                self.new_characters,
                self.changed_characters,
                self.displaced_characters,
                self.new_memberships,
                self.changed_memberships,
                self.switchers,
                self.leavers,
            )
        )

    @property
    def guild_ids(self) -> set[UUID]:
        """The guild, and those that somebody left for it."""
        return {self.guild.pk, *self.former_guild_ids}

    def write(self) -> None:
        """Changed characters first: a new one may take a name that another just gave up."""
        lock_memberships(Q(guild__in=self.guild_ids))
        reasons = FormerMember.Reason
        remember({reasons.LEFT: self.leavers, reasons.OTHER_GUILD: self.switchers}, now=self.now)
        remember_guild_masters(self.demoted_masters, now=self.now)
        for character, double in self.doubles:
            absorb(character, double)
        update_rows([*self.changed_characters, *self.displaced_characters], ROSTER_FIELDS)
        self._ask_for_unknown()
        Character.objects.bulk_create(self.new_characters)
        create_profile_jobs(self.new_characters)
        if self.leavers:
            Membership.objects.filter(pk__in=[one.pk for one in self.leavers]).delete()
            Character.objects.filter(pk__in=[one.character_id for one in self.leavers]).update(orphaned_since=self.now)
        update_rows(self.changed_memberships, PLACE_FIELDS)
        update_rows(self.switchers, ("guild", *PLACE_FIELDS, *NOBODYS_MAIN, "noted_main", "joined_seen_at"))
        if self.switchers:
            # What one guild's officers noted is no business of another's.
            Membership.objects.filter(noted_main__in=self.switchers).update(noted_main=None)
        Membership.objects.bulk_create(self.new_memberships)
        self._give_back()
        record(self.events)

    def _give_back(self) -> None:
        """Whoever was here lately gets back what they had; a new character was not."""
        if self.guild.last_synced_at is None:
            return
        joined = {one.character_id for one in (*self.new_memberships, *self.switchers)}
        give_back(self.guild, joined - {one.pk for one in self.new_characters})

    def _ask_for_unknown(self) -> None:
        """Whom Battle.net did not know by the old name, realm or id it may know by the new one."""
        unknown = [one for one in self.readdressed if one.profile_state != ProfileState.VISIBLE]
        if wanted := [one.pk for one in unknown if not one.needs_rename]:
            transitions.mark_due(profile_jobs(wanted), BlizzardJob.Priority.LOW)

    def let_leave(self, character_ids: Collection[UUID]) -> None:
        """Of those whom the roster lacks, remove only these, and tell it."""
        self.leavers = [one for one in self.leavers if one.character_id in character_ids]
        for one in self.leavers:
            self.tell(self.guild.pk, Kind.LEFT, one.character, rank=one.rank)

    def result(self, members: int) -> SyncResult:
        """In members; one whose rank, level, name, … changed counts as updated."""
        created = {one.character_id for one in self.new_memberships}
        updated = {one.character_id for one in (*self.changed_memberships, *self.switchers)}
        updated |= {one.pk for one in self.changed_characters}
        updated -= created
        return SyncResult(
            created=len(created),
            updated=len(updated),
            removed=len(self.leavers),
            unchanged=members - self.left_alone - len(created) - len(updated),
        )

    def take_over_history(self, character: Character, double: Character) -> None:
        """Let the character have the place and the history of its second row, which goes."""
        self.doubles.append((character, double))
        self.tell(self.guild.pk, Kind.TRANSFERRED, character, before=double.faction, after=character.faction)
        character.membership = double.membership

    def tell(self, guild_id: UUID, kind: Kind, character: Character, **details: object) -> None:
        """Put an event on a guild's timeline.

        Nothing of the guild's first roster: that is where the history begins, not a thousand people joining at once.
        """
        if guild_id == self.guild.pk and self.guild.last_synced_at is None:
            return
        self.events.append(new_event(guild_id, kind, happened_at=self.now, character=character, details=details))


def compare(
    guild: Guild,
    members: Sequence[RosterMember],
    ours: Sequence[Character],
    *,
    now: datetime,
    modified: datetime | None = None,
    unreadable: Sequence[UnreadableEntry] = (),
) -> RosterDiff:
    """Recognize each member among our characters, and note what differs. Creates rows of game data that are missing.

    `modified` is Battle.net's own time of the roster. Of two guilds that both list somebody the one with the newer
    roster has them: the other's says nothing about them. Members that one of the `unreadable` entries can be about are
    not missing. The leavers are those who are: `let_leave` decides.
    """
    diff = RosterDiff(guild, now)
    for one in ours:
        if (place := place_in(guild, one)) is not None:
            place.guild = guild
    known, doubles = match_members(guild, members, ours)
    ensure_game_data(guild.region, [one for one in members if _may_name_game_data(one, known.get(address_of(one)))])
    elsewhere = _claimed_by_newer_rosters(guild, known.values(), modified)
    for kept, double in doubles:
        diff.take_over_history(kept, double)
    for member in members:
        character = known.get(address_of(member))
        if character is not None and character.pk in elsewhere:
            diff.left_alone += 1
            continue
        if character is None:
            # Without a look for a membership, which would cost each new character a statement.
            character = _new_character(guild.region, member)
            diff.new_characters.append(character)
            _join(diff, character, member, None)
            continue
        if _is_news(member, character) and not is_overtaken(guild, member, character):
            if (character.realm_id, character.name) != address_of(member) or character.blizzard_id != member.id:
                diff.readdressed.append(character)
            for kind, details in changes_of(
                character, name=member.name, blizzard_id=member.id, realm_id=member.realm.id, faction=member.faction
            ):
                diff.tell(guild.pk, kind, character, **details)
            _take_over(character, member)
            diff.changed_characters.append(character)
        _compare_membership(diff, character, member)
    recognized = {character.pk for character in known.values()} | {double.pk for _, double in doubles}
    strangers = [character for character in ours if character.pk not in recognized]
    for character in strangers:
        if place := place_in(guild, character):
            if is_among(unreadable, character):
                diff.protected += 1
            else:
                diff.leavers.append(place)
    diff.displaced_characters = displace(members, strangers)
    return diff


def _claimed_by_newer_rosters(guild: Guild, known: Iterable[Character], modified: datetime | None) -> set[UUID]:
    """Those who stand in another guild whose roster is newer than this one. A statement only when there may be some.

    Their guilds are loaded with them.
    """
    places = [place for one in known if (place := membership_of(one)) is not None and place.guild_id != guild.pk]
    if not places:
        return set()
    elsewhere = Guild.objects.in_bulk({place.guild_id for place in places})
    for place in places:
        place.guild = elsewhere[place.guild_id]
    return {place.character_id for place in places if modified and _is_newer(place.guild.last_modified, modified)}


def _is_newer(theirs: datetime | None, ours: datetime) -> bool:
    return theirs is not None and theirs > ours


def _is_news(member: RosterMember, character: Character | None) -> bool:
    return character is None or (
        character.name,
        character.blizzard_id,
        character.realm_id,
        character.level,
        character.playable_class_id,
        character.playable_race_id,
        character.faction,
    ) != (
        member.name,
        member.id,
        member.realm.id,
        member.level,
        member.class_id,
        member.race_id,
        member.faction or character.faction,
    )


def _may_name_game_data(member: RosterMember, character: Character | None) -> bool:
    """Whether realm, class or race may be new to us. That of somebody who only grew is not."""
    return character is None or (member.realm.id, member.class_id, member.race_id) != (
        character.realm_id,
        character.playable_class_id,
        character.playable_race_id,
    )


def _new_character(region: str, member: RosterMember) -> Character:
    character = Character(region=region)
    _take_over(character, member)
    return character


def _take_over(character: Character, member: RosterMember) -> None:
    if character.blizzard_id != member.id:
        # The time of the profile that was fetched says nothing about that of another id.
        character.last_modified = None
    character.name = member.name
    character.blizzard_id = member.id
    character.realm_id = member.realm.id
    character.level = member.level
    character.playable_class_id = member.class_id
    character.playable_race_id = member.race_id
    character.faction = member.faction or character.faction


def _compare_membership(diff: RosterDiff, character: Character, member: RosterMember) -> None:
    guild = diff.guild
    membership = membership_of(character)
    if membership is None or membership.guild_id != guild.pk:
        _join(diff, character, member, membership)
        return
    if membership.rank != member.rank:
        kind = Kind.PROMOTED if member.rank < membership.rank else Kind.DEMOTED
        diff.tell(guild.pk, kind, character, before=membership.rank, after=member.rank)
        if membership.rank == GUILD_MASTER_RANK:
            diff.demoted_masters.append(membership)
    if (membership.rank, membership.roster_blizzard_id) != (member.rank, member.id):
        _take_place(membership, member, diff.now)
        diff.changed_memberships.append(membership)


def _join(diff: RosterDiff, character: Character, member: RosterMember, elsewhere: Membership | None) -> None:
    """Somebody who stood in another guild of ours takes the membership along: a character has one at most.

    The other guild's roster will not miss somebody who is not its member any more, so the leaving is told here.
    """
    guild = diff.guild
    diff.tell(guild.pk, Kind.JOINED, character, rank=member.rank)
    place = elsewhere or Membership(character=character)
    if elsewhere is None:
        diff.new_memberships.append(place)
    else:
        diff.tell(elsewhere.guild_id, Kind.LEFT, character, rank=elsewhere.rank)
        diff.former_guild_ids.add(elsewhere.guild_id)
        for name, value in NOBODYS_MAIN.items():
            setattr(elsewhere, name, value)
        elsewhere.noted_main = None
        diff.switchers.append(elsewhere)
    place.guild = guild
    _take_place(place, member, diff.now)
    place.joined_seen_at = diff.now if guild.last_synced_at is not None else None


def _take_place(membership: Membership, member: RosterMember, now: datetime) -> None:
    membership.rank, membership.roster_blizzard_id, membership.rank_since = member.rank, member.id, now
