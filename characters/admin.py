"""Game data in the admin."""

from django.contrib import admin

from accounts.readable_admin import ReadOnlyAdmin
from characters.models import PlayableClass, PlayableRace, Realm, Specialization


@admin.register(PlayableClass)
class PlayableClassAdmin(ReadOnlyAdmin):
    """Playable classes."""

    list_display = ("name", "id", "updated_at")
    search_fields = ("name",)


@admin.register(PlayableRace)
class PlayableRaceAdmin(ReadOnlyAdmin):
    """Playable races."""

    list_display = ("name", "id", "faction", "updated_at")
    list_filter = ("faction",)
    search_fields = ("name",)


@admin.register(Specialization)
class SpecializationAdmin(ReadOnlyAdmin):
    """Specializations."""

    list_display = ("name", "id", "playable_class", "role", "updated_at")
    list_filter = ("role", "playable_class")
    search_fields = ("name", "playable_class__name")
    list_select_related = ("playable_class",)


@admin.register(Realm)
class RealmAdmin(ReadOnlyAdmin):
    """Realms of all configured regions."""

    list_display = ("name", "region", "slug", "connected_realm_id", "category", "timezone", "updated_at")
    list_filter = ("region", "category")
    search_fields = ("name", "slug", "=id")
