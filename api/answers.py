"""Answers of the API: HEAD, ETags, times in UTC, and errors of the wrong method in the same shape as all others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag

from api.problem import problem

View = Callable[..., HttpResponse]


def answered(view: View) -> View:
    """Wrap a view of an API."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # Days in a query are days in UTC, also for players with another time zone.
        with head_as_get(request), timezone.override(None):
            response = view(request, *args, **kwargs)
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                allowed = response.headers["Allow"]
                response = problem(HTTPStatus.METHOD_NOT_ALLOWED)
                response.headers["Allow"] = allowed
            patch_vary_headers(response, ("Authorization", "Cookie"))
            return _conditional(request, response) if response.status_code == HTTPStatus.OK else response

    return wrapper


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return a 304 if the client already has this content."""
    if "Authorization" in request.headers:
        # A program may store it, and asks each time. A browser stores nothing of a session, which can end elsewhere.
        response.headers["Cache-Control"] = "private, no-cache"
    set_response_etag(response)
    answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return answer if isinstance(answer, HttpResponse) else response


@contextmanager
def head_as_get(request: HttpRequest) -> Iterator[None]:
    """Let the API, which knows no HEAD, answer one as a GET; the server leaves out the content."""
    method = request.method
    if method == "HEAD":
        request.method = "GET"
    try:
        yield
    finally:
        request.method = method
