"""The envelope around every answer of Bungie's API, and what it says in the terms of HTTP.

The error code decides, then the HTTP status. `translate` gives a response the status that its code means, so that the
rate limiter, the circuit breaker and the request log take maintenance in a 200 for what it is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from requests import Response, codes

from sync.bungie.errors import SUCCESS, UNAVAILABLE, Meaning, RefreshRules, Throttled, meaning_of
from sync.engine.errors import ApiError, PayloadError, TokenExpired, Unavailable
from sync.engine.http import LONGEST_RETRY_AFTER, ErrorFactory, ResponseReader
from sync.engine.json_body import parse_object

# Seconds to wait after a refusal for too many requests that does not say how long: what Bungie says nearly always.
USUAL_PAUSE = 10
_WORD = re.compile("[A-Za-z]{1,64}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer without its envelope. `response` is what was asked for; None, {} or 0 in an error."""

    code: int
    status: str
    pause_seconds: int
    response: Any

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Envelope | None":
        """Return the envelope; None for a document without a code, such as a token."""
        code, status = document.get("ErrorCode"), document.get("ErrorStatus")
        if not isinstance(code, int) or isinstance(code, bool):
            return None
        seconds = document.get("ThrottleSeconds")
        return cls(
            code=code,
            # A word of Bungie's, which errors quote: anything else is left out.
            status=status if isinstance(status, str) and _WORD.fullmatch(status) else "",
            pause_seconds=min(seconds, int(LONGEST_RETRY_AFTER)) if isinstance(seconds, int) and seconds > 0 else 0,
            response=document.get("Response"),
        )


class Reply(Response):
    """A response of Bungie's whose body was parsed once; `status_code` is what the error code means.

    `document` is the whole body; `envelope` is None where the body has none.
    """

    document: Mapping[str, Any]
    envelope: Envelope | None
    error: ErrorFactory | None

    def __init__(self, response: Response, document: Mapping[str, Any], envelope: Envelope | None) -> None:
        super().__init__()
        vars(self).update(vars(response))
        self.document, self.envelope, self.error = document, envelope, None

    @property
    def is_empty(self) -> bool:
        """Return whether it is a success without what was asked for."""
        found = self.envelope
        return found is not None and found.code == SUCCESS and found.response in (None, {}, "")


def translate(response: Response) -> Response:
    """Return the response with the status that its body means."""
    try:
        document = parse_object(response.content)
    except PayloadError:
        return _without_envelope(response)
    reply = Reply(response, document, Envelope.read(document))
    if reply.envelope is not None and reply.envelope.code != SUCCESS:
        _set_meaning(reply, reply.envelope, meaning_of(reply.envelope.code, response.status_code))
    elif response.status_code == codes.bad_request and _is_server_error(document):
        # So the token endpoint answers during maintenance.
        reply.status_code = UNAVAILABLE
    return reply


def _is_server_error(document: Mapping[str, Any]) -> bool:
    """Return whether the token endpoint can't answer now, and does not speak of the tokens."""
    is_named = document.get("error") == "server_error"
    return is_named and str(document.get("error_description")) not in RefreshRules.DESCRIPTIONS


def _without_envelope(response: Response) -> Response:
    """Return a page that is no JSON. One with a 200 is shown during maintenance, or comes from another machine."""
    if response.status_code == codes.ok and response.content.lstrip()[:1] == b"<":
        response.status_code = UNAVAILABLE
    if response.status_code == codes.unauthorized and _has_token(response):
        # What a damaged token is answered with; as a 401 the engine would take it for a problem of the application.
        reply = Reply(response, {}, None)
        reply.status_code, reply.error = codes.forbidden, TokenExpired
        return reply
    return response


def _set_meaning(reply: Reply, envelope: Envelope, meaning: Meaning) -> None:
    reply.status_code = meaning.status
    seconds = envelope.pause_seconds
    if issubclass(meaning.error, Throttled):
        seconds = seconds or USUAL_PAUSE
    if seconds and (meaning.status == UNAVAILABLE or issubclass(meaning.error, Throttled)):
        reply.headers["Retry-After"] = str(seconds)
    reply.error = partial(_error, meaning.error, envelope, seconds)


def _error(kind: type[ApiError], envelope: Envelope, seconds: int, where: str, *, status: int, detail: str) -> ApiError:
    """Return the error of an envelope, with Bungie's code and word for it instead of the beginning of the body."""
    error = kind(where, status=status, detail=" ".join(filter(None, (f"code {envelope.code}", envelope.status))))
    error.code = envelope.code
    if isinstance(error, Throttled):
        error.retry_after = float(seconds)
    return error


def _has_token(response: Response) -> bool:
    return str(response.request.headers.get("Authorization", "")).startswith("Bearer ")


def error_for(status: int, body: bytes) -> type[ApiError]:
    """Return the error of a response without an envelope: it comes from a gateway, and says nothing of the subject."""
    return Unavailable


@dataclass(frozen=True, slots=True)
class EnvelopeReader(ResponseReader):
    """Reads what is in the envelope."""

    error_for: Callable[[int, bytes], type[ApiError]] = error_for

    def document_of(self, response: Response) -> Any:
        """Return what was asked for. Raises PayloadError if there is nothing, or no envelope."""
        if not isinstance(response, Reply):
            return parse_object(response.content)
        if response.envelope is None:
            raise PayloadError("no envelope")
        if response.is_empty:
            raise PayloadError("an empty Response")
        return response.envelope.response

    def error_of(self, response: Response) -> ErrorFactory:
        if isinstance(response, Reply) and response.error is not None:
            return response.error
        return self.error_for(response.status_code, response.content)
