"""Editions of Destiny's manifest in the admin."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.readable_admin import ReadOnlyAdmin
from destiny.models import Edition, ManifestFile
from sync.destiny.manifest.kind import request_manifest


class ManifestFileInline(admin.TabularInline):
    """The SQLite files of an edition."""

    model = ManifestFile
    extra = 0
    can_delete = False
    fields = readonly_fields = ("language", "name", "size", "sha256", "fetched_at", "verified_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    """Editions, which only the sync writes and removes. They are listed while Destiny is on."""

    list_display = ("version", "state", "current_since", "languages", "definitions", "problem", "created_at")
    list_filter = ("state",)
    fields = ("version", "state", "current_since", "languages", "definitions", "problem", "created_at")
    readonly_fields = ("languages", "definitions")
    inlines = (ManifestFileInline,)
    change_list_template = "destiny/edition_list.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return settings.DESTINY_ENABLED and super().has_module_permission(request)

    def get_urls(self) -> list[Any]:
        fetch = path("fetch/", self.admin_site.admin_view(self.fetch), name="destiny_edition_fetch")
        return [fetch, *super().get_urls()]

    def fetch(self, request: HttpRequest) -> HttpResponse:
        """Have a worker look for a new edition."""
        if not request.user.is_superuser:
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        request_manifest()
        self.message_user(request, gettext("The manifest is being fetched."), messages.SUCCESS)
        return redirect("admin:destiny_edition_changelist")

    @admin.display(description=_("languages"))
    def languages(self, edition: Edition) -> str:
        return ", ".join(edition.paths)

    @admin.display(description=_("definitions"))
    def definitions(self, edition: Edition) -> int:
        return sum(sum(tables.values()) for tables in edition.counts.values())
