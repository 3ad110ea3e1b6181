"""The admin site: Battle.net is its only way in."""

from typing import NoReturn

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse


class GuildsiteAdminSite(AdminSite):
    """Sends visitors to the Battle.net sign-in, and signed-in people without the right to 403."""

    site_header = "Guildsite"
    site_title = "Guildsite"
    index_title = "Administration"

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """There are no passwords, so there is no form here."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target)

    def password_change(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> NoReturn:
        """There are no passwords to change."""
        raise Http404
