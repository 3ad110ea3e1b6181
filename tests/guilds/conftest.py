"""A guild and the people around it, each with a browser of their own."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.models import User
from accounts.reauthentication import mark_reauthenticated
from guilds.models import Guild
from permissions.models import EVERY_RIGHT, PermissionSet
from tests.pages.guild_hall import ledger, member, night_watch

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PEOPLE = {"Mara": 0, "Olga": 1, "Otis": 2, "Rolf": 5, "Nils": None}


@dataclass(frozen=True)
class Hall:
    """The guild: Mara is its master, Olga an officer with every right, Otis one without, Rolf a raider, Nils nobody."""

    guild: Guild
    people: dict[str, User]

    def browser(self, name: str, *, is_recently_authenticated: bool = True) -> Client:
        """The person's browser; "" is a visitor's."""
        client = Client()
        if name:
            client.force_login(self.people[name], BACKEND)
        if name and is_recently_authenticated:
            session = client.session
            mark_reauthenticated(session)
            session.save()
        return client

    def give(self, level: int, *rights: str) -> None:
        """Let a rank do this and nothing else."""
        chosen, _ = PermissionSet.objects.get_or_create(guild=self.guild, name=f"Set of {level}")
        chosen.rights = frozenset(rights)
        chosen.save()
        self.guild.ranks.filter(rank_level=level).update(permission_set=chosen)


@pytest.fixture
def hall(db: None, people: Callable[[str], User]) -> Hall:
    guild = night_watch()
    ledger(guild)
    for name, rank in PEOPLE.items():
        if rank is not None:
            member(guild, f"{name}ne", rank=rank, user=people(name), main=True)
    built = Hall(guild, {name: people(name) for name in PEOPLE})
    built.give(1, *EVERY_RIGHT)
    return built
