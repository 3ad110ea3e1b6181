"""Endpoints of the manifest."""

import json

from sandbox.bungie.cards import Json
from sandbox.bungie.endpoints.endpoint import PlatformRequest, endpoint
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.world.definitions import table_name
from sandbox.bungie.world.text import LANGUAGES, encode


def _index(request: PlatformRequest) -> Json:
    return request.bungie.content.index()


def _definition(request: PlatformRequest) -> Json:
    """Return one definition, in the language that the query names (``lc``)."""
    wanted, language = request.parts[0], request.query.get("lc", "en")
    for table, rows in request.bungie.content.edition.definitions.tables.items():
        if table_name(table).lower() == wanted.lower() and request.number(1) in rows:
            row: Json = json.loads(encode(rows[request.number(1)], language if language in LANGUAGES else "en"))
            return row
    raise PlatformError(21)


ENDPOINTS = (
    endpoint("manifest", "Destiny2/Manifest", _index),
    endpoint("definition", "Destiny2/Manifest/*/*", _definition),
)
