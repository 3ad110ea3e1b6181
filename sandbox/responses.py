"""HTTP responses in Battle.net's form."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

JSON_TYPE = "application/json;charset=UTF-8"
_REASONS = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}


def json_bytes(document: object) -> bytes:
    """Encode as compact JSON in UTF-8, like Battle.net."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def json_response(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a JSON response."""
    return web.Response(
        body=json_bytes(document), status=status, headers={"Content-Type": JSON_TYPE, **(headers or {})}
    )


def error_response(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an API error with its JSON body."""
    reason = _REASONS.get(status, "Error")
    body: dict[str, Any] = {"code": status, "type": f"BLZWEBAPI{status:08}", "detail": reason}
    return json_response(body, status, headers)


def empty_response(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a response without a body."""
    return web.Response(status=status, headers=headers)


def html_response(page: str, status: int = 200) -> web.Response:
    """Return an HTML response."""
    return web.Response(text=page, status=status, content_type="text/html")
