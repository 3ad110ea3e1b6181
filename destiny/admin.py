"""Bungie accounts, memberships and guardians in the admin. Tokens themselves are shown to nobody."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.readable_admin import ReadOnlyAdmin
from destiny.models import BungieAccount, DestinyMembership, Guardian


@admin.register(BungieAccount)
class BungieAccountAdmin(ReadOnlyAdmin):
    """Bungie accounts, and until when their tokens work."""

    list_display = ("name", "user", "expires_at", "refresh_expires_at", "authorized_at", "lost_tokens_at")
    list_filter = ("lost_tokens_at", "refresh_expires_at", "authorized_at")
    search_fields = ("name", "=bungie_id", "user__battletag")
    fields = (
        "name",
        "bungie_id",
        "user",
        "expires_at",
        "refresh_expires_at",
        "authorized_at",
        "refreshed_at",
        "lost_tokens_at",
        "chosen_membership",
        "created_at",
        "updated_at",
    )
    list_select_related = ("user",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[BungieAccount]":
        """Don't load the tokens themselves."""
        return super().get_queryset(request).defer("access_token", "refresh_token")


@admin.register(DestinyMembership)
class DestinyMembershipAdmin(ReadOnlyAdmin):
    """Destiny memberships."""

    list_display = (
        "name",
        "platform_name",
        "platform",
        "account",
        "is_primary",
        "last_played_at",
        "unlinked_at",
    )
    list_filter = ("membership_type", "is_primary", "last_played_at")
    search_fields = ("name", "platform_name", "=membership_id")
    fields = (*list_display, "membership_id", "cross_save_override", "created_at", "updated_at")
    list_select_related = ("account",)


@admin.register(Guardian)
class GuardianAdmin(ReadOnlyAdmin):
    """Guardians, without what only their players see: items and loadouts."""

    list_display = ("membership", "class_of", "light", "minutes_played", "last_played_at", "updated_at")
    list_filter = ("class_type", "last_played_at")
    search_fields = ("membership__name", "membership__platform_name", "=character_id")
    fields = (*list_display, "character_id", "created_at")
    list_select_related = ("membership",)
    # So many rows are slow to count.
    show_full_result_count = False

    @admin.display(description=_("class"), ordering="class_type")
    def class_of(self, guardian: Guardian) -> str:
        return guardian.class_name
