"""The forms of a guild's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from guilds.edit_conflict import VersionField, version_of
from guilds.models import Guild, TimelineEvent, Visibility
from guilds.prose import Prose
from guilds.settings.durations import DurationSetting
from guilds.settings.links import LONGEST_ADDRESS, LONGEST_LABEL, MOST_LINKS, Link, as_stored, check_address, links_of
from guilds.settings.services import INFO_FIELDS, info_of

LONGEST_DESCRIPTION = 500
LONGEST_RECRUITING = 4000


@dataclass(frozen=True, slots=True)
class Conflict:
    """The save that came first, and the current values that differ from what the user typed."""

    event: TimelineEvent | None
    current: dict[str, Any]


class WebAddress(forms.URLField):
    """The URL of a web page, with https:// if no scheme is given."""

    widget = forms.TextInput
    default_validators = [check_address]  # noqa: RUF012  # as Django has it

    def __init__(self, **options: Any) -> None:
        super().__init__(assume_scheme="https", max_length=LONGEST_ADDRESS, **options)


class InfoForm(forms.Form):
    """What a guild says about itself."""

    description = Prose(
        label=_("About the guild"),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        help_text=_("A few sentences under the guild's name."),
        widget=forms.Textarea({"rows": 3}),
    )
    recruiting = Prose(
        label=_("Recruiting"),
        required=False,
        max_length=LONGEST_RECRUITING,
        help_text=_("Who the guild is looking for, and how to apply. Not shown if empty."),
        widget=forms.Textarea({"rows": 6}),
    )
    visibility = forms.ChoiceField(
        label=_("Who can see the guild"),
        choices=(
            (Visibility.MEMBERS, _("Members only")),
            (Visibility.EVERYBODY, _("Everyone: overview, roster and timeline, but never who plays a character")),
        ),
        widget=forms.RadioSelect,
    )
    version = VersionField()
    conflict: Conflict | None = None

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild) -> None:
        info = info_of(guild)
        super().__init__(data, initial={**info, "version": version_of(info)})
        links = links_of(guild.links)
        for number in range(MOST_LINKS):
            shown = links[number] if number < len(links) else Link("", "")
            self.fields[f"label_{number}"] = forms.CharField(
                label=_("Label"), required=False, max_length=LONGEST_LABEL, initial=shown.label
            )
            self.fields[f"url_{number}"] = WebAddress(
                label=_("URL"),
                required=False,
                initial=shown.url,
                error_messages={"invalid": _("Enter a valid URL.")},
            )

    def link_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields of each link: its label and its URL."""
        return [(self[f"label_{number}"], self[f"url_{number}"]) for number in range(MOST_LINKS)]

    def clean(self) -> dict[str, Any]:
        """Require a URL for each label; a URL without a label gets its host as the label."""
        given = self.cleaned_data
        links = []
        for number in range(MOST_LINKS):
            label, url = " ".join(given.get(f"label_{number}", "").split()), given.get(f"url_{number}", "")
            if url:
                link = Link(label, url)
                links.append(link if label else Link(link.host[:LONGEST_LABEL], url))
            elif label and f"url_{number}" not in self.errors:
                self.add_error(f"url_{number}", _now("Enter a URL."))
        return {**given, "links": as_stored(links)}

    def info(self) -> dict[str, Any]:
        """Return what was typed, by the name of the guild's field."""
        return {name: self.cleaned_data[name] for name in INFO_FIELDS}


class DurationForm(forms.Form):
    """A number of hours or days."""

    version = VersionField()
    conflict: Conflict | None = None

    def __init__(self, data: Mapping[str, Any] | None = None, *, setting: DurationSetting, guild: Guild) -> None:
        value = setting.value_of(guild)
        shown = min(value, setting.maximum)
        super().__init__(data, initial={setting.unit: shown, "version": version_of(value)})
        self.setting = setting
        self.fields[setting.unit] = forms.IntegerField(
            label=setting.label,
            min_value=setting.minimum,
            max_value=setting.maximum,
            help_text=setting.help_text % {"maximum": setting.maximum},
        )

    @property
    def value(self) -> forms.BoundField:
        """The field of the number."""
        return self[self.setting.unit]
