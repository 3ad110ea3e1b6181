"""Ranks, their rights and personal grants in the admin, changed by the rules of the ranks page."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from guilds.models import Guild
from guildsite.admin.officers import OfficersAdmin, ReadOnlyOfficersAdmin
from permissions import services
from permissions.effective_rights import authority_of
from permissions.models import FLAG_OF, Grant, PermissionSet, Rank
from permissions.rules import Authority

MANAGE = "guilds.manage_ranks"


class RightsForm(forms.ModelForm):
    """A rank or a set, with a digest of all of the guild's when the page was opened."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["seen"] = services.state_of(self.instance.guild)
        if "permission_set" in self.fields:
            choice = cast("forms.ModelChoiceField[PermissionSet]", self.fields["permission_set"])
            choice.queryset = self.instance.guild.permission_sets.all()

    def clean_seen(self) -> str:
        """Refuses to overwrite what somebody else changed since."""
        Guild.objects.select_for_update(no_key=True).get(pk=self.instance.guild_id)
        seen: str = self.cleaned_data["seen"]
        if seen != services.state_of(self.instance.guild):
            raise forms.ValidationError(_("Somebody else has changed the ranks since you opened the page."))
        return seen


class RightsAdmin(OfficersAdmin):
    """Changed through the services, which ask anew who may, and tell the timeline."""

    view_rights = (MANAGE,)
    change_right = MANAGE
    form = RightsForm
    typed: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The digest only where something can be typed."""
        return (*self.readonly_fields, *self.typed, *(("seen",) if self.has_change_permission(request, obj) else ()))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Neither the own rank's rights nor those of one above."""
        if not super().has_change_permission(request, obj):
            return False
        authority = authority_of(cast(User, request.user), obj.guild) if obj else None
        return obj is None or (authority is not None and self.may_change(authority, obj))

    def may_change(self, authority: Authority, obj: Any) -> bool:
        """What the rules say of this row."""
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On the ranks page, where one sees what becomes of whom."""
        return False


@admin.register(PermissionSet)
class PermissionSetAdmin(RightsAdmin):
    """The rights that ranks share."""

    readonly_fields = ("guild",)
    typed = ("name", *FLAG_OF.values())
    list_display = ("name", "guild", *FLAG_OF.values())
    list_filter = (("guild", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("name", "guild__name")
    list_select_related = ("guild",)

    def may_change(self, authority: Authority, obj: PermissionSet) -> bool:
        """Only a set that no rank at or above one's own has, and whose rights one holds."""
        return authority.may_change_set(obj.ranks.values_list("rank_level", flat=True), obj.rights)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Rename it, or change its rights."""
        services.change_set(
            guild=obj.guild,
            actor=cast(User, request.user),
            permission_set=obj,
            name=obj.name,
            rights=obj.rights,
            seen=form.cleaned_data["seen"],
        )


@admin.register(Rank)
class RankAdmin(RightsAdmin):
    """The guild's own names for its ranks, and the set of each."""

    readonly_fields = ("guild", "rank_level")
    typed = ("rank_name", "permission_set")
    list_display = ("guild", "rank_level", "rank_name", "permission_set")
    list_filter = (("guild", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("rank_name", "guild__name")
    list_select_related = ("guild", "permission_set")

    def may_change(self, authority: Authority, obj: Rank) -> bool:
        """Only a rank below one's own; the guild master names the own one too."""
        return authority.may_name_rank(obj.rank_level)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Name the rank, or choose its set."""
        services.change_ranks(
            guild=obj.guild,
            actor=cast(User, request.user),
            names={obj.rank_level: obj.rank_name},
            set_ids={obj.rank_level: obj.permission_set_id},
            seen=form.cleaned_data["seen"],
        )


@admin.register(Grant)
class GrantAdmin(ReadOnlyOfficersAdmin):
    """Who holds rights for a time."""

    view_rights = (MANAGE,)
    list_display = ("user", "guild", "reason", "expires_at", "granted_by", *FLAG_OF.values())
    list_filter = (("guild", admin.RelatedOnlyFieldListFilter), "expires_at")
    search_fields = ("reason", "guild__name")
    site_search_fields = ("user__battletag",)
    list_select_related = ("user", "guild", "granted_by")
    actions = ("end",)

    @admin.action(description=_("End the chosen grants"))
    @transaction.atomic
    def end(self, request: HttpRequest, chosen: "QuerySet[Grant]") -> None:
        """All of them or, if one is not the person's to end, none: that is a 403."""
        grants = list(chosen.select_related("guild"))
        for grant in grants:
            services.end_grant(guild=grant.guild, actor=cast(User, request.user), grant=grant)
        done = ngettext("%(count)d grant is ended.", "%(count)d grants are ended.", len(grants))
        self.message_user(request, done % {"count": len(grants)}, messages.SUCCESS)
