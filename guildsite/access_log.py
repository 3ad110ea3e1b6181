"""One log line and one count for each request."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response

from guildsite import request_ids
from operations import traffic

# Asked every few seconds; their failures are logged like any other.
PROBES = {"healthz", "readyz", "metrics"}
UNKNOWN = "unknown"


class AccessLog:
    """Middleware that gives each request its id, and logs and counts it. Static files are served before it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request_ids.accepted(request.headers.get(request_ids.HEADER, ""))
        began = request.began = time.monotonic()  # type: ignore[attr-defined]
        with request_ids.working_for(request_id):
            response = self.get_response(request)
            response.headers[request_ids.HEADER] = request_id
            view = request.resolver_match.view_name if request.resolver_match else UNKNOWN
            traffic.requests.count(view, str(response.status_code), time.monotonic() - began)
            if view not in PROBES:
                # Refusals and failures were logged where they happened, which this does not repeat.
                log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        return response
