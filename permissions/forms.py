"""The forms for ranks, permission sets and personal grants.

They only read what was sent; the services decide whether the user can do it. Choices beyond the user's rights are shown
disabled.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from guilds.ranks import rank_name
from permissions.models import PermissionSet, Rank
from permissions.resolver import LONGEST_GRANT, Authority
from permissions.rights import EVERY_RIGHT, RIGHT_CHOICES, Rights

DEFAULT_GRANT = timedelta(days=30)
NAME_LENGTH = 64


class DisabledChoices(forms.widgets.ChoiceWidget):
    """A choice of which some options are shown disabled."""

    disabled: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.disabled:
            option["attrs"]["disabled"] = True
        return option


class Select(DisabledChoices, forms.Select):
    """A drop-down list of which some options are shown disabled. A template for each option, as Django has, is slow."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = [
            (key, flatatt({"selected": str(key) in chosen, "disabled": str(key) in self.disabled}), label)
            for key, label in self.choices
        ]
        own = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html(
            "<select{}>{}</select>",
            flatatt(own),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )


class Checkboxes(DisabledChoices, forms.CheckboxSelectMultiple):
    """Checkboxes of which some are shown disabled."""


class ConflictAwareForm(forms.Form):
    """A form that sends the values it was opened with, so that only what the user changed is saved."""

    # Empty for something new. An edit without it is a conflict.
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def hidden(self) -> SafeString:
        initial = [(f"initial-{name}", value) for name in self.fields for value in self.initial_values(name)]
        fields = format_html_join("", '<input type="hidden" name="{}" value="{}">', initial)
        return fields + self["version"].as_widget()

    def initial_values(self, name: str) -> list[str]:
        """Return the raw values with which the field was opened."""
        if self.is_bound:
            return self._sent(f"initial-{name}")
        field = self.fields[name]
        value = self.get_initial_for_field(field, name) if field.show_hidden_initial else []
        return [str(one) for one in (value if isinstance(value, list) else [value])]

    def rebased(self, current: "ConflictAwareForm") -> MultiValueDict[str, str]:
        """Return data for the same form that applies the user's changes to the values of `current`, an unbound form."""
        data = MultiValueDict({"version": [current.initial["version"]]})
        for name in (name for name, field in current.fields.items() if field.show_hidden_initial):
            initial, sent, now = self.initial_values(name), self._sent(name), current.initial_values(name)
            kept = sent if sent and name in self.changed_data else now
            if isinstance(self.fields[name], forms.MultipleChoiceField):
                kept = list((set(now) | (set(sent) - set(initial))) - (set(initial) - set(sent)))
            data.setlist(name, kept)
            data.setlist(f"initial-{name}", now)
        return data

    def _sent(self, name: str) -> list[str]:
        return cast("MultiValueDict[str, str]", self.data).getlist(name)


class RanksForm(ConflictAwareForm):
    """The name and permission set of each rank. Levels that were not sent stay unchanged."""

    def __init__(
        self,
        data: MultiValueDict[str, str] | None,
        *,
        ranks: Sequence[Rank],
        sets: Sequence[PermissionSet],
        version: str = "",
    ) -> None:
        super().__init__(data, initial={"version": version})
        choices = [(str(one.pk), one.name) for one in sets]
        for rank in ranks:
            level = rank.rank_level
            self.fields[f"name-{level}"] = rank_name_field(rank)
            self.fields[f"set-{level}"] = forms.UUIDField(
                label=_("Permission set of rank %(level)d") % {"level": level},
                widget=Select(choices=choices),
                required=False,
                initial=rank.permission_set_id,
                show_hidden_initial=True,
            )

    def disable_beyond(self, authority: Authority, ranks: Sequence[Rank], sets: Sequence[PermissionSet]) -> None:
        """Show the permission sets disabled that the user can't choose."""
        disabled = frozenset(str(one.pk) for one in sets if not authority.includes(one.rights))
        for rank in ranks:
            cast(Select, self.fields[f"set-{rank.rank_level}"].widget).disabled = disabled

    def changed(self, prefix: str) -> dict[int, Any]:
        """Return the fields that begin with `prefix` and that the user changed, by level."""
        names = [name for name in self.changed_data if name.startswith(prefix) and name in self.data]
        return {int(name.removeprefix(prefix)): self.cleaned_data[name] for name in names}


class SetForm(ConflictAwareForm):
    """The name and permissions of a permission set."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, show_hidden_initial=True)
    rights = forms.MultipleChoiceField(
        label=_("Permissions"), choices=RIGHT_CHOICES, widget=Checkboxes, required=False, show_hidden_initial=True
    )

    def chosen(self) -> Rights:
        return frozenset(self.cleaned_data["rights"])


class GrantForm(forms.Form):
    """A personal grant."""

    person = forms.UUIDField(label=_("Player"))
    rights = forms.MultipleChoiceField(label=_("Permissions"), choices=RIGHT_CHOICES, widget=Checkboxes)
    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(
        self, data: MultiValueDict[str, str] | None, *, choices: Iterable[tuple[str, str]], authority: Authority
    ) -> None:
        today = timezone.localdate()
        super().__init__(data, initial={"until": today + DEFAULT_GRANT})
        self.fields["person"].widget = Select(choices=[("", _("Choose a player")), *choices])
        self.fields["until"].widget.attrs |= {"min": f"{today}", "max": f"{today + LONGEST_GRANT}"}
        disable_beyond(self, authority)

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today <= until <= today + LONGEST_GRANT:
            raise forms.ValidationError(
                _("Choose a day between today and %(days)d days from now.") % {"days": LONGEST_GRANT.days}
            )
        return until

    def grant_fields(self) -> dict[str, Any]:
        """Return the arguments of `give_grant` that the form holds, except for the player."""
        end = datetime.combine(self.cleaned_data["until"], time(23, 59, 59), timezone.get_current_timezone())
        return {
            "rights": frozenset(self.cleaned_data["rights"]),
            "reason": self.cleaned_data["reason"],
            "expires_at": end,
        }


def disable_beyond(form: SetForm | GrantForm, authority: Authority) -> None:
    """Show the permissions disabled that the user can't give."""
    cast(Checkboxes, form.fields["rights"].widget).disabled = EVERY_RIGHT - authority.rights


def rank_name_field(rank: Rank) -> forms.CharField:
    """Return the field for the name of a rank, which remembers the name that was shown."""
    return forms.CharField(
        label=_("Name of rank %(level)d") % {"level": rank.rank_level},
        widget=forms.TextInput(attrs={"placeholder": rank_name({}, rank.rank_level), "autocomplete": "off"}),
        max_length=NAME_LENGTH,
        required=False,
        initial=rank.rank_name,
        show_hidden_initial=True,
    )
