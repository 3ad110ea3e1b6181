"""The answer of the API for an error. Error pages use it too, so it needs neither settings nor the API's framework."""

from http import HTTPStatus

from django.http import HttpResponse
from pydantic import BaseModel

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
    """An error. Programs should look at `code`; `detail` can change."""

    status: int
    code: str
    detail: str


def problem(status: int, detail: str = "") -> HttpResponse:
    """Return the response for an error."""
    known = HTTPStatus(status)
    code = CODES.get(known) or known.name.lower()
    body = Problem(status=status, code=code, detail=detail or DETAILS.get(known, known.phrase))
    return HttpResponse(body.model_dump_json(), status=status, content_type="application/json; charset=utf-8")
