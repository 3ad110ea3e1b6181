"""Guilds in the admin, each with the lists of what belongs to it."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from guilds.deletion import reopen
from guilds.guild_url import guild_url
from guilds.models import Guild
from guilds.rights import OFFICERS_RIGHTS
from guilds.settings.services import INFO_FIELDS
from guildsite.admin.officers import OfficersAdmin

# The pages on which a guild is changed, in the order of its tabs.
PAGES = (
    ("guilds:overview", _("Overview")),
    ("guilds:roster", _("Roster")),
    ("guilds:timeline", _("Timeline")),
    ("permissions:ranks", _("Ranks")),
    ("guilds:settings", _("Settings")),
    ("sync:guild", _("Sync")),
)
BY_GUILD = ("guild", admin.RelatedOnlyFieldListFilter)
DATA_FIELDS = (
    *("name", "slug", "region", "realm", "faction", "blizzard_id", "member_count", "achievement_points", "founded_at"),
    *("deleted_at", "deleted_by", "purged_at", "roster_doubted_at", "roster_doubted_modified", "not_found_since"),
    *("last_modified", "roster_snapshot_at", "last_synced_at", "created_at", "updated_at"),
)


@admin.register(Guild)
class GuildAdmin(OfficersAdmin):
    """Guilds, with links to the lists and pages of each. What a guild says of itself is changed in its settings."""

    guild_paths = ("pk",)
    view_rights = OFFICERS_RIGHTS
    list_display = ("name", "realm", "faction", "member_count", "visibility", "last_synced_at", "deleted_at")
    list_filter = ("region", "faction", "visibility", ("deleted_at", admin.EmptyFieldListFilter))
    actions = ("reopen",)
    search_fields = ("name", "realm__name", "=blizzard_id")
    list_select_related = ("realm",)
    fields = (*INFO_FIELDS, *DATA_FIELDS)
    change_form_template = "admin/guild.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        guild = self.get_object(request, object_id)
        more = {} if guild is None else {"lists": self._lists(request, guild), "pages": _pages(guild)}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | more)

    def _lists(self, request: HttpRequest, guild: Guild) -> list[tuple[str, str]]:
        """Return the lists that the user can see, as name and address; where they can, they show this guild's rows."""
        found = []
        for model, model_admin in self.admin_site._registry.items():
            is_of_guilds = isinstance(model_admin, OfficersAdmin) and model is not Guild
            if is_of_guilds and model_admin.has_view_permission(request):
                address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                query = f"?guild__id__exact={guild.pk}" if BY_GUILD in model_admin.list_filter else ""
                found.append((str(capfirst(model._meta.verbose_name_plural)), address + query))
        return found

    def has_reopen_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is a site admin: the guild chose to delete its data."""
        return bool(request.user.is_superuser)

    @admin.action(description=_("Reopen selected"), permissions=("reopen",))
    def reopen(self, request: HttpRequest, chosen: "QuerySet[Guild]") -> None:
        """Restore what was not purged yet. The roster is fetched again."""
        deleted = list(chosen.exclude(deleted_at=None))
        for guild in deleted:
            reopen(guild=guild, actor=cast(User, request.user))
        done = ngettext("%(count)d guild reopened.", "%(count)d guilds reopened.", len(deleted))
        self.message_user(request, done % {"count": len(deleted)}, messages.SUCCESS)


def _pages(guild: Guild) -> list[tuple[str, str]]:
    return [(str(name), guild_url(page, guild)) for page, name in PAGES]
