"""Typed answers from responses, or named errors with a redacted excerpt of the body."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Generic, TypeVar

from requests import Response, codes

from sync.engine.errors import ApiError, ApplicationRefused, BadPayload, Paused, PayloadError, RateLimited
from sync.engine.http import retry_after
from sync.engine.protocols import Breaker, RequestInfo
from sync.engine.redact import excerpt

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A parsed response. `payload` is None if nothing has changed since the given time (304)."""

    payload: T | None
    last_modified: datetime | None


@dataclass(frozen=True, slots=True)
class ResponseReader:
    """Reads the JSON responses of one API.

    `error_for` names the error of a status and body. No excerpt contains one of the `secrets`, and no excerpt is made
    of a response below one of the `private` paths.
    """

    error_for: Callable[[int, bytes], type[ApiError]]
    secrets: Sequence[str] = field(default=(), repr=False)
    private: tuple[str, ...] = ()
    breaker: Breaker | None = None

    def answer(
        self, response: Response, info: RequestInfo, parse: Callable[[Any], T], since: datetime | None = None
    ) -> Answer[T]:
        """Return what the response holds. Raises ApiError."""
        if response.status_code == codes.not_modified and since is not None:
            return Answer(payload=None, last_modified=since)
        return Answer(payload=self.parsed(response, info, parse), last_modified=_last_modified(response))

    def parsed(self, response: Response, info: RequestInfo, parse: Callable[[Any], T]) -> T:
        """Return the parsed JSON object of a 200; everything else is an error."""
        self._raise_for_status(response, info)
        try:
            body = json.loads(response.content)
            if not isinstance(body, dict):
                raise PayloadError("the answer is not an object")
            return parse(body)
        except (ValueError, KeyError, TypeError) as error:
            size = len(response.content)
            reason = error if isinstance(error, PayloadError) else f"not JSON of the documented shape ({size} bytes)"
            detail = f"{reason}{self._excerpt(response, info.path)}"
            raise BadPayload(info.path, status=response.status_code, detail=detail) from error

    def _raise_for_status(self, response: Response, info: RequestInfo) -> None:
        status, path = response.status_code, info.path
        if status == codes.ok:
            return
        if status == codes.too_many_requests:
            raise RateLimited(path, retry_after=retry_after(response), status=status)
        if self.breaker is not None and (wait := self.breaker.paused_for(info)) > 0:
            # Part of an outage: it says nothing about the subject of the request.
            raise Paused(path, retry_after=wait, status=status)
        error = self.error_for(status, response.content)
        if status == codes.unauthorized and info.is_application:
            error = ApplicationRefused
        raise error(path, status=status, detail=f"HTTP {status}{self._excerpt(response, path)}")

    def _excerpt(self, response: Response, path: str) -> str:
        """The beginning of the body, as the end of an error message."""
        if path.startswith(self.private):
            return ""
        authorization = str(response.request.headers.get("Authorization", ""))
        words = excerpt(response.content, [*authorization.split(), *self.secrets])
        return f": {words}" if words else ""


def if_modified_since(since: datetime | None) -> dict[str, str]:
    """Return the header that asks for changes since this time only; none without a time."""
    return {} if since is None else {"If-Modified-Since": format_datetime(since.astimezone(UTC), usegmt=True)}


def _last_modified(response: Response) -> datetime | None:
    # Some APIs do not pad the day ("7 Mar"), which strict parsers refuse.
    text = response.headers.get("Last-Modified")
    if not text:
        return None
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
