"""Pictures from Battle.net, which the site stores and serves itself."""

from uuid import UUID

from csp.constants import NONE
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from characters.models import Picture

# A changed picture has another address. Only the reader's browser keeps it, and not forever, since it can be deleted.
CACHE_CONTROL = "private, max-age=604800, immutable"


@require_safe
@csp({"default-src": [NONE], "sandbox": True})  # type: ignore[arg-type]  # typed for views without arguments
def picture(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return a picture. Its address can't be guessed: who has it has seen the page with the picture."""
    found = get_object_or_404(Picture, pk=key)
    return HttpResponse(bytes(found.content), content_type=found.content_type, headers={"Cache-Control": CACHE_CONTROL})
