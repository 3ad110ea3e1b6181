"""A guild with its master, an officer and a raider; an outsider stands beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from guilds.models import Guild
from permissions.models import PermissionSet
from permissions.rules import Rights
from tests.pages.guild_hall import member, night_watch

MASTER, OFFICER, RAIDER = 0, 1, 5


@pytest.fixture
def guild(db: None) -> Guild:
    return night_watch()


@pytest.fixture
def seated(guild: Guild, people: Callable[[str], User]) -> Callable[..., User]:
    """A person with a character of this rank in the guild."""

    def sit(name: str, rank: int, **fields: Any) -> User:
        person = people(name)
        member(guild, name.capitalize(), rank, user=person, **fields)
        return person

    return sit


@pytest.fixture
def master(seated: Callable[..., User]) -> User:
    return seated("master", MASTER)


@pytest.fixture
def officer(seated: Callable[..., User]) -> User:
    return seated("officer", OFFICER)


@pytest.fixture
def raider(seated: Callable[..., User]) -> User:
    return seated("raider", RAIDER)


@pytest.fixture
def outsider(people: Callable[[str], User]) -> User:
    return people("outsider")


@pytest.fixture
def let(guild: Guild) -> Callable[..., PermissionSet]:
    """Give a rank a set of its own with these rights, besides reading."""

    def give(rank: int, *rights: str, view: bool = True) -> PermissionSet:
        made = PermissionSet(guild=guild, name=f"Of rank {rank}")
        made.rights = Rights({"guilds.view"} if view else ()) | {f"guilds.{right}" for right in rights}
        made.save()
        guild.ranks.filter(rank_level=rank).update(permission_set=made)
        return made

    return give


def fresh(user: User) -> User:
    """The same person in their next request."""
    return User.objects.get(pk=user.pk)


def may(user: User, right: str, guild: Guild) -> bool:
    """What a page would hear in the person's next request."""
    return fresh(user).has_perm(f"guilds.{right}", guild)
