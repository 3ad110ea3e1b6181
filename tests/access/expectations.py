"""Expected statuses by viewer, and rows of the access tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.access.two_guilds import TwoGuilds
from tests.access.viewers import Viewer

Expectation = Callable[[Viewer], int]
VIEW = "guilds.view"
SIGN_IN, NOT_AUTHENTICATED, REFUSED, UNKNOWN, NOT_THAT_WAY = 302, 401, 403, 404, 405


def always(status: int) -> Expectation:
    """Expect the same for everybody."""
    return lambda who: status


def signed_in(status: int) -> Expectation:
    """Expect this for everybody who is signed in; visitors are redirected to the sign-in page."""
    return lambda who: status if who.is_signed_in else SIGN_IN


def visitors(status: int) -> Expectation:
    """Expect this for visitors; everybody else is redirected."""
    return lambda who: SIGN_IN if who.is_signed_in else status


def holders(*rights: str, status: int = 200) -> Expectation:
    """Expect this for holders of one of the rights; 403 for other members, 404 for outsiders, sign-in for visitors."""

    def expected(who: Viewer) -> int:
        if not who.is_signed_in:
            return SIGN_IN
        if who.may(*rights):
            return status
        return REFUSED if who.is_member else UNKNOWN

    return expected


def masters(*rights: str, status: int = 200) -> Expectation:
    """Expect this for the guild master and site admins; for everybody else what `holders` says without the rights."""
    allowed = holders(*rights, status=status)
    return lambda who: REFUSED if who.may(*rights) and not (who.is_master or who.is_site_admin) else allowed(who)


def only(*rights: str, status: int = 200) -> Expectation:
    """Expect this for holders of one of the rights; 404 for everybody else who is signed in."""
    return lambda who: SIGN_IN if not who.is_signed_in else status if who.may(*rights) else UNKNOWN


def reading(*rights: str) -> Expectation:
    """Expect this of an address of the API: holders of one of the rights get an answer, visitors 401."""
    allowed = holders(*rights)
    return lambda who: allowed(who) if who.is_signed_in else NOT_AUTHENTICATED


def all_of(*rights: str, status: int) -> Expectation:
    """Expect this for holders of all of the rights."""

    def expected(who: Viewer) -> int:
        if not who.is_signed_in:
            return SIGN_IN
        if all(who.may(right) for right in rights):
            return status
        # Leavers in their grace period can still read. Like members, they get 403 for what needs more.
        return REFUSED if who.is_member or (who.may(VIEW) and VIEW in rights) else UNKNOWN

    return expected


def not_found(who: Viewer) -> int:
    """Expect that nobody finds it in the API."""
    return UNKNOWN if who.is_signed_in else NOT_AUTHENTICATED


def no_query(who: Viewer) -> int:
    """Expect that the query is missed, of everybody who is signed in."""
    return 400 if who.is_signed_in else NOT_AUTHENTICATED


def site_admins_of_the_api(who: Viewer) -> int:
    """Expect that only site admins can change something."""
    return NOT_AUTHENTICATED if not who.is_signed_in else 202 if who.is_site_admin else REFUSED


@dataclass(frozen=True)
class Row:
    """An address with a method, and the expected status."""

    method: str
    expected: Expectation
    # What a POST sends.
    data: Callable[[TwoGuilds], Mapping[str, Any]] = lambda two_guilds: {}
    # Changes to the guild for this row.
    guild: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    # Whether the character that the address names has an owner.
    owned: bool = False
    # Whether the guild master changes something with it: then those who are refused would have changed something, too.
    changes: bool = False


def get(expected: Expectation, **more: Any) -> Row:
    """Make a row for GET. HEAD is expected to answer the same."""
    return Row("GET", expected, **more)


def post(expected: Expectation, data: Callable[[TwoGuilds], Mapping[str, Any]] | None = None, **more: Any) -> Row:
    """Make a row for POST, which changes something if it has data."""
    return Row("POST", expected, data or (lambda two_guilds: {}), changes=data is not None, **more)


def page(*rights: str, status: int = 200) -> list[Row]:
    """Make the rows of a page without a form."""
    return [get(holders(*rights, status=status)), post(always(NOT_THAT_WAY))]


def api(*rights: str) -> list[Row]:
    """Make the rows of an address of the API about a guild, asked with a session."""
    return [get(reading(*rights)), post(always(NOT_THAT_WAY))]
