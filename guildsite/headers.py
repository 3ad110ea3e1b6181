"""Response headers: Cache-Control and Permissions-Policy."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Features that neither the site nor anything it embeds can use.
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
    """Middleware that forbids storing a page, unless its view sets Cache-Control.

    Shared caches could show one user's page to another, and the back button could show it after signing out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", PRIVATE)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response
