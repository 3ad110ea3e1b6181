"""The security log in the admin."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList

from accounts.models import SecurityEvent
from accounts.readable_admin import ReadOnlyAdmin
from guilds.rights import LABELS


class EventFilter(admin.ChoicesFieldListFilter):
    """Kinds of events, without those of Destiny while it is off."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        of_destiny = (SecurityEvent.Event.BUNGIE_CONNECTED.label, SecurityEvent.Event.BUNGIE_DISCONNECTED.label)
        hidden = () if settings.DESTINY_ENABLED else tuple(str(one) for one in of_destiny)
        return (one for one in super().choices(changelist) if not str(one["display"]).startswith(hidden))


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """The security log, which nobody can change."""

    list_display = ("created_at", "event", "user_label", "actor_label", "address", "details")
    list_filter = (("event", EventFilter), "created_at")
    search_fields = ("user_label", "actor_label", "=address", "=guild_id")
    fields = ("created_at", "event", "user_label", "actor_label", "guild_id", "address", "details")
    date_hierarchy = "created_at"
    show_full_result_count = False
    value_words = LABELS
