"""Pages for the browser from this process: rows that are rolled back, and no server, answer what a window requests."""

from collections.abc import Callable
from contextvars import copy_context
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from guildsite import error_pages

ORIGIN = "http://guildsite.test"
# Error pages that no request of a test can cause.
ERRORS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/errors/400/": error_pages.bad_request,
    "/errors/403-form/": error_pages.csrf_failure,
    "/errors/413/": error_pages.too_large,
    "/errors/500/": error_pages.server_error,
    "/errors/503/": error_pages.took_too_long,
}


class Site:
    """Answers the requests of a browser's window with the test client of the person who is using it."""

    def __init__(self, context: Any) -> None:
        self.browser = Client(raise_request_exception=False)
        # Playwright runs handlers in a context of their own, in which Django would open another connection.
        self._context = copy_context()
        self._files: dict[str, dict[str, Any]] = {}
        context.route("**/*", self._answer)

    def _answer(self, route: Any) -> None:
        address = urlsplit(route.request.url)
        if address.path.startswith("/static/"):
            if address.path not in self._files:
                self._files[address.path] = _as_answer(self.browser.get(address.path))
            route.fulfill(**self._files[address.path])
        elif address.path in ERRORS:
            route.fulfill(**_as_answer(ERRORS[address.path](RequestFactory().get(address.path))))
        else:
            answer = self._context.copy().run(self._request, route.request, address.path, address.query)
            route.fulfill(**_as_answer(answer))

    def _request(self, request: Any, path: str, query: str) -> Any:
        given = request.headers
        kept = {name: given[name] for name in ("accept-language", "hx-request", "referer") if name in given}
        answer = self.browser.generic(
            request.method,
            f"{path}?{query}" if query else path,
            request.post_data_buffer or b"",
            given.get("content-type", "application/octet-stream"),
            headers=kept,
        )
        while answer.status_code in (301, 302, 303):
            # The browser would follow it without asking here again.
            answer = self.browser.get(answer["Location"], headers=kept)
        return answer


def _as_answer(response: Any) -> dict[str, Any]:
    return {
        "status": response.status_code,
        "headers": dict(response.headers),
        "body": b"".join(response.streaming_content) if response.streaming else response.content,
    }
