"""The people of the tests. Whoever has one of these names has the same role in every test.

Mara   guild master of Night Watch (rank 0)
Olga   officer (rank 1) with every permission
Otis   officer (rank 2) without a permission of his own
Rolf   raider (rank 5)
Nils   outsider: signed in, in no guild
Otto   guild master of another guild
Ada    site admin

Everybody's main is named after them: Mara's is Marane. A visitor has no name.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.test import Client

from accounts.models import User
from accounts.reauthentication import mark_reauthenticated
from guilds.models import Guild
from permissions.models import PermissionSet
from tests.factories import member, night_watch, realm

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
MEMBERS = {"Mara": 0, "Olga": 1, "Otis": 2, "Rolf": 5}


@dataclass
class Personas:
    """The guild Night Watch and the people around it."""

    guild: Guild
    person: Callable[[str], User]

    def __getitem__(self, name: str) -> User:
        return self.person(name)

    def join(self, names: Iterable[str] = MEMBERS) -> None:
        """Add these members, each with their main."""
        for name in names:
            member(self.guild, f"{name}ne", rank=MEMBERS[name], user=self[name], main=True)

    def browser(self, name: str, *, is_recently_authenticated: bool = True) -> Client:
        """Return the person's browser; "" is a visitor's."""
        client = browser_of(self[name]) if name else Client()
        if name and is_recently_authenticated:
            session = client.session
            mark_reauthenticated(session)
            session.save()
        return client

    def give_rights(self, rank: int, *rights: str) -> PermissionSet:
        """Let a rank do this and nothing else, by a permission set of its own."""
        chosen, _ = PermissionSet.objects.get_or_create(guild=self.guild, name=f"Set of {rank}")
        chosen.rights = frozenset(rights)
        chosen.save()
        self.guild.ranks.filter(rank_level=rank).update(permission_set=chosen)
        return chosen

    @cached_property
    def other_guild(self) -> Guild:
        """Otto's guild, made when a test first needs it."""
        guild = night_watch(name="Other", slug="other", blizzard_id=2, realm=realm("kazzak", "Kazzak"))
        member(guild, "Ottone", rank=0, user=self["Otto"], main=True)
        return guild

    def set(self, name: str) -> PermissionSet:
        """Return the guild's permission set of this name."""
        return self.guild.permission_sets.get(name=name)

    def set_of_rank(self, rank: int) -> PermissionSet:
        """Return the permission set that a rank has."""
        return self.guild.ranks.get(rank_level=rank).permission_set


def browser_of(user: User) -> Client:
    """Return a browser in which the user is signed in."""
    client = Client()
    client.force_login(user, BACKEND)
    return client
