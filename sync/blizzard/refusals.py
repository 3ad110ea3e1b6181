"""The errors of Battle.net's responses, by status and body.

A 404 or 403 says something about a character or guild only in the API's own JSON form. Without it, the response comes
from a gateway, for an unknown path or for a client that is not provisioned, and is an outage like any other.
"""

import requests

from sync.engine.errors import ApiError, BadPayload, Forbidden, NotFound, PayloadError, TokenExpired, Unavailable
from sync.engine.json_body import parse_object

# The type of the API's own errors, followed by the status: "BLZWEBAPI00000404".
OWN_TYPE = "BLZWEBAPI"
_OF_THE_SUBJECT: dict[int, type[ApiError]] = {
    requests.codes.forbidden: Forbidden,
    requests.codes.not_found: NotFound,
}


def error_for(status: int, body: bytes) -> type[ApiError]:
    """Return the error for a response other than 200, 304 and 429."""
    if status >= requests.codes.server_error:
        return Unavailable
    if status == requests.codes.unauthorized:
        return TokenExpired
    if status in _OF_THE_SUBJECT:
        return _OF_THE_SUBJECT[status] if is_own(status, body) else Unavailable
    return BadPayload


def error_for_picture(status: int, body: bytes) -> type[ApiError]:
    """Return the error for a response of a host of pictures, which says in its own way that there is none."""
    if status in {requests.codes.forbidden, requests.codes.not_found, requests.codes.gone}:
        return NotFound
    return Unavailable if status >= requests.codes.server_error else BadPayload


def is_own(status: int, body: bytes) -> bool:
    """Return whether the body is the error document of Battle.net's API for this status."""
    try:
        document = parse_object(body)
    except PayloadError:
        return False
    return document.get("code") == status and str(document.get("type", "")).startswith(OWN_TYPE)
