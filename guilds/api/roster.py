"""The roster: characters or players, filtered and sorted as the address of the page asks."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils import translation
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from api.errors import ERRORS, BadParameter
from api.paging import PAGING, Page, Paging, next_address, page_of_list
from api.problem import Problem
from guilds.access import GuildRequest
from guilds.api.access import GuildPath, guild_request
from guilds.api.area import VIEW
from guilds.roster.columns import COLUMNS
from guilds.roster.export import can_export_player
from guilds.roster.filters import BOUNDS, KNOWN_OPTIONS, Facet, facets
from guilds.roster.lines import Line
from guilds.roster.members import moment
from guilds.roster.page import Roster, reader_of
from guilds.roster.query import CHARACTERS, PLAYERS, RosterQuery

router = Router(tags=["roster"])


class RosterLine(BaseModel):
    """A character, or a player's main with the best and latest of all their characters.

    Who plays the characters of others is only for those who manage the roster, as in the exports.
    """

    character: str = Field(description="The id, which leads to the member.")
    name: str
    realm: str
    rank: int = Field(description="0 is the guild master.")
    rank_name: str
    level: int | None
    class_name: str | None
    spec: str | None
    role: str
    faction: str
    item_level: int | None
    last_login: datetime | None
    joined: datetime | None
    link: str = Field(description="main, alt or unlinked.")
    player: str | None
    main: str | None = Field(description="The main of an alt.")
    alts: list[str]
    has_note: bool | None = Field(description="null without the permission to read notes.")
    leave_until: date | None


def parameters() -> list[dict[str, Any]]:
    """Return the OpenAPI description of each filter, from the filters themselves."""
    with translation.override("en"):
        return list(_parameters())


def _parameters() -> Iterator[dict[str, Any]]:
    yield _parameter("rows", {"enum": [CHARACTERS, PLAYERS], "default": CHARACTERS}, "One item for each of these.")
    yield _parameter("q", {"maxLength": 64}, "Search in names, realms, players, and notes if you can read them.")
    for facet in facets(None):
        option = {"type": "integer"} if facet.is_number else {"type": "string", "enum": list(KNOWN_OPTIONS[facet.key])}
        yield _parameter(facet.key, {"type": "array", "items": option}, f"{facet.label}: one of these.")
    for bound in BOUNDS:
        yield _parameter(bound.key, {"type": "integer", "minimum": 0}, str(bound.label))
    keys = [one.key for one in COLUMNS]
    yield _parameter("sort", {"enum": [*keys, *(f"-{key}" for key in keys)], "default": "rank"}, "Minus: descending.")


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    kind = {"type": "string", **schema}
    return {"in": "query", "name": name, "required": False, "schema": kind, "description": description}


@router.get(
    "/{region}/{realm}/{guild}/roster",
    response={200: Page[RosterLine], 304: None, ERRORS: Problem},
    url_name="roster",
    openapi_extra={"parameters": parameters()},
)
def roster(request: HttpRequest, path: Path[GuildPath], paging: Query[Paging]) -> Page[RosterLine]:
    """List the members as characters or players. The filters are those of the page's address."""
    page = guild_request(request, path, VIEW)
    shown = Roster(page.guild, page.GET, reader_of(page))
    require_understood(page.GET, shown.query, shown.facets)
    lines, cursor = page_of_list(shown.sorted, paging, lambda line: line.member.character)
    return Page(items=[_item(page, shown, line) for line in lines], next=next_address(request, cursor))


def require_understood(data: QueryDict, query: RosterQuery, allowed: list[Facet]) -> None:
    """Raise BadParameter for what a page would ignore: it would return other members than were asked for."""
    for name in data:
        if name in PAGING or name == "q":
            continue
        if name in {facet.key for facet in allowed}:
            understood = len(query.options.get(name, ())) == len(set(data.getlist(name)))
        elif name in {bound.key for bound in BOUNDS}:
            understood = name in query.numbers
        else:
            understood = {"rows": query.rows, "sort": query.sort}.get(name) == data[name]
        if not understood:
            raise BadParameter(name, "unknown, not a value that it can have, or you lack the permission for it.")


def _item(page: GuildRequest, shown: Roster, line: Line) -> RosterLine:
    member, reader = line.member, shown.reader
    is_told = can_export_player(page, reader, line)
    return RosterLine(
        character=member.character,
        name=member.name,
        realm=member.realm,
        rank=member.rank,
        rank_name=shown.words.ranks[member.rank],
        level=member.level,
        class_name=member.class_name,
        spec=member.spec,
        role=member.role,
        faction=member.faction,
        item_level=line.item_level,
        last_login=None if line.last_login is None else moment(line.last_login),
        joined=None if line.joined is None else moment(line.joined),
        link=line.link,
        player=member.player if is_told else None,
        main=line.main.name if line.main is not None and is_told else None,
        alts=[alt.name for alt in line.alts] if is_told else [],
        has_note=line.has_note if reader.can_read_notes else None,
        leave_until=line.leave_until,
    )
