"""Ranks and their rights in the admin."""

from django.contrib import admin

from permissions.models import PermissionSet, Rank


@admin.register(PermissionSet)
class PermissionSetAdmin(admin.ModelAdmin):
    """The rights that ranks share."""

    list_display = (
        "name",
        "guild",
        "can_view",
        "can_manage_roster",
        "can_edit_info",
        "can_manage_ranks",
        "can_delete",
    )
    list_filter = ("guild",)
    search_fields = ("name", "guild__name")
    list_select_related = ("guild",)
    autocomplete_fields = ("guild",)


@admin.register(Rank)
class RankAdmin(admin.ModelAdmin):
    """The guild's own names for its ranks."""

    list_display = ("guild", "rank_level", "rank_name", "permission_set")
    list_filter = ("guild",)
    search_fields = ("rank_name", "guild__name")
    list_select_related = ("guild", "permission_set")
    autocomplete_fields = ("guild", "permission_set")
