"""What can go wrong between us and Battle.net, each with the name that the ledger keeps."""

from typing import ClassVar


class BlizzardError(Exception):
    """A request that brought no usable answer.

    `where` is the path asked for (never a token, never a query); `status` the HTTP status, None when there was none.
    """

    kind: ClassVar[str] = "error"
    # Whether the same request may succeed later without anybody doing anything.
    is_transient: ClassVar[bool] = False

    def __init__(self, where: str, *, status: int | None = None, detail: str = "") -> None:
        self.where = where
        self.status = status
        self.detail = detail
        super().__init__(": ".join(part for part in (f"{self.kind} at {where}", detail) if part))


class NotFound(BlizzardError):
    """404 of the API itself: never existed, too low a level, not seen for long, renamed, moved, or disbanded."""

    kind = "not_found"


class Forbidden(BlizzardError):
    """403 of the API itself: the owner or Blizzard hides it, or the token lacks the scope."""

    kind = "forbidden"


class TokenExpired(BlizzardError):
    """401: the token of a person is no longer accepted. It lives 24 hours and ends early on a password change."""

    kind = "token_expired"


class Postponed(BlizzardError):
    """Nothing was learned, and not because of what was asked for: it is due again after `retry_after` seconds.

    It costs no try, however often it happens.
    """

    is_transient = True
    retry_after: float = 2.0


class RateLimited(Postponed):
    """429, or our own throttle asks for a longer wait than the caller takes."""

    kind = "rate_limited"

    def __init__(self, where: str, *, retry_after: float, status: int | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(where, status=status, detail=f"wait {retry_after:.1f} s")


class Paused(Postponed):
    """Battle.net refuses nearly all requests of this kind, so none is sent for a while."""

    kind = "paused"

    def __init__(self, where: str, *, retry_after: float, status: int | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(where, status=status, detail=f"most such requests are refused; wait {retry_after:.0f} s")


class ApplicationRefused(Postponed):
    """401 for the application's token although it is new, or no token is given out for its id and secret.

    That is so for everything or for nothing, so it says nothing of what was asked for.
    """

    kind = "application_refused"
    retry_after = 60.0


class Unavailable(BlizzardError):
    """A 5xx, a time-out, a broken connection, or a refusal that is not the API's own."""

    kind = "unavailable"
    is_transient = True


class NothingSent(Postponed, Unavailable):
    """The throttle cannot be asked, so Battle.net was not asked either."""

    kind = "unavailable"


class BadPayload(BlizzardError):
    """An answer of status 200 that cannot be understood: truncated, empty, HTML, or of the wrong shape."""

    kind = "bad_payload"
    is_transient = True
