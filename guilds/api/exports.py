"""Exports: the files of the pages, for programs with a token, and for spreadsheets at a private address."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from ninja import Path, Router

from api.authentication import ExportAddress
from api.errors import ERRORS
from api.models import ApiToken
from api.problem import Problem
from guilds.access import GuildRequest
from guilds.api.access import GuildPath, guild_request
from guilds.api.area import VIEW
from guilds.api.roster import parameters as roster_parameters
from guilds.api.timeline import parameters as timeline_parameters
from guilds.models import Guild
from guilds.roster import export as roster
from guilds.timeline import views as timeline

router = Router(tags=["exports"])
addresses = Router(tags=["exports"])
GUILD = "/{region}/{realm}/{guild}/exports"
# What an export address can read, by the name of the file.
ROSTER, TIMELINE = "roster.csv", "timeline.csv"


def file_of(kind: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the OpenAPI description of a file, with its filters."""
    schema = {"type": "string"} if kind == "text/csv" else {"type": "array", "items": {"type": "object"}}
    return {"parameters": parameters, "responses": {200: {"description": "OK", "content": {kind: {"schema": schema}}}}}


@router.get(
    f"{GUILD}/roster.csv",
    response={200: None, 304: None, ERRORS: Problem},
    url_name="roster_csv",
    openapi_extra=file_of("text/csv", roster_parameters()),
)
def roster_csv(request: HttpRequest, path: Path[GuildPath]) -> HttpResponse:
    """Return the roster as the page exports it; `column` chooses columns."""
    return roster.csv_file(guild_request(request, path, VIEW))


@router.get(
    f"{GUILD}/roster.json",
    response={200: None, 304: None, ERRORS: Problem},
    url_name="roster_json",
    openapi_extra=file_of("application/json", roster_parameters()),
)
def roster_json(request: HttpRequest, path: Path[GuildPath]) -> HttpResponse:
    """Return the roster as the page exports it; `column` chooses columns."""
    return roster.json_file(guild_request(request, path, VIEW))


@router.get(
    f"{GUILD}/timeline.csv",
    response={200: None, 304: None, ERRORS: Problem},
    url_name="timeline_csv",
    openapi_extra=file_of("text/csv", timeline_parameters()),
)
def timeline_csv(request: HttpRequest, path: Path[GuildPath]) -> HttpResponse:
    """Return the timeline as the page exports it, at most 10,000 events."""
    return timeline.csv_file(guild_request(request, path, VIEW))


@addresses.get(
    f"/{{token}}/{ROSTER}",
    auth=ExportAddress(ROSTER),
    response={200: None, 304: None, ERRORS: Problem},
    url_name="roster_address",
    openapi_extra=file_of("text/csv", []),
)
def roster_at_address(request: HttpRequest, token: str) -> HttpResponse:
    """Return the roster with the filters and columns that the address was made with."""
    return roster.csv_file(_request_of_token(request))


@addresses.get(
    f"/{{token}}/{TIMELINE}",
    auth=ExportAddress(TIMELINE),
    response={200: None, 304: None, ERRORS: Problem},
    url_name="timeline_address",
    openapi_extra=file_of("text/csv", []),
)
def timeline_at_address(request: HttpRequest, token: str) -> HttpResponse:
    """Return the timeline with the filters that the address was made with."""
    return timeline.csv_file(_request_of_token(request))


def _request_of_token(request: HttpRequest) -> GuildRequest:
    """Return the request with the guild and the query of its token. Raises Http404 without the right to view it."""
    token = cast(ApiToken, request.auth)  # type: ignore[attr-defined]  # set by the API's framework
    found = cast(GuildRequest, request)
    guild = Guild.objects.open().filter(pk__in=token.guild_ids).select_related("realm").with_rank_names().first()
    if guild is None or not found.user.has_perm(VIEW, guild):
        raise Http404
    found.guild, found.GET = guild, QueryDict(token.query)
    return found
