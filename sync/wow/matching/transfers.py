"""Characters that got a new id from a realm transfer or a faction change, and have a second row of ours.

Battle.net reports neither. But if an account loses a character and gains one of the same class and WoW account, with
at least the same level, that is evidence enough: if it is wrong, the data still stays with the same person. The same
goes for a roster that loses and gains a member of the same name, class and rank who is now of the other faction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from characters.models import Character
from guilds.former_members.services import remember
from guilds.mains.recompute import NOBODYS_MAIN, lock_memberships
from guilds.models import FormerMember, Membership, OfficerNote, TimelineEvent, TodoItem
from guilds.timeline.services import name_of, new_event, record
from sync.blizzard.payloads import AccountCharacter
from sync.wow.matching.identities import Address, address_of, may_have_changed_faction, may_have_moved, pair_up
from sync.wow.timeline_events import changes_of, left_event, membership_of

Kind = TimelineEvent.Kind
# New characters begin at this level or below; such a one says too little.
BEGINNERS = 10
_OF_THE_ROSTER = (
    "blizzard_id",
    "name",
    "realm_id",
    "level",
    "playable_class_id",
    "playable_race_id",
    "faction",
)


def moved_within_account(
    listed: Sequence[AccountCharacter], known: dict[Address, Character], lost: Iterable[Character], *, since: datetime
) -> dict[Address, Character]:
    """The person's lost character for each newly listed one that must be the same.

    `since` is when the account was last listed: a row that a roster made after that may stand for the newcomer already.
    """

    def is_new(one: AccountCharacter) -> bool:
        row = known.get(address_of(one))
        return row is None or (row.user_id is None and row.created_at > since)

    new, gone = [one for one in listed if is_new(one)], list(lost)
    moved = pair_up(
        new,
        gone,
        key=lambda one: (one.wow_account_id, one.class_id, one.name),
        our_key=lambda one: (one.wow_account_id, one.playable_class_id, name_of(one)),
        is_same=lambda one, ours: may_have_moved(one, ours) or may_have_changed_faction(one, ours),
    )
    found = {one.pk for one in moved.values()}
    return moved | pair_up(
        [one for one in new if address_of(one) not in moved],
        [one for one in gone if one.pk not in found and (one.level or 0) > BEGINNERS],
        key=lambda one: (one.wow_account_id, one.class_id),
        our_key=lambda one: (one.wow_account_id, one.playable_class_id),
        is_same=may_have_moved,
    )


def merge_characters(character: Character, newcomer: Character, *, now: datetime) -> None:
    """Give the character what its second row has, and delete that. Both rows are locked.

    Where a roster told a leaver and somebody who joined at the same moment, it was one who moved: the one correction
    that a timeline knows.
    """
    _correct_timeline(character, newcomer)
    if membership_of(newcomer) is not None and (former := membership_of(character)) is not None:
        record([left_event(former, now=now)])
        remember({FormerMember.Reason.OTHER_GUILD: [former]}, now=now)
        former.delete()
    absorb(character, newcomer)


def absorb(character: Character, double: Character) -> None:
    """Give the character what another row of the same one has, and delete that. One of them has a place at most."""
    Membership.objects.filter(character=double).update(character=character)
    TimelineEvent.objects.filter(character=double).update(character=character)
    OfficerNote.objects.filter(about_character=double).update(about_character=character)
    remembered = FormerMember.objects.filter(character=character).values("guild")
    FormerMember.objects.filter(character=double).exclude(guild__in=remembered).update(character=character)
    planned = TodoItem.objects.filter(character=character).open().values("guild")
    TodoItem.objects.filter(character=double).exclude(guild__in=planned).update(character=character)
    Character.objects.get(pk=double.pk).delete()


def separate(character: Character, *, now: datetime) -> Character:
    """Undo a match by name: whoever the roster lists under a new id turned out not to be the character.

    Returns a row of their own for them, with the place in the guild. The character gets back the id that its owner's
    account gave, and keeps its notes and its history. Both are saved; the character is locked.
    """
    other = Character(region=character.region, **{name: getattr(character, name) for name in _OF_THE_ROSTER})
    character.blizzard_id = character.account_blizzard_id or character.blizzard_id
    character.name = f"{name_of(character)}~{character.blizzard_id}"
    character.last_modified = None
    character.save(update_fields=("blizzard_id", "name", "last_modified", "updated_at"))
    other.save(force_insert=True)
    if (place := membership_of(character)) is not None:
        lock_memberships(Q(pk=place.pk) | Q(noted_main=place.pk))
        record(
            [
                left_event(place, now=now),
                new_event(place.guild_id, Kind.JOINED, happened_at=now, character=other, details={"rank": place.rank}),
            ]
        )
        Membership.objects.filter(noted_main=place.pk).update(noted_main=None)
        Membership.objects.filter(pk=place.pk).update(character=other, noted_main=None, **NOBODYS_MAIN)
        Character._meta.get_field("membership").set_cached_value(character, None)
        other.membership = Membership.objects.get(pk=place.pk)
    return other


def _correct_timeline(character: Character, newcomer: Character) -> None:
    joined = TimelineEvent.objects.filter(character=newcomer, kind=Kind.JOINED).order_by("happened_at").first()
    if joined is None:
        return
    left = TimelineEvent.objects.filter(
        character=character, kind=Kind.LEFT, guild=joined.guild_id, happened_at=joined.happened_at
    ).first()
    if left is None:
        return
    changes = changes_of(
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
    TimelineEvent.objects.filter(pk__in=[left.pk, joined.pk]).delete()
    FormerMember.objects.filter(character=character, guild=left.guild_id, left_at=left.happened_at).delete()
