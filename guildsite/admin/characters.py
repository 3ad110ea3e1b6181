"""Characters in the admin."""

from django.contrib import admin

from characters.models import Character
from guildsite.admin.officers import ReadOnlyOfficersAdmin


@admin.register(Character)
class CharacterAdmin(ReadOnlyOfficersAdmin):
    """All known characters; for officers those on their roster."""

    guild_paths = ("membership__guild",)
    view_rights = ("guilds.manage_roster",)
    list_display = (
        "name",
        "realm",
        "level",
        "playable_class",
        "playable_race",
        "role",
        "equipped_item_level",
        "user",
        "profile_state",
        "last_login_at",
        "last_synced_at",
    )
    list_filter = ("region", "faction", "role", "profile_state", "playable_class")
    search_fields = ("name", "=blizzard_id")
    site_search_fields = ("user__battletag",)
    # They identify WoW accounts, link characters of one player, and tell when the player signed in.
    site_fields = (
        "wow_account_id",
        "owner_confirmed_at",
        "account_blizzard_id",
        "mounts_hash",
        "toys_hash",
        "status_checked_at",
    )
    list_select_related = ("realm", "playable_class", "playable_race", "user")
    date_hierarchy = "last_synced_at"
    show_full_result_count = False
