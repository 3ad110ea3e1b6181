"""Registry of the personal data that each app stores: in words, for the export, and for the deletion.

An app registers its section when it is ready. `accounts` knows no other app, so the sections also say how to lock and
erase: from the top of the layers to the bottom, which is the order in which the syncs lock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accounts.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class OnDeletion(StrEnum):
    """The effect of deleting an account on a column that holds personal data."""

    DELETED = "row deleted"
    CLEARED = "cleared, row kept"


@dataclass(frozen=True, slots=True)
class Retention:
    """A line of the retention table: for the page *Your data* and docs/privacy.md."""

    what: "str | StrPromise"
    why: "str | StrPromise"
    how_long: "str | StrPromise"


def _nothing(person: User) -> None:
    """For sections without locks of their own."""


@dataclass(frozen=True, slots=True)
class Section:
    """The personal data of one app."""

    name: str
    title: "str | StrPromise"
    retention: tuple[Retention, ...]
    # "app.Model.column" of each column with personal data; references to User must all be here.
    columns: Mapping[str, OnDeletion]
    # Parts of the JSON file, by their name there.
    export: Callable[[User], dict[str, Any]]
    # Roughly how many rows `export` reads.
    count: Callable[[User], int]
    # Both run in one transaction: all locks first, then all erasures.
    erase: Callable[[User], None]
    lock: Callable[[User], None] = _nothing


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Add an app's section."""
    _sections[section.name] = section


def sections() -> list[Section]:
    """Return all sections, those of the lowest layer first."""
    return list(_sections.values())
