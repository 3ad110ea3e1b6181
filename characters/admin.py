"""Characters and game data in the admin."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from accounts.officers import ReadOnlyOfficersAdmin
from characters.models import Character, PlayableClass, PlayableRace, Realm, Specialization


@admin.register(Character)
class CharacterAdmin(ReadOnlyOfficersAdmin):
    """Every character that Battle.net showed us; for officers those on their roster."""

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
    # WoW accounts, what tells that two characters are one person's, and when a person signed in.
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


@admin.register(PlayableClass)
class PlayableClassAdmin(ReadOnlyAdmin):
    """The classes of the game."""

    list_display = ("name", "id", "updated_at")
    search_fields = ("name",)


@admin.register(PlayableRace)
class PlayableRaceAdmin(ReadOnlyAdmin):
    """The races of the game."""

    list_display = ("name", "id", "faction", "updated_at")
    list_filter = ("faction",)
    search_fields = ("name",)


@admin.register(Specialization)
class SpecializationAdmin(ReadOnlyAdmin):
    """The specializations of the game."""

    list_display = ("name", "id", "playable_class", "role", "updated_at")
    list_filter = ("role", "playable_class")
    search_fields = ("name", "playable_class__name")
    list_select_related = ("playable_class",)


@admin.register(Realm)
class RealmAdmin(ReadOnlyAdmin):
    """The realms of all configured regions."""

    list_display = ("name", "region", "slug", "connected_realm_id", "category", "timezone", "updated_at")
    list_filter = ("region", "category")
    search_fields = ("name", "slug", "=id")
