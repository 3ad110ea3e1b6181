"""Changes that a request made in the database."""

from collections.abc import Callable
from typing import TypeVar

from accounts.models import BattlenetToken, BrowserSession
from api.models import ApiToken
from characters.models import Character
from guilds.models import (
    Guild,
    Leave,
    Membership,
    OfficerNote,
    ReinviteFlag,
    RosterRule,
    RosterView,
    TimelineEvent,
    TimelineFeed,
    TodoItem,
)
from permissions.models import Grant, PermissionSet, Rank
from sync.models import BlizzardJob
from tests.snapshot import rows_written

T = TypeVar("T")


def contents_after(request: Callable[[], T], before: str) -> tuple[T, str]:
    """Return the request's result and the content after it; `before` where PostgreSQL has counted no written row."""
    written = rows_written()
    result = request()
    return result, before if rows_written() == written else contents()


def contents() -> str:
    """Return all that members of a guild can change, as one text to be compared."""
    kinds = (
        *(Guild, Membership, Character, OfficerNote, TodoItem, RosterRule, Leave, ReinviteFlag),
        *(PermissionSet, Rank, Grant, TimelineEvent, TimelineFeed, RosterView, ApiToken, BlizzardJob),
    )
    rows = [list(kind._default_manager.order_by("pk").values_list()) for kind in kinds]
    ranks = list(
        Guild.objects.order_by("pk", "ranks__rank_level").values_list("ranks__rank_name", "ranks__permission_set")
    )
    sessions = list(BrowserSession.objects.filter(user__battlenet_id__gte=900).order_by("pk").values_list("pk"))
    return repr([rows, ranks, sessions, BattlenetToken.objects.count()])
