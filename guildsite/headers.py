"""Response headers that no package sets for us."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Browsers grant nothing of this to the site or to anything that it could be made to embed.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
PRIVATE = "private, no-store"


class PrivateByDefault:
    """Middleware that lets nobody store a page, unless its view has set Cache-Control itself.

    Shared caches would show one person's page to another, and the back button would show it after signing out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The site's answer with both headers."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", PRIVATE)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response
