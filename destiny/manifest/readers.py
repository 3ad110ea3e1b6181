"""Definitions of the current edition, in the reader's language.

A page opens the manifest once and reads one edition throughout, also while another becomes current.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from django.db import models
from django.http import HttpRequest
from django.utils import translation

from destiny.manifest import items
from destiny.manifest.cache import EditionCache
from destiny.manifest.items import ItemDefinition, item_of
from destiny.manifest.models import Definition, Edition, text_at

K = TypeVar("K", bound="int | str")
V = TypeVar("V")
Json: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = "models.QuerySet[Definition]"
Pairs: TypeAlias = Iterable[tuple[str, V]]
# Language, table and key.
Place: TypeAlias = tuple[str, str, str]
ENGLISH = "en"

# By language, table and key. An item needs about 1 kB, a definition up to a megabyte.
_names: EditionCache[Place, str] = EditionCache(50_000)
_items: EditionCache[Place, ItemDefinition] = EditionCache(10_000)
_definitions: EditionCache[Place, Json] = EditionCache(100)
# By path: one text of each definition, such as a subtitle.
_texts: defaultdict[str, EditionCache[Place, str]] = defaultdict(lambda: EditionCache(5_000))


@dataclass(frozen=True, slots=True)
class Manifest:
    """One edition in one language, with English for what the language lacks."""

    edition: Edition
    language: str

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of definitions by table."""
        counts: Mapping[str, int] = self.edition.counts[self.language]
        return counts

    def definition(self, table: str, key: int | str) -> Json | None:
        """Return the JSON of the definition with this unsigned hash, or of the statistic with this name."""
        return self.definitions(table, [key]).get(key)

    def definitions(self, table: str, keys: Collection[K]) -> dict[K, Json]:
        """Return the JSON of many definitions, read in one statement."""
        return self._read(_definitions, table, keys, lambda rows: rows.values_list("key", "definition"))

    def names(self, table: str, keys: Collection[K]) -> dict[K, str]:
        """Return the names of many definitions, read in one statement; without those that have none."""
        return self._read(_names, table, keys, lambda rows: rows.exclude(name="").values_list("key", "name"))

    def texts(self, table: str, path: str, keys: Collection[K]) -> dict[K, str]:
        """Return what is at a path, such as "displayProperties,subtitle", in many definitions, read in one statement.

        Lists and objects are JSON. Without those that have nothing there.
        """
        return self._read(_texts[path], table, keys, lambda rows: _texts_of(rows, path))

    def items(self, hashes: Collection[int]) -> dict[int, ItemDefinition]:
        """Return many items, read in one statement."""
        return self._read(_items, items.TABLE, hashes, _items_of)

    def names_at(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return the names of those definitions that exist, by table and key, empty or not; of all in one statement."""
        rows = Definition.objects.filter(
            edition=self.edition,
            language__in={self.language, ENGLISH},
            table__in={table for table, _ in places},
            key__in={key for _, key in places},
        )
        found: dict[tuple[str, str], str] = {}
        for language, table, key, name in rows.values_list("language", "table", "key", "name"):
            if (language == self.language and name) or not found.get((table, key)):
                found[table, key] = name
        return {place: found[place] for place in places if place in found}

    def _read(
        self, cache: EditionCache[Place, V], table: str, keys: Collection[K], values_of: Callable[[Rows], Pairs[V]]
    ) -> dict[K, V]:
        def fetch(missing: Collection[Place]) -> dict[Place, V]:
            wanted = {key for _, _, key in missing}
            found = dict(values_of(self._rows(self.language, table, wanted)))
            if self.language != ENGLISH and len(found) < len(wanted):
                found |= dict(values_of(self._rows(ENGLISH, table, wanted - found.keys())))
            return {place: found[place[2]] for place in missing if place[2] in found}

        places = {key: (self.language, table, str(key)) for key in keys}
        known = cache.get_many(self.edition.pk, places.values(), fetch)
        return {key: known[place] for key, place in places.items() if place in known}

    def _rows(self, language: str, table: str, keys: Collection[str]) -> Rows:
        return Definition.objects.filter(edition=self.edition, language=language, table=table, key__in=keys)


def manifest_of(request: HttpRequest) -> Manifest | None:
    """Return the manifest that this request reads throughout; None before the first is loaded."""
    known: dict[str, Any] = vars(request)
    if "_manifest" not in known:
        known["_manifest"] = open_manifest()
    manifest: Manifest | None = known["_manifest"]
    return manifest


def open_manifest(language: str | None = None) -> Manifest | None:
    """Return the current edition in a language, by default the reader's; None before the first is loaded."""
    edition = Edition.objects.filter(state=Edition.State.CURRENT).first()
    if edition is None or not edition.languages:
        return None
    return Manifest(edition, _language_of(edition, language or translation.get_language() or ENGLISH))


def _language_of(edition: Edition, wanted: str) -> str:
    """Return the wanted language, or that which it is a form of, or English, or whichever there is."""
    choices = (wanted, wanted.partition("-")[0], ENGLISH)
    return next((one for one in choices if one in edition.languages), edition.languages[0])


def _texts_of(rows: Rows, path: str) -> Iterator[tuple[str, str]]:
    found = rows.annotate(text=text_at(path)).exclude(text=None).exclude(text="")
    yield from found.values_list("key", "text")


def _items_of(rows: Rows) -> Iterator[tuple[str, ItemDefinition]]:
    texts = {f"value_{place}": text_at(path) for place, path in enumerate(items.PATHS)}
    for key, found, name, *values in rows.annotate(**texts).values_list("key", "hash", "name", *texts):
        yield key, item_of(found, name, values)
