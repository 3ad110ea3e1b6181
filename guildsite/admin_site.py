"""The admin site: Battle.net is its only way in, for site admins and for the officers of guilds."""

from functools import wraps
from typing import Any, NoReturn

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from guilds.rights import OFFICERS_RIGHTS
from permissions.effective_rights import guilds_with
from sync.operations import admin_pages

PATTERN_LOOKUPS = frozenset({"regex", "iregex"})


class GuildsiteAdminSite(AdminSite):
    """Sends visitors to the Battle.net sign-in, and signed-in people without the right to 403."""

    site_header = "Guildsite"
    site_title = "Guildsite"
    index_title = "Administration"

    def has_permission(self, request: HttpRequest) -> bool:
        """Open to the site's staff, and to whoever holds a right beyond reading in a guild."""
        return super().has_permission(request) or bool(guilds_with(request.user, *OFFICERS_RIGHTS))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Whoever is signed in and may not come in is told so, and not sent to the sign-in again."""
        guarded = super().admin_view(view, cacheable)
        model_admin = getattr(view, "__self__", None)

        @wraps(guarded)
        def refuse_or_view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request) and request.path != self._way_out():
                raise PermissionDenied
            if request.user.is_authenticated and _asks_for_a_pattern(request):
                raise DisallowedModelAdminLookup("Regular expressions are not allowed.")
            if isinstance(model_admin, ModelAdmin):
                _require_ids(model_admin, request.POST.getlist(ACTION_CHECKBOX_NAME))
            return guarded(request, *args, **kwargs)

        return refuse_or_view

    @staticmethod
    def _way_out() -> str:
        return reverse("admin:logout")

    def get_urls(self) -> list[Any]:
        """With the pages on how the site is doing.

        Without Django's way from any row's id to its page on the site, which asks nobody's right.
        """
        own = [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]
        return [*admin_pages.urls(self), *own]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """With those pages in the menu of site admins."""
        apps = super().get_app_list(request, app_label)
        return [admin_pages.menu(), *apps] if app_label is None and request.user.is_superuser else apps

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """There are no passwords, so there is no form here."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        if HtmxDetails(request):
            # A page that asks for its figures after its reader was signed out.
            return HttpResponseClientRefresh()
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target)

    def password_change(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> NoReturn:
        """There are no passwords to change."""
        raise Http404


def _asks_for_a_pattern(request: HttpRequest) -> bool:
    """Return whether the query string filters by a regular expression, which can keep PostgreSQL busy for hours."""
    return any(not PATTERN_LOOKUPS.isdisjoint(key.split("__")) for key in request.GET)


def _require_ids(model_admin: ModelAdmin, chosen: list[str]) -> None:
    """Raise BadRequest when a selected row has no valid id: Django would look it up all the same."""
    for one in chosen:
        try:
            model_admin.opts.pk.to_python(one)
        except ValidationError as error:
            raise BadRequest("A selected row has no valid id") from error
