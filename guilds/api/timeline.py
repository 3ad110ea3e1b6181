"""The timeline, filtered as the address of the page asks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from api.errors import ERRORS, BadParameter
from api.paging import PAGING, Keyset, Page, Paging, next_address
from api.problem import Problem
from guilds.api.access import GuildPath, guild_request
from guilds.api.area import VIEW
from guilds.models import TimelineEvent
from guilds.ranks import rank_names
from guilds.timeline.filters import JOINED_OR_LEFT, PERIODS, TimelineForm
from guilds.timeline.sentences import plain_sentence
from guilds.timeline.shown import ShownEvent, shown

router = Router(tags=["timeline"])
LATEST_FIRST = Keyset(("-happened_at", "id"))
FILTERS: dict[str, tuple[dict[str, Any], str]] = {
    "q": ({"maxLength": 64}, "Search in the names of characters and players."),
    "kind": ({"enum": [JOINED_OR_LEFT, *TimelineEvent.Kind.values]}, "What happened."),
    "since": ({"format": "date"}, "The first day (UTC)."),
    "until": ({"format": "date"}, "The last day (UTC)."),
    "period": ({"enum": [value for value, _label in PERIODS if value]}, "This week, from Monday, or this month."),
    "player": ({"format": "uuid"}, "The id of a character: events about its player and all their characters."),
}


class Event(BaseModel):
    """Something that happened to a guild or one of its members."""

    id: UUID
    at: datetime
    kind: str
    character: UUID | None
    character_name: str = Field(description="The name at that time.")
    player: str | None = Field(description="Whose character it was, or whose permissions changed.")
    actor: str | None = Field(description="Who did it; null if Battle.net showed it.")
    text: str = Field(description="What happened in words, in the language of Accept-Language.")


def parameters() -> list[dict[str, Any]]:
    """Return the OpenAPI description of each filter."""
    return [
        {
            "in": "query",
            "name": name,
            "required": False,
            "schema": {"type": "string", **schema},
            "description": description,
        }
        for name, (schema, description) in FILTERS.items()
    ]


@router.get(
    "/{region}/{realm}/{guild}/timeline",
    response={200: Page[Event], 304: None, ERRORS: Problem},
    url_name="timeline",
    openapi_extra={"parameters": parameters()},
)
def timeline(request: HttpRequest, path: Path[GuildPath], paging: Query[Paging]) -> Page[Event]:
    """List the events that you can see, latest first."""
    page = guild_request(request, path, VIEW)
    guild, ranks = page.guild, rank_names(page.guild)
    form = TimelineForm(page.GET, guild=guild, reader=page.user)
    # A page would ignore it, and return other events than were asked for.
    for name in page.GET:
        if name in form.errors or (name not in FILTERS and name not in PAGING):
            raise BadParameter(name, "unknown, or not a value that it can have.")
    found, cursor = LATEST_FIRST.page(shown(form.filtered(guild.timeline.all())), paging)
    return Page(items=[_item(event, ranks) for event in found], next=next_address(request, cursor))


def _item(event: ShownEvent, ranks: dict[int, str]) -> Event:
    return Event(
        id=event.id,
        at=event.happened_at,
        kind=event.kind,
        character=event.character_id,
        character_name=event.character_name,
        player=event.person or None,
        actor=event.actor or None,
        text=plain_sentence(event, ranks),
    )
