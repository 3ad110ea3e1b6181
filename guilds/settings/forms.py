"""What can be typed on a guild's settings pages."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from guilds.models import LONGEST_GRACE_HOURS, LONGEST_LINK_DAYS, Guild, Visibility, link_lifetime
from guilds.settings.links import LONGEST_ADDRESS, LONGEST_LABEL, MOST_LINKS, Link, as_stored, check_address, links_of
from guilds.settings.profile import INFO_FIELDS, info_of

LONGEST_DESCRIPTION = 500
LONGEST_RECRUITING = 4000


class Prose(forms.CharField):
    """Text of several lines. Browsers send two characters for a line's end, and count one."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        """With plain line ends."""
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class WebAddress(forms.URLField):
    """An address of the web; whoever leaves out https:// means it."""

    widget = forms.TextInput
    default_validators = [check_address]  # noqa: RUF012  # as Django has it

    def __init__(self, **options: Any) -> None:
        super().__init__(assume_scheme="https", max_length=LONGEST_ADDRESS, **options)


class InfoForm(forms.Form):
    """What the guild says about itself."""

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
        help_text=_("Whom the guild looks for, and how to apply. Empty: nothing is shown."),
        widget=forms.Textarea({"rows": 6}),
    )
    visibility = forms.ChoiceField(
        label=_("Who may see the guild"),
        choices=(
            (Visibility.MEMBERS, _("Members only")),
            (Visibility.EVERYBODY, _("Everybody: page, roster and timeline, but never who plays a character")),
        ),
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(max_length=64)

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild) -> None:
        super().__init__(data, initial=info_of(guild))
        links = links_of(guild.links)
        for number in range(MOST_LINKS):
            shown = links[number] if number < len(links) else Link("", "")
            self.fields[f"label_{number}"] = forms.CharField(
                label=_("Words"), required=False, max_length=LONGEST_LABEL, initial=shown.label
            )
            self.fields[f"url_{number}"] = WebAddress(
                label=_("Address"),
                required=False,
                initial=shown.url,
                error_messages={"invalid": _("This is no address of a web page.")},
            )

    def link_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each link: its words and its address."""
        return [(self[f"label_{number}"], self[f"url_{number}"]) for number in range(MOST_LINKS)]

    def clean(self) -> dict[str, Any]:
        """A link has both or neither; the address alone serves as its words."""
        given = self.cleaned_data
        links = []
        for number in range(MOST_LINKS):
            label, url = " ".join(given.get(f"label_{number}", "").split()), given.get(f"url_{number}", "")
            if url:
                link = Link(label, url)
                links.append(link if label else Link(link.host[:LONGEST_LABEL], url))
            elif label and f"url_{number}" not in self.errors:
                self.add_error(f"url_{number}", _now("Where does it lead?"))
        return {**given, "links": as_stored(links)}

    def info(self) -> dict[str, Any]:
        """What was typed, as the guild's fields hold it."""
        return {name: self.cleaned_data[name] for name in INFO_FIELDS}


class GraceForm(forms.Form):
    """How long who left may read on."""

    hours = forms.IntegerField(
        label=_("Hours"),
        min_value=0,
        max_value=LONGEST_GRACE_HOURS,
        help_text=_("0 to 72. 0: the right to read ends with the membership."),
    )
    seen = forms.IntegerField(min_value=0)

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild) -> None:
        super().__init__(data, initial={"hours": guild.grace_hours})


class LinkDaysForm(forms.Form):
    """For how many days after a sign-in a player's characters give permissions."""

    seen = forms.IntegerField(min_value=1)

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild) -> None:
        super().__init__(data, initial={"days": link_lifetime(guild.link_days).days})
        most = link_lifetime(LONGEST_LINK_DAYS).days
        self.fields["days"] = forms.IntegerField(
            label=_("Days"),
            min_value=1,
            max_value=most,
            help_text=_("1 to %(most)d. The permissions of a player who doesn't sign in for longer are suspended.")
            % {"most": most},
        )


class DeletionForm(forms.Form):
    """The guild's name, typed by somebody who means it."""

    name = forms.CharField(
        label=_("The guild's name"),
        max_length=64,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild) -> None:
        super().__init__(data)
        self.guild = guild

    def clean_name(self) -> str:
        """The same letters, however the keyboard put their accents together."""
        name: str = self.cleaned_data["name"]
        if unicodedata.normalize("NFC", name) != unicodedata.normalize("NFC", self.guild.name):
            raise forms.ValidationError(_("This is not the guild's name."))
        return name
