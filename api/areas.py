"""Registry of what tokens can read: each app registers its area in `AppConfig.ready`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from accounts.models import User


def no_guilds(person: User) -> list[tuple[UUID, str]]:
    """Return nothing: the area is about the player alone."""
    return []


@dataclass(frozen=True, slots=True)
class Area:
    """The permissions of an app that reading can need, with their labels, and the guilds that they are about."""

    permissions: Mapping[str, str | Promise]
    # The ids and names of the guilds that a player can choose for a token.
    guilds: Callable[[User], list[tuple[UUID, str]]] = no_guilds
    is_shown: Callable[[], bool] = lambda: True

    @property
    def is_about_guilds(self) -> bool:
        return self.guilds is not no_guilds


_areas: dict[str, Area] = {}


def register(name: str, area: Area) -> None:
    """Register an app's area."""
    _areas[name] = area


def areas() -> list[Area]:
    """Return the areas that are switched on."""
    return [one for one in _areas.values() if one.is_shown()]
