"""Characters that moved to another realm, where they get a new id: recognised by whose they are.

Battle.net says nothing of a move. But an account that loses a character and gains one of the same class and licence on
another realm, at least as far as the lost one, tells enough: whatever is wrong in that, it stays with the same person.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from characters.models import Character
from guilds.models import Membership, OfficerNote, PlannedChange, TimelineEvent
from sync.blizzard.payloads import AccountCharacter
from sync.services.identities import Address, address_of, pair_up
from sync.services.telling import changes_of, event, membership_of, name_of

Kind = TimelineEvent.Kind
# New characters begin at this level or below; such a one says too little.
BEGINNERS = 10


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
    )
    found = {one.pk for one in moved.values()}
    return moved | pair_up(
        [one for one in new if address_of(one) not in moved],
        [one for one in gone if one.pk not in found and (one.level or 0) > BEGINNERS],
        key=lambda one: (one.wow_account_id, one.class_id),
        our_key=lambda one: (one.wow_account_id, one.playable_class_id),
    )


def reunite(character: Character, newcomer: Character, *, now: datetime) -> None:
    """Give the character what its second row has, and delete that. Both rows are locked.

    Where a roster told a leaver and somebody who joined at the same moment, it was one who moved: the one correction
    that a timeline knows.
    """
    _correct_timeline(character, newcomer)
    place = membership_of(newcomer)
    if place is not None:
        if (former := membership_of(character)) is not None:
            event(former.guild_id, Kind.LEFT, now, character, rank=former.rank).save()
            former.delete()
        Membership.objects.filter(pk=place.pk).update(character=character)
    TimelineEvent.objects.filter(character=newcomer).update(character=character)
    OfficerNote.objects.filter(about_character=newcomer).update(about_character=character)
    planned = PlannedChange.objects.filter(character=character).open().values("guild")
    PlannedChange.objects.filter(character=newcomer).exclude(guild__in=planned).update(character=character)
    Character.objects.get(pk=newcomer.pk).delete()


def _correct_timeline(character: Character, newcomer: Character) -> None:
    joined = TimelineEvent.objects.filter(character=newcomer, kind=Kind.JOINED).order_by("happened_at").first()
    if joined is None:
        return
    left = TimelineEvent.objects.filter(
        character=character, kind=Kind.LEFT, guild=joined.guild_id, happened_at=joined.happened_at
    ).first()
    if left is None:
        return
    for kind, details in changes_of(
        character,
        name=newcomer.name,
        blizzard_id=newcomer.blizzard_id,
        realm_id=newcomer.realm_id,
        faction=newcomer.faction,
    ):
        event(left.guild_id, kind, left.happened_at, character, **details).save()
    TimelineEvent.objects.filter(pk__in=[left.pk, joined.pk]).delete()
