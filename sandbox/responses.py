"""The forms of answer that several parts of the sandbox give."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

JSON_TYPE = "application/json;charset=UTF-8"
_REASONS = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}


def json_bytes(document: object) -> bytes:
    """Compact JSON in UTF-8, as Battle.net writes it."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def json_response(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """The document as a JSON answer."""
    return web.Response(
        body=json_bytes(document), status=status, headers={"Content-Type": JSON_TYPE, **(headers or {})}
    )


def error_response(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """An error of the API with its JSON body."""
    reason = _REASONS.get(status, "Error")
    body: dict[str, Any] = {"code": status, "type": f"BLZWEBAPI{status:08}", "detail": reason}
    return json_response(body, status, headers)


def empty_response(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer without a body."""
    return web.Response(status=status, headers=headers)


def html_response(page: str, status: int = 200) -> web.Response:
    """A page."""
    return web.Response(text=page, status=status, content_type="text/html")
