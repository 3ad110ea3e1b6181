"""The current edition of the manifest, and its definitions by name or hash."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from api.errors import ERRORS
from api.problem import Problem
from destiny.manifest.readers import Manifest, manifest_of
from destiny.manifest.search import search
from destiny.manifest.views import LONGEST_QUERY

router = Router(tags=["manifest"])
Text = Annotated[str, Query(max_length=LONGEST_QUERY, description="The beginnings of words of a name, or a hash.")]
Table = Annotated[str, Query(max_length=80, description="Such as DestinyInventoryItemDefinition.")]


class CurrentEdition(BaseModel):
    """The edition that pages read. Its paths on Bungie's site tell it from others, not its version."""

    version: str
    current_since: datetime | None
    paths: dict[str, str] = Field(description="The content file of each language.")
    definitions: dict[str, int] = Field(description="Their number by table, in the language of Accept-Language.")


class FoundDefinition(BaseModel):
    """A definition in a list. `key` is the unsigned hash as text, or the name of a statistic."""

    table: str
    key: str
    name: str
    type_name: str


@router.get("", response={200: CurrentEdition, 304: None, ERRORS: Problem}, url_name="manifest")
def manifest(request: HttpRequest) -> CurrentEdition:
    """Return the current edition of the manifest."""
    opened = _opened(request)
    edition = opened.edition
    return CurrentEdition(
        version=edition.version,
        current_since=edition.current_since,
        paths=edition.paths,
        definitions=dict(opened.counts),
    )


@router.get("/definitions", response={200: list[FoundDefinition], 304: None, ERRORS: Problem}, url_name="definitions")
def definitions(request: HttpRequest, q: Text, table: Table = "") -> list[FoundDefinition]:
    """Find at most 50 definitions in the language of Accept-Language, the shortest names first."""
    found = search(_opened(request), q, table)
    return [FoundDefinition(table=one.table, key=one.key, name=one.name, type_name=one.type_name) for one in found]


@router.get(
    "/definitions/{table}/{key}", response={200: dict[str, Any], 304: None, ERRORS: Problem}, url_name="definition"
)
def definition(request: HttpRequest, table: str, key: str) -> dict[str, Any]:
    """Return a definition as Bungie has it, in the language of Accept-Language."""
    found = _opened(request).definition(table, key)
    if found is None:
        raise Http404
    return dict(found)


def _opened(request: HttpRequest) -> Manifest:
    opened = manifest_of(request)
    if opened is None:
        raise Http404
    return opened
