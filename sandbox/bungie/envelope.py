"""The envelope around every answer of the Platform."""

from typing import Any

from aiohttp import web

from sandbox.bungie.errors import CODES, PlatformError
from sandbox.faults import Fault
from sandbox.pages import message_page
from sandbox.responses import html_response, json_bytes

_TYPE = "application/json; charset=utf-8"


def success(response: object) -> web.Response:
    """Return an answer without an error."""
    return _envelope(1, 200, {"Response": response})


def failure(error: PlatformError, wait_seconds: int = 0) -> web.Response:
    """Return an error; ``Response`` is left out unless the error has one."""
    body = {} if error.response is None else {"Response": error.response}
    return _envelope(error.code, error.http, body, error.details, wait_seconds)


def _envelope(
    code: int, http: int, body: dict[str, Any], details: dict[str, str] | None = None, wait_seconds: int = 0
) -> web.Response:
    known = CODES[code]
    document = {
        **body,
        "ErrorCode": code,
        "ThrottleSeconds": wait_seconds,
        "ErrorStatus": known.status,
        "Message": known.message,
        "MessageData": details or {},
    }
    headers = {"Content-Type": _TYPE, "x-ventcore-status": str(code), "Cache-Control": "private"}
    return web.Response(body=json_bytes(document), status=http, headers=headers)


def fault_response(fault: Fault) -> web.Response:
    """Return an injected error: an HTML page, no body, or an envelope with the fault's code and status."""
    status = fault.status or 0
    if fault.body == "html":
        return maintenance_page(status or 503)
    if fault.body == "empty":
        return web.Response(status=status or 500)
    code = _code_of(status) if fault.code is None or fault.code not in CODES else fault.code
    return failure(PlatformError(code, http=fault.status), fault.wait_seconds or 0)


def _code_of(status: int) -> int:
    """Return the code that usually comes with an HTTP status."""
    return {401: 99, 403: 12, 404: 21, 429: 36, 503: 5}.get(status, 1618)


def maintenance_page(status: int) -> web.Response:
    """Return the page that is shown while the site is down."""
    return html_response(message_page("Maintenance", "This site is down for maintenance."), status)
