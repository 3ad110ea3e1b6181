"""The admin site, for site admins and officers, who sign in through Battle.net."""

from functools import wraps
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from guilds.rights import OFFICERS_RIGHTS
from operations import admin_pages
from permissions.effective_rights import guilds_with
from sync.models import BungieJob

PATTERN_LOOKUPS = frozenset({"regex", "iregex"})


class GuildsiteAdminSite(AdminSite):
    """The admin with Battle.net sign-in. Signed-in users without access get a 403."""

    site_header = "Guildsite"
    empty_value_display = "–"
    site_title = "Guildsite"
    index_title = _("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        """Let site staff in, and officers: those who have a right beyond viewing in a guild."""
        return super().has_permission(request) or bool(guilds_with(request.user, *OFFICERS_RIGHTS))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Refuse users without access, regular expressions in filters, and selected rows without a valid id."""
        guarded = super().admin_view(view, cacheable)
        model_admin = getattr(view, "__self__", None)

        @wraps(guarded)
        def check_and_view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            is_signed_in = request.user.is_authenticated
            if isinstance(model_admin, ModelAdmin) and is_destiny(model_admin.model) and not settings.DESTINY_ENABLED:
                raise Http404
            if is_signed_in and not self.has_permission(request) and request.path != reverse("admin:logout"):
                raise PermissionDenied
            if is_signed_in and _filters_by_pattern(request):
                raise DisallowedModelAdminLookup("Regular expressions are not allowed.")
            if isinstance(model_admin, ModelAdmin):
                _require_ids(model_admin, request.POST.getlist(ACTION_CHECKBOX_NAME))
            return guarded(request, *args, **kwargs)

        return check_and_view

    def get_urls(self) -> list[Any]:
        """Add the operations pages; remove Django's redirect from a row's id to its page, which checks no rights."""
        own = [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]
        return [*admin_pages.urls(self), *own]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        if not settings.DESTINY_ENABLED:
            for app in apps:
                app["models"] = [one for one in app["models"] if not is_destiny(one["model"])]
            apps = [app for app in apps if app["models"]]
        return [admin_pages.menu(), *apps] if app_label is None and request.user.is_superuser else apps

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        if HtmxDetails(request):
            # The status page refreshes its data after the user was signed out.
            return HttpResponseClientRefresh()
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> NoReturn:
        """Refuse: accounts have no passwords."""
        raise Http404


def is_destiny(model: type[Model]) -> bool:
    """Return whether the model is about Destiny: of the app `destiny`, or its jobs."""
    return model._meta.app_label == "destiny" or model is BungieJob


def _filters_by_pattern(request: HttpRequest) -> bool:
    """Return whether the query string filters by a regular expression, which can occupy PostgreSQL for hours."""
    return any(not PATTERN_LOOKUPS.isdisjoint(key.split("__")) for key in request.GET)


def _require_ids(model_admin: ModelAdmin, chosen: list[str]) -> None:
    """Raise BadRequest if a selected row has no valid id, which Django doesn't check before its query."""
    for one in chosen:
        try:
            model_admin.opts.pk.to_python(one)
        except ValidationError as error:
            raise BadRequest("A selected row has no valid id") from error
