"""Personal grants in the admin. Ranks and permission sets have their page, which shows what a change does."""

from typing import cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from guilds.guild_url import guild_url
from guildsite.admin.officers import OfficersAdmin
from permissions import services
from permissions.models import Grant
from permissions.rights import MANAGE_RANKS, in_words


@admin.register(Grant)
class GrantAdmin(OfficersAdmin):
    """Personal grants."""

    view_rights = (MANAGE_RANKS,)
    list_display = ("user", "guild", "reason", "expires_at", "granted_by", "permissions")
    readonly_fields = ("permissions",)
    fields = ("guild", "user", "permissions", "reason", "expires_at", "granted_by", "created_at")
    list_filter = (("guild", admin.RelatedOnlyFieldListFilter), "expires_at")
    search_fields = ("reason", "guild__name")
    site_search_fields = ("user__battletag",)
    list_select_related = ("user", "guild", "granted_by")
    actions = ("end",)

    @admin.display(description=_("permissions"))
    def permissions(self, grant: Grant) -> str:
        return str(capfirst(in_words(grant.rights)))

    def view_on_site(self, grant: Grant) -> str:
        return guild_url("permissions:ranks", grant.guild)

    @admin.action(description=_("End selected grants"))
    @transaction.atomic
    def end(self, request: HttpRequest, chosen: "QuerySet[Grant]") -> None:
        """End all selected grants or, if the user can't end one of them, none: that is a 403."""
        grants = list(chosen.select_related("guild"))
        for grant in grants:
            services.end_grant(guild=grant.guild, actor=cast(User, request.user), grant=grant)
        done = ngettext("%(count)d grant ended.", "%(count)d grants ended.", len(grants))
        self.message_user(request, done % {"count": len(grants)}, messages.SUCCESS)
