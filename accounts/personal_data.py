"""Registry of the personal data that each app stores: its retention, its export and its deletion.

Each app registers a section in `AppConfig.ready`. Deletion goes from the top layer to the bottom, which is also the
order in which the syncs take locks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from accounts.models import User


class OnDeletion(StrEnum):
    """The effect of deleting an account on a column with personal data."""

    DELETED = "row deleted"
    CLEARED = "cleared, row kept"


@dataclass(frozen=True, slots=True)
class Retention:
    """A line of the retention table on the page *Your data* and in docs/privacy.md."""

    what: str | Promise
    why: str | Promise
    how_long: str | Promise


@dataclass(frozen=True, slots=True)
class Section:
    """The personal data of one app."""

    name: str
    title: str | Promise
    retention: tuple[Retention, ...]
    # "app.Model.column" of each column with personal data, including every reference to User.
    columns: Mapping[str, OnDeletion]
    # Top-level keys of the JSON file and their content.
    export: Callable[[User], dict[str, Any]]
    # The approximate number of rows that `export` reads.
    count: Callable[[User], int]
    # Both run in one transaction: all locks first, then all erasures.
    erase: Callable[[User], None]
    lock: Callable[[User], None] = lambda person: None
    # Whether the page *Your data* has it. Exports and deletions always do, also after a game was switched off.
    is_shown: Callable[[], bool] = lambda: True


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Register an app's section."""
    _sections[section.name] = section


def sections() -> list[Section]:
    """Return all sections, those of the lowest layer first."""
    return list(_sections.values())
