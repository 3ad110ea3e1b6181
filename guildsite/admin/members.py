"""Characters and memberships in the admin, for site admins: officers have the roster and its members' pages."""

from django.contrib import admin

from accounts.readable_admin import ReadOnlyAdmin
from characters.models import Character
from guilds.guild_url import guild_url
from guilds.models import Membership


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Memberships and ranks, as on the rosters."""

    list_display = ("character", "guild", "rank", "is_main", "main_of", "joined_seen_at")
    list_filter = ("is_main", "rank", ("guild", admin.RelatedOnlyFieldListFilter))
    search_fields = ("character__name", "guild__name", "main_of__battletag")
    list_select_related = ("character", "guild", "main_of")

    def view_on_site(self, membership: Membership) -> str:
        return guild_url("guilds:member", membership.guild, membership.character_id)


@admin.register(Character)
class CharacterAdmin(ReadOnlyAdmin):
    """All known characters."""

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
    search_fields = ("name", "=blizzard_id", "user__battletag")
    list_select_related = ("realm", "playable_class", "playable_race", "user")
    date_hierarchy = "last_synced_at"
    show_full_result_count = False
