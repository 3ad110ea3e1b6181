"""Refuse requests that cannot be read or stored with 400 or 413, before they fail as 500.

See docs/decisions/0027-refusing-bad-requests.md.
"""

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.deprecation import MiddlewareMixin

from guildsite import error_pages

# PostgreSQL cannot store NUL, and a lone surrogate cannot be encoded.
UNUSABLE = re.compile("[\0\ud800-\udfff]")
UNREADABLE = "unreadable"


class RefuseBadRequests(MiddlewareMixin):
    """Middleware that checks the path, the query string, cookies, the content type and the form."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Check all but the form. Raises BadRequest."""
        if _content_length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return error_pages.too_large(request)
        # Django would also decode the query string with this charset.
        if (request.content_params or {}).get("charset", "utf-8").lower() != "utf-8":
            raise BadRequest("The charset of the content type is not UTF-8")
        _require_usable("path", [request.path_info])
        _require_usable("cookies", [*request.COOKIES, *request.COOKIES.values()])
        for name, values in request.GET.lists():
            _require_usable("query string", [name, *values])
        return None

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Check the form, once it is known that a view handles the request. Raises BadRequest."""
        try:
            form = request.POST.lists()
        except UnreadablePostError as error:
            raise BadRequest("The body of the request ended early") from error
        for name, values in form:
            _require_usable("form", [name, *values])


class Request(WSGIRequest):
    """Django's request, but created even if the content type cannot be parsed."""

    def _set_content_type_params(self, meta: Any) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except (ValueError, LookupError):
            # Outside of the middleware this would be a 500 without a page. The middleware refuses it instead.
            self.content_type, self.content_params = "", {"charset": UNREADABLE}


class Handler(WSGIHandler):
    """The WSGI application."""

    request_class = Request


def _content_length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _require_usable(place: str, texts: Iterable[str]) -> None:
    if any(UNUSABLE.search(text) for text in texts):
        raise BadRequest(f"NUL or surrogate in the {place}")
