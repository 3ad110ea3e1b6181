"""Merging two rows of one character, and separating a row of two characters."""

from datetime import datetime

from django.db.models import Q

from characters.models import Character
from guilds.former_members.services import remember
from guilds.mains import NOBODYS_MAIN, lock_memberships
from guilds.models import FormerMember, Leave, Membership, OfficerNote, RosterRule, TimelineEvent, TodoItem
from guilds.timeline.services import identity_changes, left_event, new_event, record
from sync.engine.bulk import update_row
from sync.wow.matching import membership_of

ROSTER_COLUMNS = ("blizzard_id", "name", "realm_id", "level", "playable_class_id", "playable_race_id", "faction")


def merge_transferred(character: Character, newcomer: Character, *, now: datetime) -> None:
    """Move everything of a character's second row to the character, and delete that row. Both rows are locked.

    The timeline gets its only correction: where a roster reported a leaver and a new member at the same moment, a
    character was transferred.
    """
    _correct_timeline(character, newcomer)
    if membership_of(newcomer) is not None and (former := membership_of(character)) is not None:
        record([left_event(former, now=now)])
        remember({FormerMember.Reason.OTHER_GUILD: [former]}, now=now)
        former.delete()
    merge_characters(character, newcomer)


def merge_characters(character: Character, duplicate: Character) -> None:
    """Move everything of a second row to the character, and delete that row. At most one of them has a membership."""
    Membership.objects.filter(character=duplicate).update(character=character)
    TimelineEvent.objects.filter(character=duplicate).update(character=character)
    OfficerNote.objects.filter(about_character=duplicate).update(about_character=character)
    former = FormerMember.objects.filter(character=character).values("guild")
    FormerMember.objects.filter(character=duplicate).exclude(guild__in=former).update(character=character)
    planned = TodoItem.objects.filter(character=character).open().values("guild")
    TodoItem.objects.filter(character=duplicate).exclude(guild__in=planned).update(character=character)
    Leave.objects.filter(character=duplicate).update(character=character)
    exempt = RosterRule.exempt.through.objects
    sparing = exempt.filter(character=character).values("rosterrule")
    exempt.filter(character=duplicate).exclude(rosterrule__in=sparing).update(character=character)
    Character.objects.get(pk=duplicate.pk).delete()


def separate(character: Character, *, now: datetime) -> Character:
    """Undo a match by name: the character that the roster lists under a new id is another one.

    Returns a new row for that one, with the membership. The character gets back the id of its owner's account, and
    keeps its notes and its history. Both are saved; the character's row is locked.
    """
    other = Character(region=character.region, **{name: getattr(character, name) for name in ROSTER_COLUMNS})
    character.blizzard_id = character.account_blizzard_id or character.blizzard_id
    update_row(
        character,
        {"blizzard_id": character.blizzard_id, "name": character.placeholder_name, "last_modified": None},
    )
    other.save(force_insert=True)
    if (membership := membership_of(character)) is not None:
        lock_memberships(Q(pk=membership.pk) | Q(noted_main=membership.pk))
        kind, rank = TimelineEvent.Kind.JOINED, {"rank": membership.rank}
        joined = new_event(membership.guild_id, kind, happened_at=now, character=other, details=rank)
        record([left_event(membership, now=now), joined])
        Membership.objects.filter(noted_main=membership.pk).update(noted_main=None)
        Membership.objects.filter(pk=membership.pk).update(character=other, noted_main=None, **NOBODYS_MAIN)
        Character._meta.get_field("membership").set_cached_value(character, None)
        other.membership = Membership.objects.get(pk=membership.pk)
    return other


def _correct_timeline(character: Character, newcomer: Character) -> None:
    events = TimelineEvent.objects
    joined = events.filter(character=newcomer, kind=TimelineEvent.Kind.JOINED).order_by("happened_at").first()
    if joined is None:
        return
    left = events.filter(
        character=character, kind=TimelineEvent.Kind.LEFT, guild=joined.guild_id, happened_at=joined.happened_at
    ).first()
    if left is None:
        return
    changes = identity_changes(
        character,
        name=newcomer.name,
        blizzard_id=newcomer.blizzard_id,
        realm_id=newcomer.realm_id,
        faction=newcomer.faction,
    )
    record(
        new_event(left.guild_id, kind, happened_at=left.happened_at, character=character, details=details)
        for kind, details in changes
    )
    events.filter(pk__in=[left.pk, joined.pk]).delete()
    FormerMember.objects.filter(character=character, guild=left.guild_id, left_at=left.happened_at).delete()
