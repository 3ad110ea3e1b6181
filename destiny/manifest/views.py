"""The pages on which players look definitions up."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from destiny.access import destiny_page
from destiny.manifest.cells import shown
from destiny.manifest.hashes import signed
from destiny.manifest.labels import table_label
from destiny.manifest.properties import links_of, sections_of
from destiny.manifest.readers import manifest_of
from destiny.manifest.search import MOST_FOUND, search

LONGEST_QUERY = 100


@destiny_page
def search_page(request: HttpRequest) -> HttpResponse:
    """Find definitions by name in the reader's language, or by hash."""
    manifest = manifest_of(request)
    text, table = request.GET.get("q", "").strip()[:LONGEST_QUERY], request.GET.get("table", "")
    tables = {} if manifest is None else manifest.counts
    context = {
        "manifest": manifest,
        "text": text,
        "table": table,
        "tables": sorted((table_label(one), one) for one, count in tables.items() if count),
        "most": MOST_FOUND,
        "found": [(one, table_label(one.table)) for one in search(manifest, text, table)] if manifest else [],
    }
    return render(request, "destiny/manifest.html", context)


@destiny_page
def definition_page(request: HttpRequest, table: str, key: str) -> HttpResponse:
    """Show what a definition says."""
    manifest = manifest_of(request)
    definition = manifest.definition(table, key) if manifest else None
    if manifest is None or definition is None:
        raise Http404
    sections = sections_of(definition)
    display = definition.get("displayProperties")
    context = {
        "manifest": manifest,
        "name": manifest.names(table, [key]).get(key, ""),
        "description": display.get("description", "") if isinstance(display, dict) else "",
        "table": table,
        "table_label": table_label(table),
        "key": key,
        "signed": signed(int(key)) if key.isdecimal() else None,
        "sections": shown(sections, manifest.names_at(links_of(sections))),
    }
    return render(request, "destiny/definition.html", context)
