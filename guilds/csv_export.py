"""Tables as CSV files that spreadsheets open safely."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

# What spreadsheets take for the beginning of a formula, also in full width.
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Without it Excel reads accents in the system's old encoding.
BYTE_ORDER_MARK = "\ufeff"
Cell = str | int | float | None


def safe_cell(value: Cell) -> Cell:
    """Return the cell's value; an apostrophe keeps a text from being read as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_BEGINNINGS) else value


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Return the table as a file to download, called `name`.csv."""
    response = HttpResponse(
        BYTE_ORDER_MARK,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return response
