"""The roster as a file: the columns, filters and order that are shown."""

import json
from typing import Any

from django.http import HttpResponse

from guilds.access import GuildRequest, guild_page
from guilds.csv_export import csv_response
from guilds.roster.columns import Column
from guilds.roster.lines import Line
from guilds.roster.page import Roster, reader_of


@guild_page("guilds.view")
def roster_csv(request: GuildRequest) -> HttpResponse:
    """Return the rows that the query string asks for as CSV."""
    shown = _roster(request)
    columns = shown.query.shown_columns()
    rows = ([_value(request, shown, line, column) for column in columns] for line in shown.sorted)
    return csv_response("roster", [str(column.label) for column in columns], rows)


@guild_page("guilds.view")
def roster_json(request: GuildRequest) -> HttpResponse:
    """Return the rows that the query string asks for as a JSON list of objects, whose keys are those of columns."""
    shown = _roster(request)
    columns = shown.query.shown_columns()
    rows = [{column.key: _value(request, shown, line, column) for column in columns} for line in shown.sorted]
    return HttpResponse(
        json.dumps(rows, ensure_ascii=False, indent=1),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="roster.json"'},
    )


def _roster(request: GuildRequest) -> Roster:
    return Roster(request.guild, request.GET, reader_of(request))


def _value(request: GuildRequest, shown: Roster, line: Line, column: Column) -> Any:
    """Return what is exported; only those who manage the roster export who plays the characters of others."""
    is_own = line.member.owner == str(request.user.pk)
    if column.is_personal and not shown.reader.can_manage and not is_own:
        return None
    return column.value(line, shown.words)
