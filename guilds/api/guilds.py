"""The guilds that the reader is in, and what is known about one."""

from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import BaseModel

from accounts.models import User
from api.errors import ERRORS
from api.paging import Page, Paging, next_address, page_of_list
from api.problem import Problem
from guilds.api.access import GuildPath, guild_request
from guilds.api.area import VIEW, guilds_read_by
from guilds.models import Guild
from guilds.ranks import rank_name, rank_names
from guilds.rights import RIGHTS
from guilds.settings.links import Link

router = Router(tags=["guilds"])


class GuildLine(BaseModel):
    """A guild of the reader."""

    address: str
    region: str
    realm: str
    name: str
    faction: str
    member_count: int | None
    roster_checked_at: datetime | None


class RankName(BaseModel):
    """A rank with its name in the guild."""

    rank: int
    name: str


class GuildDetail(GuildLine):
    """A guild, and what the reader can do there by this token or session."""

    achievement_points: int | None
    founded_at: datetime | None
    description: str
    recruiting: str
    links: list[Link]
    ranks: list[RankName]
    permissions: list[str]


@router.get("", response={200: Page[GuildLine], 304: None, ERRORS: Problem}, url_name="guilds")
def guilds(request: HttpRequest, paging: Query[Paging]) -> Page[GuildLine]:
    """List the guilds that your characters are in, by name."""
    shown, cursor = page_of_list(guilds_read_by(cast(User, request.user)), paging, lambda one: str(one.pk))
    return Page(items=[GuildLine(**_line(one)) for one in shown], next=next_address(request, cursor))


@router.get("/{region}/{realm}/{guild}", response={200: GuildDetail, 304: None, ERRORS: Problem}, url_name="guild")
def guild(request: HttpRequest, path: Path[GuildPath]) -> GuildDetail:
    """Return a guild."""
    page = guild_request(request, path, VIEW)
    found, names = page.guild, rank_names(page.guild)
    return GuildDetail(
        **_line(found),
        achievement_points=found.achievement_points,
        founded_at=found.founded_at,
        description=found.description,
        recruiting=found.recruiting,
        links=found.shown_links,
        ranks=[RankName(rank=level, name=rank_name(names, level)) for level in sorted(names)],
        permissions=[right for right in RIGHTS if page.user.has_perm(right, found)],
    )


def _line(guild: Guild) -> dict[str, Any]:
    return {
        "address": guild.address,
        "region": guild.region,
        "realm": guild.realm.name,
        "name": guild.name,
        "faction": guild.faction,
        "member_count": guild.member_count,
        "roster_checked_at": guild.roster_checked_at,
    }
