"""The roster as a file: the columns, filters and order that are shown."""

import json
from typing import Any

from django.http import HttpResponse

from guilds.access import GuildRequest, guild_page
from guilds.csv_export import csv_response
from guilds.roster.columns import Column
from guilds.roster.lines import Line
from guilds.roster.page import Reader, Roster, reader_of


def csv_file(request: GuildRequest) -> HttpResponse:
    """Return the rows that the query string asks for as CSV."""
    shown = _roster(request)
    columns = shown.query.shown_columns()
    rows = ([_value(request, shown, line, column) for column in columns] for line in shown.sorted)
    return csv_response("roster", [str(column.label) for column in columns], rows)


def json_file(request: GuildRequest) -> HttpResponse:
    """Return the rows that the query string asks for as a JSON list of objects, whose keys are those of columns."""
    shown = _roster(request)
    columns = shown.query.shown_columns()
    rows = [{column.key: _value(request, shown, line, column) for column in columns} for line in shown.sorted]
    return HttpResponse(
        json.dumps(rows, ensure_ascii=False, indent=1),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="roster.json"'},
    )


roster_csv = guild_page("guilds.view")(csv_file)
roster_json = guild_page("guilds.view")(json_file)


def _roster(request: GuildRequest) -> Roster:
    return Roster(request.guild, request.GET, reader_of(request))


def _value(request: GuildRequest, shown: Roster, line: Line, column: Column) -> Any:
    hidden = column.is_personal and not can_export_player(request, shown.reader, line)
    return None if hidden else column.value(line, shown.words)


def can_export_player(request: GuildRequest, reader: Reader, line: Line) -> bool:
    """Return whether the reader can export who plays the character: it is theirs, or they manage the roster."""
    return reader.can_manage or line.member.owner == str(request.user.pk)
