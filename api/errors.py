"""Errors of the API: one shape for all, with a code for programs and a sentence for people."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel

# The statuses that every address can answer with, for its `response`.
ERRORS = frozenset({400, 401, 403, 404, 429})
DETAILS = {
    HTTPStatus.BAD_REQUEST: "The request can't be read.",
    HTTPStatus.UNAUTHORIZED: "Send a personal token that has neither expired nor been revoked, "
    "as the header Authorization: Bearer <token>.",
    HTTPStatus.FORBIDDEN: "The token, or the player who made it, lacks the permission.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address, or you can't see it.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address can't be requested with this method.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests: wait as long as the header Retry-After says.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on this site. Try again in a minute.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The answer took too long. Ask for less, or try again in a minute.",
}
CODES = {HTTPStatus.UNAUTHORIZED: "not_authenticated"}


class Problem(BaseModel):
    """What went wrong. Programs should look at `code`; `detail` can change."""

    status: int
    code: str
    detail: str


class BadParameter(HttpError):
    """A parameter that can't be read, is unknown, or needs a permission that is missing."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, f"{name}: {reason}")


class RateLimited(HttpError):
    """Too many requests with one token."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(HTTPStatus.TOO_MANY_REQUESTS, DETAILS[HTTPStatus.TOO_MANY_REQUESTS])


def problem(status: int, detail: str = "") -> HttpResponse:
    """Return the response for an error."""
    known = HTTPStatus(status)
    code = CODES.get(known) or known.name.lower()
    body = Problem(status=status, code=code, detail=detail or DETAILS.get(known, known.phrase))
    return HttpResponse(body.model_dump_json(), status=status, content_type="application/json; charset=utf-8")


def answer_errors(api: NinjaAPI) -> None:
    """Let the API answer its errors in our shape; what is unexpected is left to the site."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        AuthenticationError: _not_authenticated,
        HttpError: lambda request, error: problem(error.status_code, str(error)),
        RateLimited: _rate_limited,
        ValidationError: lambda request, error: problem(HTTPStatus.BAD_REQUEST, _invalid(error)),
        PermissionDenied: lambda request, error: problem(HTTPStatus.FORBIDDEN),
        Http404: lambda request, error: problem(HTTPStatus.NOT_FOUND),
        Exception: _raise,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _not_authenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(HTTPStatus.UNAUTHORIZED)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _rate_limited(request: HttpRequest, error: RateLimited) -> HttpResponse:
    response = problem(error.status_code, error.message)
    response.headers["Retry-After"] = str(error.seconds)
    return response


def _invalid(error: ValidationError) -> str:
    return "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors)


def _raise(request: HttpRequest, error: Exception) -> HttpResponse:
    raise error
