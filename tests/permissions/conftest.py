"""Fixtures for rights: members of Night Watch, each with a rank, and permission sets."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from guilds.former_members.services import remember
from guilds.models import FormerMember, Guild, Membership
from permissions.models import Grant, PermissionSet
from permissions.rights import Rights
from tests.factories import member
from tests.personas import Personas

MASTER, OFFICER, RAIDER = 0, 1, 5
RANKS = "/guilds/eu/tarren-mill/night-watch/ranks/"
OFFICERS_RIGHTS = frozenset({"guilds.view", "guilds.manage_ranks", "guilds.manage_roster", "guilds.refresh"})


@pytest.fixture
def join(guild: Guild, people: Callable[[str], User]) -> Callable[..., User]:
    """Add a member: a person with a character of this rank."""

    def add(name: str, rank: int, **fields: Any) -> User:
        person = people(name)
        member(guild, name.capitalize(), rank, user=person, **fields)
        return person

    return add


@pytest.fixture
def master(join: Callable[..., User]) -> User:
    return join("Mara", MASTER)


@pytest.fixture
def officer(join: Callable[..., User]) -> User:
    return join("Olga", OFFICER)


@pytest.fixture
def raider(join: Callable[..., User]) -> User:
    return join("Rolf", RAIDER)


@pytest.fixture
def outsider(people: Callable[[str], User]) -> User:
    return people("Nils")


@pytest.fixture
def personas(guild: Guild, people: Callable[[str], User]) -> Personas:
    return personas_with_ranks(guild, people)


@pytest.fixture
def give_rights(guild: Guild) -> Callable[..., PermissionSet]:
    """Give a rank a permission set of its own with these rights, besides viewing."""

    def give(rank: int, *rights: str, view: bool = True) -> PermissionSet:
        given = Rights({"guilds.view"} if view else ()) | {f"guilds.{right}" for right in rights}
        made = make_set(guild, f"Of rank {rank}", given)
        guild.ranks.filter(rank_level=rank).update(permission_set=made)
        return made

    return give


def fresh(user: User) -> User:
    """Return the person as their next request loads them."""
    return User.objects.get(pk=user.pk)


def has_right(user: User, right: str, guild: Guild) -> bool:
    """Return what `has_perm` answers in the person's next request."""
    return fresh(user).has_perm(f"guilds.{right}", guild)


def leave(*places: Membership, hours_ago: float = 0) -> None:
    """Remove characters from the roster as a sync does."""
    remember({FormerMember.Reason.LEFT: places}, now=timezone.now() - timedelta(hours=hours_ago))
    for place in places:
        place.delete()


def make_set(guild: Guild, name: str, rights: frozenset[str]) -> PermissionSet:
    return PermissionSet.objects.create(guild=guild, name=name, rights=rights)


def grant(guild: Guild, user: User, *rights: str, days: int = 7, by: User | None = None) -> Grant:
    return Grant.objects.create(
        guild=guild,
        user=user,
        rights=rights,
        reason="for the raid week",
        expires_at=timezone.now() + timedelta(days=days),
        granted_by=by,
    )


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
