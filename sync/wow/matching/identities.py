"""Who is who: characters as Battle.net lists them, recognized among ours.

An id survives a rename but not a change of faction or realm, and two realms may use the same one. A name is unique on
its realm, but may be given up and taken by somebody else between two syncs: a name alone proves nothing. What is
demanded besides, and for what, is one table in docs/decisions/0032-character-identity-and-links.md.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Protocol, TypeVar

from django.db.models import QuerySet

from characters.models import Character, Faction
from sync.blizzard.entries import UnreadableEntry
from sync.blizzard.payloads import RealmRef
from sync.wow.game_data import ensure_known

# Realm id and name: where a character is to be found at Battle.net today.
Address = tuple[int, str]
# What two characters must share, of realm id, Blizzard id and name, to be taken for the same.
Key = Callable[[int, int, str], object]


class Grown(Protocol):
    """A character in any answer."""

    @property
    def level(self) -> int:
        """0 while it awaits a new name."""

    @property
    def class_id(self) -> int:
        """The playable class."""


class Listed(Grown, Protocol):
    """A character in a roster or in an account's index."""

    @property
    def id(self) -> int:
        """Blizzard's id."""

    @property
    def name(self) -> str:
        """As shown, never blank."""

    @property
    def realm(self) -> RealmRef:
        """Where it lives."""

    @property
    def race_id(self) -> int:
        """The playable race."""

    @property
    def faction(self) -> str:
        """As Battle.net names it; empty where the answer does not say."""


L = TypeVar("L", bound=Listed)
T = TypeVar("T")


def address_of(listed: Listed) -> Address:
    """Where Battle.net has it today."""
    return listed.realm.id, listed.name


def characters_concerned(region: str, listed: Sequence[Listed], *, also: "QuerySet[Character]") -> list[Character]:
    """Every character of ours that the list may speak of: by id, by name, and those of `also`.

    One statement. The rows are locked, always in the same order, so that two syncs never wait for each other in a
    circle. `no_key` lets others still point to the rows: PostgreSQL checks foreign keys at the commit of whoever wrote
    them, in an order that nobody chooses.
    """
    of_region = Character.objects.filter(region=region).values("pk")
    by_id = of_region.filter(blizzard_id__in=[one.id for one in listed])
    by_name = of_region.filter(realm__in={one.realm.id for one in listed}, name__in=[one.name for one in listed])
    return list(
        Character.objects.filter(pk__in=by_id.union(by_name, also.values("pk")))
        .select_related("membership")
        .order_by("region", "pk")
        .select_for_update(of=("self",), no_key=True)
    )


def is_among(unreadable: Iterable[UnreadableEntry], character: Character) -> bool:
    """Return whether a malformed entry can be about this character, which then must not count as missing."""
    return any(
        entry.can_be(id=character.blizzard_id, realm_id=character.realm_id, name=character.name) for entry in unreadable
    )


def match(
    listed: Sequence[L], ours: Iterable[Character], *, by_name: Callable[[L, Character], bool]
) -> dict[Address, Character]:
    """Our character for each listed one that we know: by realm and id, or else by realm and name.

    Where only the name agrees, `by_name` must say that both are the same. A character that is found by its id never
    stands in for another one, and none is found twice.
    """
    known: dict[Address, Character] = {}
    free = {one.pk: one for one in ours}

    def find(key: Key, is_same: Callable[[L, Character], bool] = lambda *_: True) -> None:
        candidates = {key(one.realm_id, one.blizzard_id, one.name): one for one in free.values()}
        for one in listed:
            found = candidates.get(key(one.realm.id, one.id, one.name))
            if found is not None and found.pk in free and address_of(one) not in known and is_same(one, found):
                known[address_of(one)] = free.pop(found.pk)

    # Ids are not quite unique: id and name together say more than the id.
    find(lambda realm_id, blizzard_id, name: (realm_id, blizzard_id, name))
    find(lambda realm_id, blizzard_id, name: (realm_id, blizzard_id))
    find(lambda realm_id, blizzard_id, name: (realm_id, name), by_name)
    return known


def pair_up(
    listed: Sequence[L],
    ours: Sequence[Character],
    *,
    key: Callable[[L], Hashable],
    our_key: Callable[[Character], Hashable],
    is_same: Callable[[L, Character], bool],
) -> dict[Address, Character]:
    """Our character for each listed one that seems to be the same under a new id.

    Only those who are each other's one candidate by the two keys, and of whom `is_same` says so: a guess is worse than
    a gap.
    """
    gone, arrived = _grouped(ours, our_key), _grouped(listed, key)
    return {
        address_of(one): gone[value][0]
        for value, (one, *others) in arrived.items()
        if not others and len(gone.get(value, ())) == 1 and is_same(one, gone[value][0])
    }


def _grouped(items: Iterable[T], key: Callable[[T], Hashable]) -> dict[Hashable, list[T]]:
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for one in items:
        groups[key(one)].append(one)
    return groups


def may_have_moved(listed: Listed, character: Character) -> bool:
    """Whether a move to another realm can have made the listed character of ours."""
    return listed.realm.id != character.realm_id and may_have_a_new_id(listed, character)


def may_have_changed_faction(listed: Listed, character: Character) -> bool:
    """Whether a change of faction can have made the listed character of ours.

    Without a realm transfer nothing else gives a character a new id, and each faction has its own races. So whoever has
    another id, but the same faction or race, is somebody else who took the name.
    """
    if listed.realm.id != character.realm_id or not may_have_a_new_id(listed, character):
        return False
    if {listed.faction, character.faction} == {Faction.ALLIANCE, Faction.HORDE}:
        return True
    is_told = {listed.faction, character.faction} <= {Faction.ALLIANCE, Faction.HORDE}
    return not is_told and character.playable_race_id not in {None, listed.race_id}


def may_have_a_new_id(listed: Grown, character: Character) -> bool:
    """Nobody changes class or loses levels: whoever seems to has taken over the name of somebody else."""
    return character.playable_class_id in {None, listed.class_id} and listed.level >= (character.level or 0)


def displace(listed: Iterable[Listed], strangers: Iterable[Character]) -> list[Character]:
    """Rename, without saving, those of the strangers that hold the address of somebody listed; returns them.

    They must have been renamed or moved meanwhile. They keep their rows and history, under names that cannot exist in
    the game, until their own account or roster says what they are called now.
    """
    addresses = {address_of(one) for one in listed}
    moved = [one for one in strangers if (one.realm_id, one.name) in addresses]
    for one in moved:
        one.name = f"{one.name}~{one.blizzard_id}"
    return moved


def ensure_game_data(region: str, listed: Sequence[Listed]) -> None:
    """Rows for the realms, classes and races that the list names."""
    if not listed:
        return
    ensure_known(
        region=region,
        realms={one.realm.id: one.realm for one in listed}.values(),
        class_ids={one.class_id for one in listed},
        race_ids={one.race_id for one in listed},
    )
