"""Answers to sign-ins: read within bounds, and every unusable one becomes one of two named errors."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from requests import HTTPError, Response, Session

from outgoing.bounds import BoundedAdapter, Bounds

logger = logging.getLogger(__name__)

# Of an answer to a sign-in, which has less than 10 kB; a person waits for it.
BOUNDS = Bounds(size=2**16, seconds=15)
LARGEST_ID = 2**63 - 1
_ID = re.compile("[1-9][0-9]{0,18}")
# What a header can contain.
_TOKEN = re.compile("[!-~]{1,4096}")
# How Bungie says in a 400 that it is down.
_DOWN = (b"SystemDisabled", b"ThrottledByGameServer")


class Refused(OAuth2Error):
    """The provider did not accept the code, the token or our client."""


class MalformedResponse(OAuth2Error):
    """The provider's response contains no valid token or user."""


def protect(session: Session) -> None:
    """Let a session read answers within bounds, follow no redirect, and raise for an error status."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter(BOUNDS))
    session.max_redirects = 0
    session.hooks["response"].append(raise_for_error)


def raise_for_error(response: Response, *args: Any, **kwargs: Any) -> None:
    """Raise for an error status. A hook of the HTTP session: allauth would drop the status.

    Logs the path and the status only: bodies can contain codes and tokens.
    """
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return
    parts = urlsplit(response.url)
    logger.warning("Signing in: %s answered %s with %d.", parts.hostname, parts.path, status)
    is_down = status >= HTTPStatus.INTERNAL_SERVER_ERROR or any(word in response.content for word in _DOWN)
    if is_down or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise HTTPError(status)
    raise Refused(status)


@contextmanager
def malformed_as_error() -> Iterator[None]:
    """Raise MalformedResponse for everything that an unexpected answer can cause."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise MalformedResponse(type(error).__name__) from error


def require_id(uid: str) -> str:
    """Return the id. Raises ValueError unless it is one."""
    if not _ID.fullmatch(uid) or int(uid) > LARGEST_ID:
        raise ValueError("not an id")
    return uid


def require_token(token: Any) -> Any:
    """Return the SocialToken. Raises ValueError unless a header can contain it."""
    if not (_TOKEN.fullmatch(token.token) and _TOKEN.fullmatch(token.token_secret or "none")):
        raise ValueError("not a token")
    return token
