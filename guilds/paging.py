"""Long lists: their pages, and the fragment that htmx swaps in."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Subquery, Value
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django_htmx.http import replace_url

from guilds.access import PublicGuildRequest


def paging(
    request: PublicGuildRequest, rows: "QuerySet[Any] | Sequence[Any]", per_page: int, query: str = ""
) -> dict[str, Any]:
    """Return what `_pages.html` takes: the page asked for, the numbers of its neighbors, and the list's query."""
    return _shown(Paginator(rows, per_page).get_page(request.GET.get("page")), query)


def paging_with_count(
    request: PublicGuildRequest,
    rows: "QuerySet[Any]",
    per_page: int,
    query: str = "",
    *,
    shape: Callable[["QuerySet[Any]"], "QuerySet[Any, Any]"] = lambda rows: rows,
    first_page: Callable[[], list[Any]] | None = None,
) -> dict[str, Any]:
    """Return what `paging` does, in one statement; in two for a page after the last.

    The rows that are shown get the form of `shape`, with room for `total`; `first_page` reads those of `with_count`
    for the first page, compiled.
    """
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isdecimal() and asked.isascii() and 0 < len(asked) < 7 and int(asked) else 1
    if number == 1 and first_page is not None:
        found = first_page()
    else:
        first = (number - 1) * per_page
        found = list(with_count(rows, shape)[first : first + per_page])
    if not found and number > 1:
        return paging(request, shape(rows), per_page, query)
    paginator: Paginator[Any] = Paginator(range(found[0].total if found else 0), per_page)
    return _shown(Page(found, number, paginator), query)


def with_count(rows: "QuerySet[Any]", shape: Callable[["QuerySet[Any]"], "QuerySet[Any, Any]"]) -> "QuerySet[Any, Any]":
    """Return the rows in another form, each with the number of all as `total`."""
    count = rows.order_by().values(_group=Value(1)).annotate(_count=Count("pk")).values("_count")
    found: QuerySet[Any, Any] = shape(rows).annotate(total=Subquery(count))
    return found


def _shown(page: "Page[Any]", query: str) -> dict[str, Any]:
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "pages": numbers, "asked": QueryDict(query)}


def page_or_fragment(
    request: PublicGuildRequest, template: str, fragment: str, context: dict[str, Any], query: str
) -> HttpResponse:
    """Render the whole page, or only the list for htmx, which then shows the address with a tidy query."""
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, template, context)
    response = render(request, f"{template}#{fragment}", {**context, "is_fragment": True})
    return response if request.htmx.boosted else replace_url(response, f"{request.path}?{query}".rstrip("?"))
