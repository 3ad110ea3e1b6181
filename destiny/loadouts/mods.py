"""Where the mods go that belong to no item: into sockets of the armor that is worn, as far as its energy lasts.

A socket takes the mods of its plug set. So mods for one slot go there, and general ones into any piece.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from destiny.game import ARMOR
from destiny.loadouts.build import Build, BuildItem
from destiny.loadouts.energy import energy_of
from destiny.loadouts.matching import Found, Match
from destiny.loadouts.sockets import NO_SOCKETS, Sockets, sockets_of
from destiny.manifest.items import ItemDefinition
from destiny.manifest.readers import Manifest
from destiny.models import Item

Definitions = Mapping[int, ItemDefinition]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of armor, with the plugs by socket that the loadout has for it."""

    sockets: Sockets
    plugs: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Place:
    """A socket that can take a mod: of which piece, and what makes it a good one (the larger, the better)."""

    piece: int
    socket: int
    value: tuple[bool, bool, int, int]


def fit(mods: Sequence[int], pieces: Sequence[Piece], definitions: Definitions) -> tuple[list[Piece], tuple[int, ...]]:
    """Return the pieces with the mods in their sockets, and the mods that fit nowhere.

    Mods for the fewest sockets come first, of those the most expensive. The plugs that a piece has already stay.
    """
    filled, left_out = list(pieces), []
    options = [one.options for piece in pieces for one in piece.sockets.choices]

    def order(mod: int) -> tuple[int, int]:
        return sum(mod in some for some in options), -_cost(mod, definitions)

    for mod in sorted(mods, key=order):
        place = max(_places(mod, filled, definitions), key=lambda one: one.value, default=None)
        if place is None:
            left_out.append(mod)
        else:
            piece = filled[place.piece]
            filled[place.piece] = replace(piece, plugs={**piece.plugs, place.socket: mod})
    return filled, tuple(left_out)


def _places(mod: int, pieces: Sequence[Piece], definitions: Definitions) -> Iterator[_Place]:
    """Yield the free sockets for a mod: best where it is now, then where it replaces little and leaves much energy."""
    for number, piece in enumerate(pieces):
        has = piece.sockets
        for socket in has.choices:
            if mod not in socket.options or socket.place in piece.plugs:
                continue
            energy = energy_of(has.capacity, has.plugs, {**piece.plugs, socket.place: mod}, definitions)
            if energy is None or not energy.is_exceeded:
                left = energy.capacity - energy.used if energy else 0
                value = (socket.plug == mod, energy is not None, -_cost(socket.plug, definitions), left)
                yield _Place(number, socket.place, value)


def _cost(plug: int, definitions: Definitions) -> int:
    return definitions[plug].energy_cost if plug in definitions else 0


def with_mods(
    build: Build, found: list[Found], worn: Sequence[Item], manifest: Manifest
) -> tuple[list[Found], tuple[int, ...]]:
    """Put a loadout's mods into its armor, and for slots for which it has none into what the guardian wears.

    Return the items of the loadout, then those worn that get a mod; and the mods that fit nowhere. Four statements at
    most.
    """
    if not build.mods:
        return found, ()
    slots = {key: one.bucket_hash for key, one in manifest.items({one.wanted.hash for one in found}).items()}
    taken = {slots.get(one.wanted.hash) for one in found if _is_put_on(one)}
    kept = (one for one in worn if one.bucket_hash in ARMOR and one.bucket_hash not in taken)
    together = [*found, *(Found(BuildItem(one.item_hash, one.instance_id), one, Match.ITSELF) for one in kept)]
    armor = [
        place
        for place, one in enumerate(together)
        if place >= len(found) or (_is_put_on(one) and slots.get(one.wanted.hash) in ARMOR)
    ]
    filled, left_out = _fitted(build.mods, [together[place] for place in armor], manifest)
    for place, piece in zip(armor, filled, strict=True):
        together[place] = replace(together[place], wanted=replace(together[place].wanted, plugs=piece.plugs))
    return [one for place, one in enumerate(together) if place < len(found) or one.wanted.plugs], left_out


def _is_put_on(found: Found) -> bool:
    return found.item is not None and found.wanted.is_worn


def _fitted(mods: Sequence[int], armor: Sequence[Found], manifest: Manifest) -> tuple[list[Piece], tuple[int, ...]]:
    items = [one.item for one in armor if one.item is not None]
    sockets = sockets_of(manifest, items)
    pieces = [
        Piece(sockets.get(item.instance_id or 0, NO_SOCKETS), one.wanted.plugs)
        for item, one in zip(items, armor, strict=True)
    ]
    plugs = {plug for one in pieces for plug in (*one.sockets.plugs, *one.plugs.values()) if plug}
    return fit(mods, pieces, manifest.items(plugs | set(mods)))
