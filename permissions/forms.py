"""What officers fill in about ranks, sets and personal grants.

The forms only read what was sent: whether the person may do it, the services decide. What somebody may not choose is
shown disabled, and refused when it comes all the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guilds.templatetags.heraldry import rank_name
from permissions.labels import LABELS
from permissions.members import Person
from permissions.models import EVERY_RIGHT, PermissionSet, Rank
from permissions.rules import LONGEST_GRANT, Authority, Rights

USUAL_GRANT = timedelta(days=30)
RIGHT_CHOICES = [(right, capfirst(label)) for right, label in LABELS.items()]
NAME_LENGTH = 64


class Select(forms.Select):
    """A list of which some choices are shown and cannot be chosen."""

    forbidden: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Django's, disabled where it is forbidden."""
        option = super().create_option(name, value, *args, **kwargs)
        return _disabled(option) if str(value) in self.forbidden else option


class Checkboxes(forms.CheckboxSelectMultiple):
    """Boxes of which some are shown and cannot be ticked."""

    forbidden: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Django's, disabled where it is forbidden."""
        option = super().create_option(name, value, *args, **kwargs)
        return _disabled(option) if str(value) in self.forbidden else option


class ConflictAwareForm(forms.Form):
    """A form that carries what the person saw, so that only what they changed is changed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def hidden(self) -> SafeString:
        """What the person saw when they began: of each field, and of the whole."""
        saw = [(f"initial-{name}", value) for name in self.fields for value in self.began_with(name)]
        fields = format_html_join("", '<input type="hidden" name="{}" value="{}">', saw)
        return fields + self["seen"].as_widget()

    def began_with(self, name: str) -> list[str]:
        """The raw values of a field that the person saw."""
        if self.is_bound:
            return self._raw(f"initial-{name}")
        field = self.fields[name]
        value = self.get_initial_for_field(field, name) if field.show_hidden_initial else []
        return [str(one) for one in (value if isinstance(value, list) else [value])]

    def typed(self, name: str) -> list[str]:
        """The raw values of a field that the person sent."""
        return self._raw(name)

    def rebased(self, present: Mapping[str, list[str]], seen: str) -> dict[str, Any]:
        """Data for the same form, as if the person had made their changes to what is there now."""
        data: dict[str, Any] = {"seen": seen}
        for name, now in present.items():
            began, typed = self.began_with(name), self.typed(name)
            field = self.fields[name]
            if not isinstance(field, forms.MultipleChoiceField):
                kept = typed if typed and name in self.changed_data else now
                data |= {name: (kept or [""])[0], f"initial-{name}": (now or [""])[0]}
                continue
            kept = [one for one, _label in RIGHT_CHOICES if one in _merged(began, typed, now)]
            data |= {name: kept, f"initial-{name}": now}
        return data

    def _raw(self, name: str) -> list[str]:
        data: Any = self.data
        value = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [value] if isinstance(value, str) else list(value)


class RanksForm(ConflictAwareForm):
    """Name and set of each rank. Levels that were not sent stay as they are."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, ranks: Sequence[Rank], sets: Sequence[PermissionSet], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        choices = [(str(one.pk), one.name) for one in sets]
        for rank in ranks:
            level = rank.rank_level
            self.fields[f"name-{level}"] = forms.CharField(
                label=_("Name of rank %(level)d") % {"level": level},
                widget=forms.TextInput(attrs={"placeholder": rank_name({}, level), "autocomplete": "off"}),
                max_length=NAME_LENGTH,
                required=False,
                initial=rank.rank_name,
                show_hidden_initial=True,
            )
            self.fields[f"set-{level}"] = forms.UUIDField(
                label=_("Set of rank %(level)d") % {"level": level},
                widget=Select(choices=choices),
                required=False,
                initial=rank.permission_set_id,
                show_hidden_initial=True,
            )

    def allow(self, authority: Authority, ranks: Sequence[Rank], sets: Sequence[PermissionSet]) -> None:
        """Show disabled what the person may not choose."""
        forbidden = frozenset(str(one.pk) for one in sets if not authority.holds(one.rights))
        for rank in ranks:
            widget: Any = self.fields[f"set-{rank.rank_level}"].widget
            widget.forbidden = forbidden

    def names(self) -> dict[int, str]:
        """The names that the person changed."""
        return {level: value for level, value in self._changed("name-")}

    def set_ids(self) -> dict[int, UUID]:
        """The sets that the person chose anew."""
        return {level: value for level, value in self._changed("set-")}

    def _changed(self, prefix: str) -> Iterable[tuple[int, Any]]:
        for name in self.changed_data:
            if name.startswith(prefix) and name in self.data:
                yield int(name.removeprefix(prefix)), self.cleaned_data[name]


class SetForm(ConflictAwareForm):
    """A set's name and rights."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, show_hidden_initial=True)
    rights = forms.MultipleChoiceField(
        label=_("Rights"), choices=RIGHT_CHOICES, widget=Checkboxes, required=False, show_hidden_initial=True
    )

    def allow(self, authority: Authority) -> None:
        """Show disabled the rights that the person cannot give."""
        _forbid(self, EVERY_RIGHT - authority.rights)

    def chosen(self) -> Rights:
        """The rights that the set shall have."""
        return frozenset(self.cleaned_data["rights"])


class GrantForm(forms.Form):
    """Rights for one person, for a time."""

    person = forms.UUIDField(label=_("Person"))
    rights = forms.MultipleChoiceField(label=_("Rights"), choices=RIGHT_CHOICES, widget=Checkboxes)
    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = forms.DateField(
        label=_("Until the end of"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, people: Iterable[tuple[Person, str]], authority: Authority
    ) -> None:
        """`people` are those to whom the person may grant, with words for each."""
        today = timezone.localdate()
        super().__init__(data, initial={"until": today + USUAL_GRANT})
        known = [(str(person.user.pk), words) for person, words in people]
        self.fields["person"].widget = Select(choices=[("", _("Choose somebody")), *known])
        self.fields["until"].widget.attrs |= {"min": f"{today}", "max": f"{today + LONGEST_GRANT}"}
        _forbid(self, EVERY_RIGHT - authority.rights)

    def clean_until(self) -> date:
        """A day that lies ahead, and not too far."""
        until: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today <= until <= today + LONGEST_GRANT:
            raise forms.ValidationError(
                _("Choose a day from today on and at most %(days)d days ahead.") % {"days": LONGEST_GRANT.days}
            )
        return until

    def fields_of_grant(self) -> dict[str, Any]:
        """What `give_grant` asks for, besides who gives to whom."""
        end = datetime.combine(self.cleaned_data["until"], time(23, 59, 59), timezone.get_current_timezone())
        return {
            "rights": frozenset(self.cleaned_data["rights"]),
            "reason": self.cleaned_data["reason"],
            "expires_at": end,
        }


def present_ranks(ranks: Iterable[Rank]) -> dict[str, list[str]]:
    """The ranks as the fields of a RanksForm would have them."""
    found: dict[str, list[str]] = {}
    for rank in ranks:
        found[f"name-{rank.rank_level}"] = [rank.rank_name]
        found[f"set-{rank.rank_level}"] = [str(rank.permission_set_id)]
    return found


def present_set(one: PermissionSet) -> dict[str, list[str]]:
    """The set as the fields of a SetForm would have it."""
    return {"name": [one.name], "rights": [right for right in LABELS if right in one.rights]}


def _merged(began: Collection[str], typed: Collection[str], now: Collection[str]) -> set[str]:
    return (set(now) | (set(typed) - set(began))) - (set(began) - set(typed))


def _forbid(form: forms.Form, rights: Rights) -> None:
    widget: Any = form.fields["rights"].widget
    widget.forbidden = rights


def _disabled(option: dict[str, Any]) -> dict[str, Any]:
    option["attrs"]["disabled"] = True
    return option
