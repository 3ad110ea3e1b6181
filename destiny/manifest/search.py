"""Definitions by name, or by hash in either form."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Length

from destiny.manifest.hashes import read_hash
from destiny.manifest.models import Definition, has_words, text_at
from destiny.manifest.readers import Manifest
from destiny.manifest.words import search_query

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A definition in a list. `icon` is a path on Bungie's site, or empty."""

    table: str
    key: str
    name: str
    type_name: str
    icon: str


def search(manifest: Manifest, text: str, table: str = "", most: int = MOST_FOUND) -> list[Found]:
    """Return definitions with this hash, or with words that begin like those of the text; the best first.

    That is the shortest name, of which the text is the largest part.
    """
    rows = Definition.objects.filter(edition=manifest.edition, language=manifest.language)
    if table:
        rows = rows.filter(table=table)
    number, query = read_hash(text.strip()), search_query(text)
    found = _best(rows.filter(hash=number), most) if number is not None else []
    return found or (_best(rows.filter(has_words(query)), most) if query else [])


def _best(rows: "QuerySet[Definition]", most: int) -> list[Found]:
    """Return the best rows. Their JSON is read after they are chosen: that of all that match would take long."""
    ordered = rows.order_by(Length("name"), "name", "table", "key")
    chosen = list(ordered.values_list("table", "key", "name")[:most])
    known = rows.filter(table__in={table for table, _, _ in chosen}, key__in={key for _, key, _ in chosen})
    shown = known.annotate(type_name=text_at("itemTypeDisplayName"), icon=text_at("displayProperties,icon"))
    details = {(table, key): texts for table, key, *texts in shown.values_list("table", "key", "type_name", "icon")}
    return [
        Found(table, key, name, *(text or "" for text in details.get((table, key), ("", ""))))
        for table, key, name in chosen
    ]
