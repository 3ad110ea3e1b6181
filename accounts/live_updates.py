"""The answer to pages that ask whether their data has been fetched (static/js/updates.js)."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag


def update_response(request: HttpRequest, *, version: str, is_busy: bool) -> HttpResponse:
    """Say whether the data is being fetched, and its version; 304 if that is what the browser knows already."""
    etag = quote_etag(version)
    response: HttpResponse = JsonResponse({"busy": is_busy, "version": version})
    response = get_conditional_response(request, etag=etag, response=response) or response
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return response
