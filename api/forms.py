"""Forms to make tokens."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from api.areas import Area, areas

DEFAULT_DAYS = 90
LIFETIMES = ((7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("1 year")))


class TokenForm(forms.Form):
    """A token's name, permissions and expiry."""

    name = forms.CharField(
        label=_("Name"), max_length=64, help_text=_("What it is for, such as the spreadsheet's name.")
    )
    permissions = forms.MultipleChoiceField(label=_("Permissions"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(label=_("Expires after"), choices=LIFETIMES, coerce=int, initial=DEFAULT_DAYS)

    def __init__(self, data: Mapping[str, Any] | None, *, of: Iterable[Area]) -> None:
        super().__init__(data)
        labels = [(name, capfirst(str(label))) for area in of for name, label in area.permissions.items()]
        cast(forms.MultipleChoiceField, self.fields["permissions"]).choices = labels

    @property
    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])


class PersonalTokenForm(TokenForm):
    """Also chooses the guilds."""

    guilds = forms.MultipleChoiceField(label=_("Guilds"), widget=forms.CheckboxSelectMultiple, required=False)
    field_order = ("name", "guilds", "permissions", "days")

    def __init__(self, data: Mapping[str, Any] | None, *, person: User) -> None:
        super().__init__(data, of=areas())
        guilds = [guild for area in areas() for guild in area.guilds(person)]
        cast(forms.MultipleChoiceField, self.fields["guilds"]).choices = [(str(pk), name) for pk, name in guilds]
        if not guilds:
            del self.fields["guilds"]

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("permissions", ())
        about_guilds = {name for area in areas() if area.is_about_guilds for name in area.permissions}
        if not self.guild_ids and about_guilds.intersection(chosen):
            self.add_error("guilds" if "guilds" in self.fields else None, _("Choose at least one guild."))
        return self.cleaned_data

    @property
    def guild_ids(self) -> list[UUID]:
        return [UUID(one) for one in self.cleaned_data.get("guilds", ())]
