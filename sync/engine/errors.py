"""Errors of requests to an API. Each has the `kind` that its job stores."""

from typing import ClassVar


class ApiError(Exception):
    """A request without a usable response.

    `where` is the requested path (never a token or a query), `status` the HTTP status, or None without a response;
    `code` is the API's own number for the error, if its answers have one.
    """

    kind: ClassVar[str] = "error"
    # Whether the same request can succeed later without anybody doing anything.
    is_transient: ClassVar[bool] = False
    code: int = 0

    def __init__(self, where: str, *, status: int | None = None, detail: str = "") -> None:
        self.where = where
        self.status = status
        self.detail = detail
        super().__init__(": ".join(part for part in (f"{self.kind} at {where}", detail) if part))


class NotFound(ApiError):
    """404 from the API itself: the subject does not exist, or not under this address."""

    kind = "not_found"


class Forbidden(ApiError):
    """403 from the API itself: the subject is hidden, or the token lacks a scope."""

    kind = "forbidden"


class TokenExpired(ApiError):
    """401: a person's token has expired or was revoked."""

    kind = "token_expired"


class Postponed(ApiError):
    """A request that says nothing about its subject and can be repeated after `retry_after` seconds.

    It does not count as a try.
    """

    is_transient = True
    retry_after: float = 2.0


class RateLimited(Postponed):
    """429, or a slot of the rate limiter that is further away than the caller wants to wait."""

    kind = "rate_limited"

    def __init__(self, where: str, *, retry_after: float, status: int | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(where, status=status, detail=f"wait {retry_after:.1f} s")


class Paused(Postponed):
    """The circuit breaker is open: nearly all requests of this kind failed, so none is sent for a while.

    Its job is due again when a probe succeeds (`sync.engine.outages`).
    """

    kind = "paused"

    def __init__(self, where: str, *, retry_after: float, status: int | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(where, status=status, detail=f"most such requests fail; wait {retry_after:.0f} s")


class ApplicationRefused(Postponed):
    """401 for a new application token, or no application token at all.

    It concerns every request, so it says nothing about the subject of this one.
    """

    kind = "application_refused"
    retry_after = 60.0


class ShuttingDown(Postponed):
    """The worker was told to end: another one sends the request, as soon as there is one."""

    kind = "handed_back"
    retry_after = 0.0


class Unavailable(ApiError):
    """A 5xx, a timeout, a broken connection, or a refusal that does not come from the API itself.

    It can be repeated after `retry_after` seconds, if the response said so.
    """

    kind = "unavailable"
    is_transient = True
    retry_after: float = 0.0


class RequestNotSent(Postponed, Unavailable):
    """The rate limiter cannot be reached, so no request was sent."""

    kind = "unavailable"


class BadPayload(ApiError):
    """A 200 whose body cannot be parsed: truncated, empty, HTML, or of the wrong shape."""

    kind = "bad_payload"
    is_transient = True


class PayloadError(ValueError):
    """JSON of another shape than documented; the message names the field, never its content."""
