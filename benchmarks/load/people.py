"""The signed-in players of a guild, and what a visit of each can open."""

import secrets
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from accounts.models import User
from accounts.reauthentication import mark_reauthenticated
from accounts.session_store import SessionStore
from characters.models import Character
from guilds.mains import recompute_mains
from guilds.models import Guild, Membership
from guilds.models.guild import GUILD_MASTER_RANK
from guilds.timeline.models import TimelineEvent
from guilds.timeline.services import new_event, record

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Players whose best rank is this or better manage the guild.
OFFICER_RANK = 2
WOW_ACCOUNT = 1
EVENTS = 500


@dataclass(frozen=True, slots=True)
class Player:
    """A signed-in player: the cookies of the browser, and whether they are an officer."""

    cookies: dict[str, str]
    is_officer: bool

    @property
    def csrf_token(self) -> str:
        return self.cookies[settings.CSRF_COOKIE_NAME]


def sign_in(guild: Guild, count: int) -> list[Player]:
    """Return so many signed-in players, officers among them, who own all members of the guild."""
    users = User.objects.bulk_create(
        [User(battlenet_id=10**9 + number, battletag=f"Player{number}#1") for number in range(count)]
    )
    ranks = _give_members(guild, users)
    recompute_mains(user_ids=[user.pk for user in users])
    officers = guild.ranks.get(rank_level=GUILD_MASTER_RANK).permission_set
    guild.ranks.filter(rank_level__lte=OFFICER_RANK).update(permission_set=officers)
    return [Player(_cookies(user), min(ranks[user]) <= OFFICER_RANK) for user in users]


def add_events(guild: Guild) -> None:
    """Give the timeline several pages, an event an hour."""
    now = timezone.now()
    members = guild.memberships.select_related("character")[:EVENTS]
    record(
        new_event(
            guild.pk,
            TimelineEvent.Kind.PROMOTED,
            happened_at=now - timedelta(hours=number),
            character=one.character,
            details={"before": one.rank + 1, "after": one.rank},
        )
        for number, one in enumerate(members)
    )


def _give_members(guild: Guild, users: list[User]) -> dict[User, list[int]]:
    """Give the members to the users in turn, best ranks first. Returns the ranks of each."""
    ranks: dict[User, list[int]] = defaultdict(list)
    owned, now = [], timezone.now()
    for user, member in zip(cycle(users), _by_rank(guild)):
        ranks[user].append(member.rank)
        character = member.character
        character.user, character.wow_account_id = user, WOW_ACCOUNT
        character.owner_confirmed_at, character.account_blizzard_id = now, member.roster_blizzard_id
        owned.append(character)
    fields = ["user", "wow_account_id", "owner_confirmed_at", "account_blizzard_id"]
    Character.objects.bulk_update(owned, fields, batch_size=1_000)
    return ranks


def _by_rank(guild: Guild) -> Iterator[Membership]:
    return guild.memberships.select_related("character").order_by("rank", "pk").iterator()


def _cookies(user: User) -> dict[str, str]:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    mark_reauthenticated(session)
    session.create()
    return {
        settings.SESSION_COOKIE_NAME: str(session.session_key),
        settings.CSRF_COOKIE_NAME: secrets.token_hex(16),
    }
