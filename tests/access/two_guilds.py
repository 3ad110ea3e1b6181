"""Two guilds, each with one row of everything that an address can name, and a browser for each viewer."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import BrowserSession, DataExport, User
from accounts.reauthentication import mark_reauthenticated
from api.models import ApiToken
from characters.models import Picture
from guilds.former_members.services import remember
from guilds.models import (
    FormerMember,
    Guild,
    Leave,
    Membership,
    OfficerNote,
    ReinviteFlag,
    RosterRule,
    RosterView,
    TimelineEvent,
    TodoItem,
)
from permissions.models import Grant, PermissionSet
from tests.access.viewers import BY_FLAG, EVERYTHING, VIEWERS, Viewer
from tests.factories import make_job, member, night_watch, realm, token
from tests.personas import browser_of

NEW_YEAR = date(2026, 1, 1)


@dataclass(frozen=True)
class TwoGuilds:
    """The guild in which the viewers have their roles, another guild, and the viewers' browsers by title."""

    guild: Guild
    other: Guild
    browsers: dict[str, Client]
    # What addresses name, by guild.
    rows: dict[Guild, dict[str, Any]]


def make_two_guilds() -> TwoGuilds:
    """Make both guilds. The demoted officer and the leaver are still officers when they sign in."""
    guild = night_watch(grace_hours=48)
    other = night_watch(name="Other", slug="other", blizzard_id=2, realm=realm("kazzak", "Kazzak"))
    for one in (guild, other):
        make_job(one)
    browsers: dict[str, Client] = {}
    _set_rights(guild, 8, EVERYTHING)
    for number, viewer in enumerate(VIEWERS):
        browsers[viewer.title] = Client()
        if viewer.is_signed_in:
            person = User.objects.create_user(100 + number, f"{viewer.title}#100")
            _join(guild, other, viewer, person, number)
            browsers[viewer.title] = browser_of(person)
            session = browsers[viewer.title].session
            mark_reauthenticated(session)
            session.save()
    _demote_and_leave(guild)
    return TwoGuilds(guild, other, browsers, {one: _one_row_of_each(one) for one in (guild, other)})


def _join(guild: Guild, other: Guild, viewer: Viewer, person: User, number: int) -> None:
    if viewer.is_site_admin:
        User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    if viewer.is_officer_elsewhere:
        member(other, "Elsewhere", rank=0, user=person)
    if viewer in BY_FLAG:
        rank = 1 + BY_FLAG.index(viewer)
        _set_rights(guild, rank, viewer.rights)
        member(guild, f"Flag{number}", rank=rank, user=person)
    elif viewer.title == "guild master":
        member(guild, "Master", rank=0, user=person)
    elif viewer.title in ("demoted officer, session open", "leaver in grace"):
        member(guild, viewer.title.split()[0].capitalize(), rank=8, user=person)
    elif viewer.title == "linked, id not yet in the roster":
        # Has every permission once the roster shows this id.
        waiting = member(guild, "Waiting", rank=8, user=person)
        Membership.objects.filter(pk=waiting.pk).update(roster_blizzard_id=1_000_000 + number)
    elif viewer.title == "link older than the bound":
        member(guild, "Longago", rank=8, user=person, owner_confirmed_at=timezone.now() - timedelta(days=31))
    elif viewer.is_member:
        member(guild, f"Member{number}", rank=9, user=person)
    if viewer.title == "expired grant":
        _grant(guild, person, timezone.now() - timedelta(seconds=1))


def _demote_and_leave(guild: Guild) -> None:
    """Write what the sync writes when a roster shows a demotion and a departure."""
    Membership.objects.filter(character__name="Demoted").update(rank=9)
    left = Membership.objects.select_related("character").get(character__name="Leaver")
    remember({FormerMember.Reason.LEFT: [left]}, now=timezone.now())
    left.delete()


def _set_rights(guild: Guild, rank: int, rights: frozenset[str]) -> None:
    made = PermissionSet.objects.create(guild=guild, name=f"Of rank {rank}", rights=rights)
    guild.ranks.filter(rank_level=rank).update(permission_set=made)


def _grant(guild: Guild, person: User, expires_at: Any, rights: frozenset[str] = EVERYTHING) -> Grant:
    return Grant.objects.create(guild=guild, user=person, rights=rights, reason="Raid week", expires_at=expires_at)


def _one_row_of_each(guild: Guild) -> dict[str, Any]:
    """Make one row of everything that an address can name. None belongs to a viewer."""
    stranger = member(guild, "Stranger", rank=9, realm=guild.realm)
    Membership.objects.filter(pk=stranger.pk).update(joined_seen_at=timezone.now() - timedelta(days=400))
    holder = User.objects.create_user(900 + guild.blizzard_id, f"Holder{guild.slug}#4711")
    held = member(guild, "Held", rank=9, user=holder, realm=guild.realm)
    token(holder)
    # Nobody can change a set, or end a grant, with more permissions than their own.
    unused = PermissionSet.objects.create(guild=guild, name="Unused")
    event = TimelineEvent.objects.create(
        guild=guild, kind=TimelineEvent.Kind.JOINED, happened_at=timezone.now(), character=stranger.character
    )
    gone = member(guild, "Gone", rank=9, realm=guild.realm)
    remember({FormerMember.Reason.LEFT: [gone]}, now=timezone.now())
    former = FormerMember.objects.get(guild=guild, character=gone.character)
    gone.delete()
    flag = ReinviteFlag.objects.create(guild=guild, name="Else", realm=guild.realm, blizzard_id=77, reason="Loot")
    return {
        "guild": guild,
        "former": former,
        "flag": flag,
        "membership": stranger,
        "character": stranger.character,
        "holder": holder,
        "held": held,
        "set": unused,
        "rank": guild.ranks.get(rank_level=9),
        "grant": _grant(guild, holder, timezone.now() + timedelta(days=2), frozenset({"guilds.manage_ranks"})),
        "view": RosterView.objects.create(guild=guild, name="Shared", is_shared=True),
        "note": OfficerNote.objects.create(guild=guild, about_character=stranger.character, text="Secret"),
        "event": event,
        "todo_item": TodoItem.objects.create(
            guild=guild,
            character=held.character,
            kind="REMOVE",
            from_rank=9,
            expires_at=timezone.now() + timedelta(days=2),
        ),
        "rule": RosterRule.objects.create(
            guild=guild, name="Tenure", action="WARN", measure="IN_GUILD", days=1, per_player=False, ranks=[9]
        ),
        "picture": Picture.objects.create(character=stranger.character, content=b"", content_type="image/png"),
        "leave": Leave.objects.create(guild=guild, character=held.character, starts_on=NEW_YEAR, ends_on=NEW_YEAR),
        "session": _session_of(holder),
        "export": DataExport.objects.create(user=holder, document="{}", ready_at=timezone.now()),
        "token": ApiToken.objects.create(
            person=holder, name="Sheet", token_hash=guild.slug, expires_at=timezone.now() + timedelta(days=2)
        ),
        "entry": make_job(stranger.character, state="FAILED", error_kind="bad_payload"),
    }


def _session_of(person: User) -> BrowserSession:
    browser_of(person)
    return BrowserSession.objects.get(user=person)
