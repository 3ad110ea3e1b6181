"""The people of a guild whose ranks are looked at and changed, and their browsers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from guilds.models import Guild
from permissions.models import Grant, PermissionSet
from tests.pages.guild_hall import member, night_watch, realm

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
RANKS = "/guilds/eu/tarren-mill/night-watch/ranks/"
OFFICERS_RIGHTS = frozenset({"guilds.view", "guilds.manage_ranks", "guilds.manage_roster", "guilds.refresh"})


@dataclass(frozen=True)
class Cast:
    """Mara is guild master, Olga an officer of rank 1 who manages ranks, Rudi a raider, Otto leads another guild.

    Two characters of rank 4, Rudi's rank, belong to people whom the site does not know.
    """

    guild: Guild
    mara: User
    olga: User
    rudi: User
    otto: User
    other: Guild

    def set(self, name: str, guild: Guild | None = None) -> PermissionSet:
        return (guild or self.guild).permission_sets.get(name=name)

    def set_at(self, level: int) -> str:
        return self.guild.ranks.get(rank_level=level).permission_set.name

    def rights_at(self, level: int) -> frozenset[str]:
        return self.guild.ranks.get(rank_level=level).permission_set.rights


def cast_of(people: Callable[[str], User]) -> Cast:
    guild = night_watch()
    mara, olga, rudi, otto = (people(name) for name in ("Mara", "Olga", "Rudi", "Otto"))
    member(guild, "Marabel", rank=0, user=mara, main=True)
    member(guild, "Olgana", rank=1, user=olga, main=True)
    member(guild, "Rualt", rank=4, user=rudi)
    member(guild, "Rudiger", rank=7, user=rudi, main=True)
    for name in ("Nobodyone", "Nobodytwo"):
        member(guild, name, rank=4)
    officers = make_set(guild, "Officers", OFFICERS_RIGHTS)
    guild.ranks.filter(rank_level=1).update(permission_set=officers)
    guild.ranks.filter(rank_level=4).update(rank_name="Raider")
    other = night_watch(name="Other", slug="other", blizzard_id=2, realm=realm("kazzak", "Kazzak"))
    member(other, "Ottonian", rank=0, user=otto, main=True)
    return Cast(guild, mara, olga, rudi, otto, other)


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


def browser(user: User) -> Client:
    """Somebody's signed-in browser."""
    client = Client()
    client.force_login(user, BACKEND)
    return client


class _Fields(HTMLParser):
    """What a browser would send with the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self.offered: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        name, value = known.get("name") or "", known.get("value") or ""
        if tag == "select":
            self._select = name
            self.found.setdefault(name, "")
        if tag == "option":
            if "disabled" not in known:
                self.offered.setdefault(self._select, []).append(value)
            if "selected" in known:
                self.found[self._select] = value
        if tag != "input" or not name or "disabled" in known:
            return
        if known.get("type") == "checkbox":
            self.offered.setdefault(name, []).append(value)
            if "checked" in known:
                self.found.setdefault(name, []).append(value)
        elif name == "initial-rights":
            self.found.setdefault(name, []).append(value)
        else:
            self.found[name] = value


def fields(response: Any) -> dict[str, Any]:
    """The fields on a page that a browser would send, as they are filled in."""
    parser = _Fields()
    parser.feed(response.content.decode())
    return {name: value for name, value in parser.found.items() if name != "csrfmiddlewaretoken"}


def offered(response: Any) -> dict[str, list[str]]:
    """What can be chosen in each list and each group of boxes of a page."""
    parser = _Fields()
    parser.feed(response.content.decode())
    return parser.offered


def words(response: Any) -> str:
    """A page's text as it is read, without tags."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).split())
