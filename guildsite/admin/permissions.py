"""Ranks, permission sets and personal grants in the admin, changed by the rules of the ranks page."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from guilds.models import Guild
from guildsite.admin.officers import OfficersAdmin, ReadOnlyOfficersAdmin, VersionedForm
from permissions import services
from permissions.effective_rights import read_authority
from permissions.models import Grant, PermissionSet, Rank
from permissions.resolver import Authority
from permissions.rights import MANAGE_RANKS, RIGHT_CHOICES, Rights, in_words


class RankForm(VersionedForm):
    """The name and permission set of a rank, with the version of all of the guild's ranks and permission sets."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "permission_set" in self.fields:
            choice = cast("forms.ModelChoiceField[PermissionSet]", self.fields["permission_set"])
            choice.queryset = self.guild.permission_sets.all()

    def version_in(self, guild: Guild) -> str:
        return services.ranks_version(guild)


class PermissionSetForm(RankForm):
    """The name and permissions of a permission set."""

    rights = forms.MultipleChoiceField(
        label=_("Permissions"), choices=RIGHT_CHOICES, widget=forms.CheckboxSelectMultiple, required=False
    )

    def clean_rights(self) -> Rights:
        return frozenset(self.cleaned_data["rights"])


class RanksAdmin(OfficersAdmin):
    """Rows that are changed through the services, which check again who can, and record it on the timeline."""

    view_rights = (MANAGE_RANKS,)
    change_right = MANAGE_RANKS
    editable_fields: tuple[str, ...] = ()
    viewed_fields: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the form's fields, or for those who can only look, what they see."""
        if self.has_change_permission(request, obj):
            return (*self.readonly_fields, *self.editable_fields, "version")
        return (*self.readonly_fields, *self.viewed_fields)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse changes to the user's own rank, to higher ones, and to rights that the user lacks."""
        if not super().has_change_permission(request, obj):
            return False
        authority = read_authority(cast(User, request.user), obj.guild) if obj else None
        return obj is None or (authority is not None and self.can_change(authority, obj))

    def can_change(self, authority: Authority, obj: Any) -> bool:
        """Return whether the rules allow to change this row."""
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the ranks page shows what a deletion changes."""
        return False


class PermissionsColumn:
    """A column that shows rights in words."""

    @admin.display(description=_("permissions"))
    def permissions(self, row: PermissionSet | Grant) -> str:
        return str(capfirst(in_words(row.rights)))


@admin.register(PermissionSet)
class PermissionSetAdmin(PermissionsColumn, RanksAdmin):
    """The permission sets of ranks."""

    form = PermissionSetForm
    readonly_fields = ("guild",)
    editable_fields = ("name", "rights")
    viewed_fields = ("name", "permissions")
    list_display = ("name", "guild", "permissions")
    list_filter = (("guild", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("name", "guild__name")
    list_select_related = ("guild",)

    def can_change(self, authority: Authority, obj: PermissionSet) -> bool:
        return authority.can_edit_set(obj.ranks.values_list("rank_level", flat=True), obj.rights)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.change_set(
            guild=obj.guild,
            actor=cast(User, request.user),
            permission_set=obj,
            name=obj.name,
            rights=obj.rights,
            version=form.cleaned_data["version"],
        )


@admin.register(Rank)
class RankAdmin(RanksAdmin):
    """The guild's names for its ranks, and the permission set of each."""

    form = RankForm
    readonly_fields = ("guild", "rank_level")
    editable_fields = viewed_fields = ("rank_name", "permission_set")
    list_display = ("guild", "rank_level", "rank_name", "permission_set")
    list_filter = (("guild", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("rank_name", "guild__name")
    list_select_related = ("guild", "permission_set")

    def can_change(self, authority: Authority, obj: Rank) -> bool:
        return authority.can_rename_rank(obj.rank_level)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.change_ranks(
            guild=obj.guild,
            actor=cast(User, request.user),
            names={obj.rank_level: obj.rank_name},
            set_ids={obj.rank_level: obj.permission_set_id},
            version=form.cleaned_data["version"],
        )


@admin.register(Grant)
class GrantAdmin(PermissionsColumn, ReadOnlyOfficersAdmin):
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

    @admin.action(description=_("End selected grants"))
    @transaction.atomic
    def end(self, request: HttpRequest, chosen: "QuerySet[Grant]") -> None:
        """End all selected grants or, if the user can't end one of them, none: that is a 403."""
        grants = list(chosen.select_related("guild"))
        for grant in grants:
            services.end_grant(guild=grant.guild, actor=cast(User, request.user), grant=grant)
        done = ngettext("%(count)d grant ended.", "%(count)d grants ended.", len(grants))
        self.message_user(request, done % {"count": len(grants)}, messages.SUCCESS)
