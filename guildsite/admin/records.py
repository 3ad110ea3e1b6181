"""Timeline events, officer notes and to-do items in the admin."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from characters.models import Faction
from guilds.guild_url import guild_url
from guilds.models import Guild, OfficerNote, TimelineEvent, TodoItem, Visibility
from guilds.notes.services import changeable, delete_note
from guilds.ranks import rank_names
from guilds.rights import LABELS
from guilds.timeline.sentences import plain_sentence
from guilds.timeline.shown import ShownEvent
from guilds.todo.services import remove_items
from guildsite.admin.officers import OfficersAdmin
from permissions.effective_rights import guilds_with
from permissions.templatetags.rights import rights_change


@admin.register(TimelineEvent)
class TimelineEventAdmin(OfficersAdmin):
    """Timeline events. They include the reasons of personal grants."""

    view_rights = ("guilds.manage_ranks",)
    list_display = ("happened_at", "guild", "happened", "actor")
    list_filter = ("kind", ("guild", admin.RelatedOnlyFieldListFilter))
    search_fields = ("character_name", "guild__name")
    list_select_related = ("guild", "actor", "person", "character")
    fields = ("happened_at", "guild", "happened", "kind", "character", "character_name", "person", "actor", "details")
    readonly_fields = ("happened",)
    date_hierarchy = "happened_at"
    value_words = LABELS | dict(Faction.choices) | dict(Visibility.choices)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[TimelineEvent]":
        return super().get_queryset(request).prefetch_related("guild__ranks")

    @admin.display(description=_("what happened"))
    def happened(self, event: TimelineEvent) -> str:
        shown = _as_shown(event)
        if event.kind == TimelineEvent.Kind.RIGHTS_CHANGED:
            return rights_change(shown, with_reason=True)
        return plain_sentence(shown, rank_names(event.guild))

    def view_on_site(self, event: TimelineEvent) -> str:
        return guild_url("guilds:timeline", event.guild)


@admin.register(OfficerNote)
class OfficerNoteAdmin(OfficersAdmin):
    """Officer notes, deleted by their author or a higher rank, as on the notes page."""

    view_rights = ("guilds.read_notes",)
    list_display = ("created_at", "guild", "about_character", "about_person", "text", "author", "edited_at")
    list_filter = (("guild", admin.RelatedOnlyFieldListFilter), "created_at")
    search_fields = ("about_character__name", "text", "guild__name")
    site_search_fields = ("about_person__battletag",)
    list_select_related = ("guild", "about_character", "about_person", "author")

    def view_on_site(self, note: OfficerNote) -> str:
        return guild_url("guilds:note", note.guild, note.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = cast(User, request.user)
        if obj is None:
            return user.is_superuser or bool(guilds_with(user, "guilds.write_notes"))
        return self.has_view_permission(request, obj) and obj.pk in changeable([obj], obj.guild, user)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_note(guild=obj.guild, actor=cast(User, request.user), note=obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[OfficerNote]") -> None:
        """Delete all selected notes or, if the user can't delete one of them, none."""
        for note in queryset.select_related("guild"):
            self.delete_model(request, note)


@admin.register(TodoItem)
class TodoItemAdmin(OfficersAdmin):
    """To-do items of officers, open and closed."""

    view_rights = ("guilds.manage_roster",)
    list_display = ("character", "guild", "kind", "from_rank", "to_rank", "reason", "added_by", "state", "expires_at")
    list_filter = ("state", "kind", ("guild", admin.RelatedOnlyFieldListFilter))
    search_fields = ("character__name", "reason", "guild__name")
    list_select_related = ("character", "guild", "added_by")
    actions = ("remove_from_list",)

    def view_on_site(self, item: TodoItem) -> str:
        return guild_url("guilds:todo", item.guild)

    @admin.action(description=_("Remove selected"))
    @transaction.atomic
    def remove_from_list(self, request: HttpRequest, chosen: "QuerySet[TodoItem]") -> None:
        """Remove all selected items or, if the user can't manage one of the rosters, none: that is a 403."""
        by_guild: dict[Guild, list[TodoItem]] = {}
        for item in chosen.select_related("guild"):
            by_guild.setdefault(item.guild, []).append(item)
        actor = cast(User, request.user)
        count = sum(remove_items(guild=guild, actor=actor, items=items) for guild, items in by_guild.items())
        done = ngettext("%(count)d item removed.", "%(count)d items removed.", count)
        self.message_user(request, done % {"count": count}, messages.SUCCESS)


def _as_shown(event: TimelineEvent) -> ShownEvent:
    return ShownEvent(
        id=event.pk,
        guild_id=event.guild_id,
        kind=event.kind,
        happened_at=event.happened_at,
        details=event.details,
        character_id=event.character_id,
        character_name=event.character_name,
        class_id=None,
        guild_now=None,
        person_id=event.person_id,
        person=event.person.display_name if event.person else "",
        actor_id=event.actor_id,
        actor=event.actor.display_name if event.actor else "",
    )
