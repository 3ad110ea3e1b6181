"""Those for whom the table has a column, and the guild that they come to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import BattlenetToken, BrowserSession, DataExport, User
from accounts.reauthentication import mark_reauthenticated
from characters.models import Character
from guilds.models import Guild, Membership, OfficerNote, PlannedChange, TimelineEvent
from guilds.rights import OFFICERS_RIGHTS, RIGHTS
from permissions.models import Grant, PermissionSet, Rank
from sync.models import BlizzardJob
from tests.factories import make_job, member, night_watch, realm, token

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
T = TypeVar("T")
EVERYTHING = frozenset(RIGHTS)
READING = frozenset({"guilds.view"})


@dataclass(frozen=True)
class Somebody:
    """One column: what they may do in the guild, said by hand and not by the code under test."""

    title: str
    rights: frozenset[str] = frozenset()
    is_member: bool = False
    is_signed_in: bool = True
    is_site_admin: bool = False
    # In another guild.
    is_officer_elsewhere: bool = False

    @property
    def is_master(self) -> bool:
        """Whether they hold rank 0."""
        return self.title == "guild master"

    @property
    def is_officer(self) -> bool:
        """Whether they hold a right beyond reading."""
        return not self.rights.isdisjoint(OFFICERS_RIGHTS)

    def may(self, *rights: str) -> bool:
        """Whether they hold one of these."""
        return self.is_site_admin or not self.rights.isdisjoint(rights)


VISITOR = Somebody("not signed in", is_signed_in=False)
BY_FLAG = [
    Somebody(f"officer: {right.removeprefix('guilds.')} alone", frozenset({right}), is_member=True)
    for right in OFFICERS_RIGHTS
]
COLUMNS = (
    VISITOR,
    Somebody("outsider"),
    Somebody("officer of another guild", is_officer_elsewhere=True),
    Somebody("member (view alone)", READING, is_member=True),
    *BY_FLAG,
    Somebody("guild master", EVERYTHING, is_member=True),
    Somebody("demoted officer, session open", READING, is_member=True),
    Somebody("leaver in grace", READING),
    Somebody("expired grant", READING, is_member=True),
    Somebody("linked, id not yet in the roster", is_member=True),
    Somebody("link older than the bound", is_member=True),
    Somebody("site admin", is_site_admin=True),
)


@dataclass(frozen=True)
class House:
    """A guild with one of everything, another guild with one of everything, and a browser for each column."""

    guild: Guild
    other: Guild
    browsers: dict[str, Client]
    # By guild: what addresses name.
    things: dict[Guild, dict[str, Any]]


def build_house() -> House:
    """Everybody takes their place; the demoted one and the leaver were officers when they signed in."""
    guild = night_watch(grace_hours=48)
    other = night_watch(name="Other", slug="other", blizzard_id=2, realm=realm("kazzak", "Kazzak"))
    for one in (guild, other):
        make_job(one)
    browsers: dict[str, Client] = {}
    _give(guild, 8, EVERYTHING)
    for number, column in enumerate(COLUMNS):
        browsers[column.title] = Client()
        if column.is_signed_in:
            person = User.objects.create_user(100 + number, f"{column.title}#100")
            _seat(guild, other, column, person, number)
            browsers[column.title].force_login(person, BACKEND)
            session = browsers[column.title].session
            mark_reauthenticated(session)
            session.save()
    _fall(guild)
    return House(guild, other, browsers, {one: _one_of_each(one) for one in (guild, other)})


def _seat(guild: Guild, other: Guild, column: Somebody, person: User, number: int) -> None:
    if column.is_site_admin:
        User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    if column.is_officer_elsewhere:
        member(other, "Elsewhere", rank=0, user=person)
    if column in BY_FLAG:
        rank = 1 + BY_FLAG.index(column)
        _give(guild, rank, column.rights)
        member(guild, f"Flag{number}", rank=rank, user=person)
    elif column.title == "guild master":
        member(guild, "Master", rank=0, user=person)
    elif column.title in ("demoted officer, session open", "leaver in grace"):
        member(guild, column.title.split()[0].capitalize(), rank=8, user=person)
    elif column.title == "linked, id not yet in the roster":
        # With every right, but for the roster.
        waiting = member(guild, "Waiting", rank=8, user=person)
        Membership.objects.filter(pk=waiting.pk).update(roster_blizzard_id=1_000_000 + number)
    elif column.title == "link older than the bound":
        member(guild, "Longago", rank=8, user=person, owner_confirmed_at=timezone.now() - timedelta(days=31))
    elif column.is_member:
        member(guild, f"Member{number}", rank=9, user=person)
    if column.title == "expired grant":
        _grant(guild, person, timezone.now() - timedelta(seconds=1))


def _fall(guild: Guild) -> None:
    """What a roster writes when it shows a demotion and a departure."""
    Membership.objects.filter(character__name="Demoted").update(rank=9)
    left = Membership.objects.select_related("character").get(character__name="Leaver")
    TimelineEvent.objects.create(
        guild=guild,
        kind=TimelineEvent.Kind.LEFT,
        happened_at=timezone.now(),
        character=left.character,
        person_id=left.character.user_id,
        details={"rank": left.rank},
    )
    left.delete()


def _give(guild: Guild, rank: int, rights: frozenset[str]) -> None:
    made = PermissionSet(guild=guild, name=f"Of rank {rank}")
    made.rights = rights
    made.save()
    guild.ranks.filter(rank_level=rank).update(permission_set=made)


def _grant(guild: Guild, person: User, expires_at: Any, rights: frozenset[str] = EVERYTHING) -> Grant:
    grant = Grant(guild=guild, user=person, reason="Raid week", expires_at=expires_at)
    grant.rights = rights
    grant.save()
    return grant


def _one_of_each(guild: Guild) -> dict[str, Any]:
    """A row of everything that an address can name, none of it belonging to somebody of the table."""
    stranger = member(guild, "Stranger", rank=9, realm=guild.realm)
    holder = User.objects.create_user(900 + guild.blizzard_id, f"Holder{guild.slug}#4711")
    held = member(guild, "Held", rank=9, user=holder, realm=guild.realm)
    token(holder)
    # Nobody changes a set, or ends a grant, with more rights than their own.
    unused = PermissionSet.objects.create(guild=guild, name="Unused", can_view=False)
    event = TimelineEvent.objects.create(
        guild=guild, kind=TimelineEvent.Kind.JOINED, happened_at=timezone.now(), character=stranger.character
    )
    return {
        "guild": guild,
        "membership": stranger,
        "character": stranger.character,
        "holder": holder,
        "held": held,
        "set": unused,
        "rank": guild.ranks.get(rank_level=9),
        "grant": _grant(guild, holder, timezone.now() + timedelta(days=2), frozenset({"guilds.manage_ranks"})),
        "note": OfficerNote.objects.create(guild=guild, about_character=stranger.character, text="Secret"),
        "event": event,
        "planned": PlannedChange.objects.create(
            guild=guild,
            character=held.character,
            kind="REMOVE",
            from_rank=9,
            lapses_at=timezone.now() + timedelta(days=2),
        ),
        "session": _session_of(holder),
        "export": DataExport.objects.create(user=holder, document="{}", ready_at=timezone.now()),
        "entry": make_job(stranger.character, state="FAILED", error_kind="bad_payload"),
    }


def _session_of(person: User) -> BrowserSession:
    browser = Client()
    browser.force_login(person, BACKEND)
    return BrowserSession.objects.get(user=person)


def kept_after(request: Callable[[], T], before: str) -> tuple[T, str]:
    """Return the request's result, and `kept()` after it; `before` without a look where PostgreSQL counts no write."""
    written = rows_written()
    result = request()
    return result, before if rows_written() == written else kept()


def rows_written() -> int:
    """How many rows this transaction has inserted, updated and deleted so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0])


def kept() -> str:
    """All that a guild's people can change, as one text: equal before and after means that nothing was changed."""
    kinds = (
        *(Guild, Membership, Character, OfficerNote, PlannedChange),
        *(PermissionSet, Rank, Grant, TimelineEvent, BlizzardJob),
    )
    rows = [list(kind._default_manager.order_by("pk").values_list()) for kind in kinds]
    ranks = list(
        Guild.objects.order_by("pk", "ranks__rank_level").values_list("ranks__rank_name", "ranks__permission_set")
    )
    sessions = list(BrowserSession.objects.filter(user__battlenet_id__gte=900).order_by("pk").values_list("pk"))
    return repr([rows, ranks, sessions, BattlenetToken.objects.count()])
