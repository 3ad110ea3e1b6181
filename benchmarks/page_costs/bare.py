"""A view that renders one line, without the database: what Django and the site's middleware cost."""

from django.http import HttpRequest, HttpResponse
from django.template import engines

PATH = "bare/"


def bare(request: HttpRequest) -> HttpResponse:
    """Render the line from a template, as pages are."""
    return HttpResponse(engines["django"].from_string("<p>{{ line }}</p>").render({"line": "Guildsite"}))
