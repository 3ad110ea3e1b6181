"""Night Watch without its people, who take their ranks when a test asks for them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from guilds.models import Guild
from permissions.models import Grant, PermissionSet
from permissions.rules import Rights
from tests.factories import member
from tests.personas import Personas

MASTER, OFFICER, RAIDER = 0, 1, 5
RANKS = "/guilds/eu/tarren-mill/night-watch/ranks/"
OFFICERS_RIGHTS = frozenset({"guilds.view", "guilds.manage_ranks", "guilds.manage_roster", "guilds.refresh"})


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
    return seated("Mara", MASTER)


@pytest.fixture
def officer(seated: Callable[..., User]) -> User:
    return seated("Olga", OFFICER)


@pytest.fixture
def raider(seated: Callable[..., User]) -> User:
    return seated("Rolf", RAIDER)


@pytest.fixture
def outsider(people: Callable[[str], User]) -> User:
    return people("Nils")


@pytest.fixture
def personas(guild: Guild, people: Callable[[str], User]) -> Personas:
    return personas_with_ranks(guild, people)


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


def make_set(guild: Guild, name: str, rights: frozenset[str]) -> PermissionSet:
    made = PermissionSet(guild=guild, name=name)
    made.rights = rights
    made.save()
    return made


def grant(guild: Guild, user: User, *rights: str, days: int = 7, by: User | None = None) -> Grant:
    made = Grant(
        guild=guild,
        user=user,
        reason="for the raid week",
        expires_at=timezone.now() + timedelta(days=days),
        granted_by=by,
    )
    made.rights = frozenset(rights)
    made.save()
    return made


def personas_with_ranks(guild: Guild, people: Callable[[str], User]) -> Personas:
    """Personas for the pages about ranks: Olga manages ranks, and Rolf's alt (rank 4) outranks his main (7).

    Otto leads another guild. Two characters of rank 4 have owners who never signed in.
    """
    personas = Personas(guild, people)
    personas.join(["Mara", "Olga"])
    member(guild, "Rolfalt", rank=4, user=people("Rolf"))
    member(guild, "Rolfne", rank=7, user=people("Rolf"), main=True)
    for name in ("Nobodyone", "Nobodytwo"):
        member(guild, name, rank=4)
    officers = make_set(guild, "Officers", OFFICERS_RIGHTS)
    guild.ranks.filter(rank_level=OFFICER).update(permission_set=officers)
    guild.ranks.filter(rank_level=4).update(rank_name="Raider")
    assert personas.other_guild
    return personas
