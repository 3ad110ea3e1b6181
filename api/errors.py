"""Errors of the API: one shape for all, with a code for programs and a sentence for people."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from api.problem import DETAILS, problem

# The statuses that every address can answer with, for its `response`.
ERRORS = frozenset({400, 401, 403, 404, 429})


class BadParameter(HttpError):
    """A parameter that can't be read, is unknown, or needs a permission that is missing."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, f"{name}: {reason}")


class RateLimited(HttpError):
    """Too many requests with one token."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(HTTPStatus.TOO_MANY_REQUESTS, DETAILS[HTTPStatus.TOO_MANY_REQUESTS])


def answer_errors(api: NinjaAPI) -> None:
    """Let the API answer its errors in our shape; what is unexpected is left to the site."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        AuthenticationError: _not_authenticated,
        HttpError: lambda request, error: problem(error.status_code, str(error)),
        RateLimited: _rate_limited,
        ValidationError: lambda request, error: problem(HTTPStatus.BAD_REQUEST, _invalid(error)),
        PermissionDenied: lambda request, error: problem(HTTPStatus.FORBIDDEN),
        Http404: lambda request, error: problem(HTTPStatus.NOT_FOUND),
        # A form where JSON is expected: the check of its CSRF token has read it already.
        RawPostDataException: lambda request, error: problem(HTTPStatus.BAD_REQUEST),
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
