"""Components: the parts of Bungie's answers, each of which can come without data.

It can be private to the caller, switched off by Bungie, or simply missing, which says nothing about what there is.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sync.bungie.fields import as_id
from sync.engine.errors import PayloadError
from sync.engine.fields import LARGEST_MALFORMED_SHARE, MOST_ENTRIES, Json, as_object, part

T = TypeVar("T")

_PRIVATE = 2


class Shown(enum.StrEnum):
    """The presence of a component's data in a response, or the reason why it is missing."""

    YES = "shown"
    PRIVATE = "private"
    DISABLED = "disabled"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Component(Generic[T]):
    """A component of the answer; without data, `data` is an empty value."""

    data: T
    shown: Shown

    @property
    def has_data(self) -> bool:
        return self.shown is Shown.YES


def component(json: Json, key: str, parse: Callable[[Json], T], empty: T) -> Component[T]:
    """Return the component with this key."""
    raw = json.get(key)
    if raw is None:
        return Component(empty, Shown.MISSING)
    raw = as_object(raw, key)
    if raw.get("disabled"):
        return Component(empty, Shown.DISABLED)
    if raw.get("data") is None:
        return Component(empty, Shown.PRIVATE if raw.get("privacy") == _PRIVATE else Shown.MISSING)
    return Component(parse(part(raw, "data")), Shown.YES)


def by_id(json: Json, key: str, parse: Callable[[Json], T], *, most: int = MOST_ENTRIES) -> Component[Mapping[int, T]]:
    """Return a component whose data has a value for each id, such as that of a character."""
    nothing: Mapping[int, T] = {}
    return component(json, key, lambda data: entries_by_id(data, key, parse, most), nothing)


def entries_by_id(data: Json, key: str, parse: Callable[[Json], T], most: int = MOST_ENTRIES) -> Mapping[int, T]:
    """Parse each value of an object by id. Leaves malformed ones out; raises PayloadError when there are too many."""
    if len(data) > most:
        raise PayloadError(f"{key} has {len(data)} entries, more than {most}")
    found: dict[int, T] = {}
    malformed = 0
    for id_, one in data.items():
        try:
            found[as_id(id_, key)] = parse(as_object(one, f"{key}[]"))
        except PayloadError:
            malformed += 1
    if malformed > LARGEST_MALFORMED_SHARE * len(data):
        raise PayloadError(f"{malformed} of {len(data)} {key} are malformed")
    return found
