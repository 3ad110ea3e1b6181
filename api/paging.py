"""Long lists: a page of items, and the address of the next one with a cursor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Schema
from pydantic import BaseModel, Field

from api.errors import BadParameter

T = TypeVar("T")
Row = TypeVar("Row")
SALT = "api.cursor"


class Paging(Schema):
    """The part of a list that is asked for."""

    limit: int = Field(100, ge=1, le=500, description="How many items at most.")
    cursor: str = Field("", description="Where to go on: part of the address in `next`.")


PAGING = frozenset(Paging.model_fields)


class Page(BaseModel, Generic[T]):
    """Some items of a list."""

    items: list[T]
    next: str | None = Field(description="The address of the next items; null at the end.")


@dataclass(frozen=True, slots=True)
class Keyset:
    """An order of rows without ties, as the columns of `order_by`; each page begins after the last row of another."""

    columns: tuple[str, ...]

    def page(self, rows: "QuerySet[Any]", paging: Paging) -> tuple[list[Any], list[str] | None]:
        """Return a page's rows, and the cursor of the next page."""
        rows = rows.order_by(*self.columns)
        if paging.cursor:
            rows = rows.filter(self._after(_decoded(paging.cursor, len(self.columns))))
        found = list(rows[: paging.limit + 1])
        shown = found[: paging.limit]
        return shown, self._cursor_of(shown[-1]) if len(found) > paging.limit else None

    def _after(self, values: Sequence[Any]) -> Q:
        after, same = Q(), Q()
        for column, value in zip(self.columns, values, strict=True):
            name, direction = column.removeprefix("-"), "lt" if column.startswith("-") else "gt"
            after |= same & Q(**{f"{name}__{direction}": value})
            same &= Q(**{name: value})
        return after

    def _cursor_of(self, row: Any) -> list[str]:
        values = (attrgetter(column.removeprefix("-"))(row) for column in self.columns)
        return [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]


def page_of_list(
    rows: Sequence[Row], paging: Paging, key: Callable[[Row], str]
) -> tuple[Sequence[Row], list[Any] | None]:
    """Return a page of rows in memory, and the cursor of the next page.

    A page begins after the row with the key of the last one, wherever that is now; if it is gone, at its place.
    """
    start = 0
    if paging.cursor:
        place, last = _decoded(paging.cursor, 2)
        start = next((number + 1 for number, row in enumerate(rows) if key(row) == last), int(place))
    shown = rows[start : start + paging.limit]
    end = start + len(shown)
    return shown, [end - 1, key(shown[-1])] if shown and end < len(rows) else None


def next_address(request: HttpRequest, cursor: list[Any] | None) -> str | None:
    """Return the address of the next page, with the query of this one."""
    if cursor is None:
        return None
    query = request.GET.copy()
    # Signed, so that what comes back is what we gave.
    query["cursor"] = signing.dumps(cursor, salt=SALT)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _decoded(cursor: str, length: int) -> list[Any]:
    try:
        values = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        values = None
    if not isinstance(values, list) or len(values) != length:
        raise BadParameter("cursor", "not from this list. Begin again without it.")
    return values
