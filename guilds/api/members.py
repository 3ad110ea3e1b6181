"""A member, with ranks and item levels over time, and officer notes for those who can read them."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import BaseModel, Field

from api.errors import ERRORS
from api.problem import Problem
from characters.profile_links import links_of
from guilds.access import GuildRequest
from guilds.api.access import GuildPath, guild_request
from guilds.api.area import MANAGE, READ_NOTES, VIEW
from guilds.api.notes import Note, note_item
from guilds.member_history import rank_history
from guilds.member_page import member_or_404
from guilds.member_reads import events_of, notes_about, other_characters
from guilds.models import Membership, TimelineEvent
from guilds.ranks import rank_name, rank_names

router = Router(tags=["members"])


class MemberPath(GuildPath):
    """The address of a member."""

    character_id: UUID


class OtherCharacter(BaseModel):
    """Another character of the same player in the guild."""

    character: UUID
    name: str
    realm: str
    rank: int
    is_main: bool


class Rank(BaseModel):
    """A rank, and since when; null is before tracking began."""

    rank: int
    since: datetime | None


class ItemLevel(BaseModel):
    """An item level, and the day since which it is worn."""

    day: date
    item_level: int


class MemberDetail(BaseModel):
    """A member of a guild. Who plays the characters of others is only for those who manage the roster."""

    character: UUID
    name: str
    realm: str
    region: str
    rank: int
    rank_name: str
    level: int | None
    class_name: str | None
    race: str | None
    spec: str | None
    role: str
    faction: str
    item_level: int | None
    last_login: datetime | None
    joined: datetime | None
    is_main: bool | None = Field(description="null if you can't see who plays the character.")
    player: str | None
    other_characters: list[OtherCharacter]
    ranks: list[Rank] = Field(description="Latest first.")
    item_levels: list[ItemLevel] = Field(description="Earliest first.")
    links: dict[str, str] = Field(description="Pages about the character on other sites.")
    notes: list[Note] | None = Field(description="null without the permission to read notes.")


@router.get(
    "/{region}/{realm}/{guild}/members/{character_id}",
    response={200: MemberDetail, 304: None, ERRORS: Problem},
    url_name="member",
)
def member(request: HttpRequest, path: Path[MemberPath]) -> MemberDetail:
    """Return a member; the ids are those of the roster."""
    page = guild_request(request, path, VIEW)
    return _detail(page, member_or_404(page.guild, path.character_id))


def _detail(page: GuildRequest, member: Membership) -> MemberDetail:
    guild, who, user = page.guild, member.character, page.user
    is_told = user.has_perm(MANAGE, guild) or who.user_id == user.pk
    events = events_of(guild, who.pk, TimelineEvent.kinds_for(user, guild))
    return MemberDetail(
        character=who.pk,
        name=who.name,
        realm=who.realm.name,
        region=who.region,
        rank=member.rank,
        rank_name=rank_name(rank_names(guild), member.rank),
        level=who.level,
        class_name=who.playable_class.name if who.playable_class else None,
        race=who.playable_race.name if who.playable_race else None,
        spec=who.active_spec.name if who.active_spec else None,
        role=who.role,
        faction=who.faction,
        item_level=who.equipped_item_level,
        last_login=who.last_login_at,
        joined=member.joined_seen_at,
        is_main=member.is_main if is_told else None,
        player=who.user.display_name if who.user and is_told else None,
        other_characters=[_other(one) for one in other_characters(guild, member)] if is_told else [],
        ranks=[Rank(rank=one.rank, since=one.since) for one in rank_history(member.rank, reversed(events))],
        item_levels=[ItemLevel(day=one.day, item_level=one.item_level) for one in who.item_levels.all()],
        links=dict(links_of(who)),
        notes=[note_item(one) for one in notes_about(guild, member)] if user.has_perm(READ_NOTES, guild) else None,
    )


def _other(one: Membership) -> OtherCharacter:
    who = one.character
    return OtherCharacter(character=who.pk, name=who.name, realm=who.realm.name, rank=one.rank, is_main=one.is_main)
