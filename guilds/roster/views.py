"""The roster's page."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.vary import vary_on_headers

from guilds.access import PublicGuildRequest, guild_page
from guilds.paging import page_or_fragment, paging
from guilds.roster.page import Roster, reader_of
from guilds.roster.panel import Panel
from guilds.roster.query import CHARACTERS, PLAYERS, allowed_columns
from guilds.roster.rows import headings, rows

LINES_PER_PAGE = 50


@vary_on_headers("HX-Request")
@guild_page("guilds.view", public=True)
def roster(request: PublicGuildRequest) -> HttpResponse:
    """List characters or players, fifty a page, as the query string asks."""
    reader = reader_of(request)
    shown = Roster(request.guild, request.GET, reader)
    query = shown.query
    pages = paging(request, shown.sorted, LINES_PER_PAGE, query.encoded())
    context = {
        **pages,
        **_controls(shown),
        "guild": request.guild,
        "reader": reader,
        "total": len(shown.lines),
        "headings": headings(query),
        "rows": rows(pages["page"], query.shown_columns(), shown.words, can_select=reader.can_select),
    }
    return page_or_fragment(request, "guilds/roster.html", "members", context, query.encoded())


def _controls(shown: Roster) -> dict[str, Any]:
    query, panel = shown.query, Panel(shown)
    return {
        "query": query,
        "panel": panel,
        "is_by_player": query.rows == PLAYERS,
        "characters_url": query.by(CHARACTERS).url(),
        "players_url": query.by(PLAYERS).url(),
        "columns": [(one.key, one.label, one.key in query.columns) for one in allowed_columns(shown.reader.can)[1:]],
    }
