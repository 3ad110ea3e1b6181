"""Guilds and characters in the admin."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from characters.models import Character
from guilds.deletion import reopen
from guilds.edit_conflict import version_of
from guilds.models import Guild, Membership, OfficerNote, TimelineEvent, TodoItem
from guilds.multiline_field import MultilineField
from guilds.notes.services import changeable, delete_note
from guilds.rights import OFFICERS_RIGHTS
from guilds.settings.services import INFO_FIELDS, change_info, info_of
from guilds.settings.views import LONGEST_DESCRIPTION, LONGEST_RECRUITING
from guilds.todo.services import remove_items
from guildsite.admin.officers import OfficersAdmin, ReadOnlyOfficersAdmin, VersionedForm
from permissions.effective_rights import guilds_with


class LinksField(forms.JSONField):
    """JSON that can be shown again even if it contains half of a surrogate pair, which UTF-8 can't encode."""

    def prepare_value(self, value: Any) -> Any:
        text = super().prepare_value(value)
        return text.encode("utf-8", "backslashreplace").decode() if isinstance(text, str) else text


class GuildForm(VersionedForm):
    """The guild's info."""

    description = MultilineField(required=False, max_length=LONGEST_DESCRIPTION)
    recruiting = MultilineField(required=False, max_length=LONGEST_RECRUITING)
    links = LinksField(required=False)

    class Meta:
        model = Guild
        fields = INFO_FIELDS

    def version_in(self, guild: Guild) -> str:
        return version_of(info_of(guild))


@admin.register(Guild)
class GuildAdmin(OfficersAdmin):
    """Guilds. Officers edit the info; the rest comes from Battle.net."""

    guild_paths = ("pk",)
    view_rights = OFFICERS_RIGHTS
    change_right = "guilds.edit_info"
    form = GuildForm
    list_display = ("name", "realm", "faction", "member_count", "visibility", "last_synced_at", "deleted_at")
    list_filter = ("region", "faction", "visibility", ("deleted_at", admin.EmptyFieldListFilter))
    actions = ("reopen",)
    search_fields = ("name", "realm__name", "=blizzard_id")
    list_select_related = ("realm",)
    readonly_fields = (
        "name",
        "slug",
        "region",
        "realm",
        "faction",
        "blizzard_id",
        "member_count",
        "achievement_points",
        "founded_at",
        "crest",
        "deleted_at",
        "deleted_by",
        "purged_at",
        "roster_doubted_at",
        "roster_doubted_modified",
        "not_found_since",
        "last_modified",
        "roster_snapshot_at",
        "last_synced_at",
        "created_at",
        "updated_at",
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        typed = (*INFO_FIELDS, "version") if self.has_change_permission(request, obj) else INFO_FIELDS
        return (*typed, *self.get_readonly_fields(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.deleted_at is None)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save through the service, which checks again and records the change on the timeline."""
        info = {name: form.cleaned_data[name] for name in INFO_FIELDS}
        change_info(guild=obj, actor=cast(User, request.user), info=info, version=form.cleaned_data["version"])

    def view_on_site(self, guild: Guild) -> str:
        return guild.get_absolute_url()

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


@admin.register(Membership)
class MembershipAdmin(ReadOnlyOfficersAdmin):
    """Memberships and ranks, as on the rosters."""

    view_rights = ("guilds.manage_roster",)
    list_display = ("character", "guild", "rank", "is_main", "main_of", "joined_seen_at")
    list_filter = ("is_main", "rank", ("guild", admin.RelatedOnlyFieldListFilter))
    search_fields = ("character__name", "guild__name")
    site_search_fields = ("main_of__battletag",)
    list_select_related = ("character", "guild", "main_of")


@admin.register(TimelineEvent)
class TimelineEventAdmin(ReadOnlyOfficersAdmin):
    """Timeline events. They include the reasons of personal grants."""

    view_rights = ("guilds.manage_ranks",)
    list_display = ("happened_at", "guild", "character_name", "kind", "actor", "details")
    list_filter = ("kind", ("guild", admin.RelatedOnlyFieldListFilter))
    search_fields = ("character_name", "guild__name")
    list_select_related = ("guild", "actor")
    date_hierarchy = "happened_at"


@admin.register(OfficerNote)
class OfficerNoteAdmin(ReadOnlyOfficersAdmin):
    """Officer notes, deleted by their author or a higher rank, as on the notes page."""

    view_rights = ("guilds.read_notes",)
    list_display = ("created_at", "guild", "about_character", "about_person", "text", "author", "edited_at")
    list_filter = (("guild", admin.RelatedOnlyFieldListFilter), "created_at")
    search_fields = ("about_character__name", "text", "guild__name")
    site_search_fields = ("about_person__battletag",)
    list_select_related = ("guild", "about_character", "about_person", "author")

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
class TodoItemAdmin(ReadOnlyOfficersAdmin):
    """To-do items of officers, open and closed."""

    view_rights = ("guilds.manage_roster",)
    list_display = ("character", "guild", "kind", "from_rank", "to_rank", "reason", "added_by", "state", "expires_at")
    list_filter = ("state", "kind", ("guild", admin.RelatedOnlyFieldListFilter))
    search_fields = ("character__name", "reason", "guild__name")
    list_select_related = ("character", "guild", "added_by")
    actions = ("remove_from_list",)

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
