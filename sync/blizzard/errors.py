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
    """404: never existed, too low a level, not seen for long, renamed, moved, or disbanded."""

    kind = "not_found"


class Forbidden(BlizzardError):
    """403: the owner or Blizzard hides it, or the token lacks the scope."""

    kind = "forbidden"


class TokenExpired(BlizzardError):
    """401: the token is no longer accepted. User tokens live 24 hours and end early on a password change.

    At /token: the application gets no token, since its id or secret is wrong.
    """

    kind = "token_expired"


class RateLimited(BlizzardError):
    """429, or our own throttle asks for a longer wait than the caller takes; `retry_after` in seconds."""

    kind = "rate_limited"
    is_transient = True

    def __init__(self, where: str, *, retry_after: float, status: int | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(where, status=status, detail=f"wait {retry_after:.1f} s")


class Unavailable(BlizzardError):
    """A 5xx, a time-out, a broken connection, or a throttle that cannot be asked."""

    kind = "unavailable"
    is_transient = True


class NothingSent(Unavailable):
    """The throttle cannot be asked, so Battle.net was not asked either; `retry_after` in seconds."""

    retry_after: ClassVar[float] = 2.0


class BadPayload(BlizzardError):
    """An answer of status 200 that cannot be understood: truncated, empty, HTML, or of the wrong shape."""

    kind = "bad_payload"
    is_transient = True
