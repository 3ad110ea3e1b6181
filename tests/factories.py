"""Rows for tests: realms, guilds, characters, members, tokens and jobs.

Realms and game data are looked up once in each test: `forget_rows` starts over.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import BattlenetToken, User
from characters.models import Character, PlayableClass, Realm, Role, Specialization
from guilds.models import Guild, Membership
from sync.models import BlizzardJob

ROSTER = "/guilds/eu/tarren-mill/night-watch/roster/"
OVERVIEW = "/guilds/eu/tarren-mill/night-watch/"


@cache
def realm(slug: str = "tarren-mill", name: str = "Tarren Mill", region: str = "eu") -> Realm:
    """Return the realm with this slug, created if it does not exist."""
    return Realm.objects.get_or_create(
        region=region, slug=slug, defaults={"id": 500 + Realm.objects.count(), "name": name}
    )[0]


@cache
def game_data() -> None:
    """Create two classes with a specialization each."""
    for class_id, name, spec_id, spec, role in (
        (1, "Warrior", 73, "Protection", "TANK"),
        (8, "Mage", 64, "Frost", "DAMAGE"),
    ):
        PlayableClass.objects.get_or_create(id=class_id, defaults={"name": name})
        Specialization.objects.get_or_create(
            id=spec_id, defaults={"name": spec, "playable_class_id": class_id, "role": role}
        )


def forget_rows() -> None:
    """Forget the realms and the game data of the test before, whose rows are gone."""
    realm.cache_clear()
    game_data.cache_clear()


def night_watch(**fields: Any) -> Guild:
    """Create the guild Night Watch, whose ranks 0 and 1 have names."""
    game_data()
    known: dict[str, Any] = {
        "blizzard_id": 1,
        "name": "Night Watch",
        "slug": "night-watch",
        "region": "eu",
        "faction": "HORDE",
    }
    guild = Guild.objects.create(**{**known, "realm": realm(), **fields})
    for level, name in enumerate(("Commander", "Officer")):
        guild.ranks.filter(rank_level=level).update(rank_name=name)
    return guild


def character(name: str, **fields: Any) -> Character:
    """Create a character, by default a Frost Mage of level 80."""
    game_data()
    known: dict[str, Any] = {
        "blizzard_id": 1 + Character.objects.count(),
        "region": "eu",
        "level": 80,
        "playable_class_id": 8,
        "active_spec_id": 64,
        "role": Role.DAMAGE,
        "equipped_item_level": 600,
    }
    if fields.get("user") is not None:
        # The account has just been read, and the character is on it.
        known |= {
            "owner_confirmed_at": timezone.now(),
            "account_blizzard_id": fields.get("blizzard_id", known["blizzard_id"]),
        }
    return Character.objects.create(name=name, **{**known, "realm": fields.pop("realm", None) or realm(), **fields})


def place(who: Character, guild: Guild, rank: int = 5, **fields: Any) -> Membership:
    """Make a character a member of a guild, with a rank that is some days old."""
    known = {"roster_blizzard_id": who.blizzard_id, "rank_since": timezone.now() - timedelta(days=3)}
    return Membership.objects.create(character=who, guild=guild, rank=rank, **{**known, **fields})


def member(guild: Guild, name: str, rank: int = 5, *, main: bool = False, **fields: Any) -> Membership:
    """Create a character that is a member of the guild."""
    who = character(name, **fields)
    return place(who, guild, rank, main_of=who.user if main else None)


def hand_over(characters: "QuerySet[Character]", owner: User | None) -> None:
    """Link these characters to an owner, or unlink them, as if the account had just been read."""
    now = timezone.now() if owner else None
    characters.update(user=owner, owner_confirmed_at=now, account_blizzard_id=F("blizzard_id") if owner else None)


def let_rosters_settle(guild: Guild, **since: float) -> None:
    """Make all ranks of a guild some days old."""
    Membership.objects.filter(guild=guild).update(rank_since=timezone.now() - timedelta(**since or {"days": 3}))


def add_members(guild: Guild, count: int, owner: User | None = None) -> None:
    """Create `count` more members."""
    at, first = realm(), Character.objects.count()
    characters = Character.objects.bulk_create(
        Character(
            blizzard_id=first + number,
            name=f"Soldier{first + number:04d}",
            region="eu",
            realm=at,
            level=number % 80 + 1,
            playable_class_id=8,
            active_spec_id=64,
            role=Role.DAMAGE,
            equipped_item_level=500 + number % 7,
            user=owner,
            owner_confirmed_at=timezone.now() if owner else None,
            account_blizzard_id=first + number if owner else None,
        )
        for number in range(count)
    )
    Membership.objects.bulk_create(
        Membership(
            character=one,
            guild=guild,
            rank=5 + number % 4,
            roster_blizzard_id=one.blizzard_id,
            rank_since=timezone.now() - timedelta(days=3),
        )
        for number, one in enumerate(characters)
    )


def token(user: User, **fields: Any) -> BattlenetToken:
    """Create a Battle.net token, valid by default."""
    known: dict[str, Any] = {
        "access_token": "secret",
        "expires_at": timezone.now() + timedelta(hours=20),
        "scopes": ["openid", "wow.profile"],
    }
    return BattlenetToken.objects.create(user=user, **{**known, **fields})


def make_job(subject: User | Character | Guild, state: str = "RESTING", **fields: Any) -> BlizzardJob:
    """Create the job of a character, a guild, or a user's account in Europe."""
    names = {User: "user", Character: "character", Guild: "guild"}
    kind = {"user": "account", "character": "profile", "guild": "roster"}[names[type(subject)]]
    succeeded: datetime | None = timezone.now() - timedelta(minutes=5)
    if kind == "account":
        fields = {"region": "eu", **fields}
    known: dict[str, Any] = {"kind": kind, "state": state, "succeeded_at": succeeded, names[type(subject)]: subject}
    if state == "RUNNING":
        known["claimed_until"] = timezone.now() + timedelta(minutes=1)
    job = BlizzardJob.objects.create(**{**known, **fields})
    if isinstance(subject, Guild):
        subject.roster_checked_at = job.succeeded_at
        subject.save(update_fields=["roster_checked_at"])
    return job
