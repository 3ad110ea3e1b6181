"""The settings of a guild: its public information, and how long permissions last."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.edit_conflict import EditConflict, VersionField, overwriting, version_of
from guilds.models import KEPT_AFTER_DELETION, Guild, TimelineEvent, Visibility
from guilds.multiline_field import MultilineField
from guilds.settings.links import (
    LONGEST_ADDRESS,
    LONGEST_LABEL,
    MOST_LINKS,
    Link,
    check_address,
    check_readable,
    links_of,
)
from guilds.settings.services import (
    DURATIONS,
    INFO_FIELDS,
    DurationSetting,
    change_duration,
    change_info,
    info_of,
)

LONGEST_DESCRIPTION = 500
LONGEST_RECRUITING = 4000
OK, CONFLICT = 200, 409


@dataclass(frozen=True, slots=True)
class Conflict:
    """The save that came first, and the current values that differ from what the user typed."""

    event: TimelineEvent | None
    current: dict[str, Any]


class WebAddress(forms.URLField):
    """The URL of a web page, with https:// if no scheme is given."""

    widget = forms.TextInput
    default_validators = [check_address, check_readable]  # noqa: RUF012  # as Django has it

    def __init__(self, **options: Any) -> None:
        super().__init__(assume_scheme="https", max_length=LONGEST_ADDRESS, **options)


class InfoForm(forms.Form):
    """The guild's public information."""

    description = MultilineField(
        label=_("About the guild"),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        help_text=_("A few sentences under the guild's name."),
        widget=forms.Textarea({"rows": 3}),
    )
    recruiting = MultilineField(
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
                label=_("Label"),
                required=False,
                max_length=LONGEST_LABEL,
                initial=shown.label,
                validators=(check_readable,),
            )
            self.fields[f"url_{number}"] = WebAddress(
                label=_("URL"),
                required=False,
                initial=shown.url,
                error_messages={"invalid": _("Enter a valid URL.")},
            )

    def link_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
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
                self.add_error(f"url_{number}", gettext("Enter a URL."))
        return {**given, "links": [asdict(link) for link in links]}

    def info(self) -> dict[str, Any]:
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
        return self[self.setting.unit]


@guild_page("guilds.edit_info", "guilds.manage_ranks", "guilds.delete", post="guilds.edit_info", methods=FORM_METHODS)
def settings(request: GuildRequest) -> HttpResponse:
    """Show all settings that the user can change; a POST saves the guild's information."""
    guild = request.guild
    if request.method != "POST":
        return _page(request)
    form = InfoForm(request.POST, guild=guild)
    if not form.is_valid():
        return _page(request, form)
    try:
        change_info(guild=guild, actor=request.user, info=form.info(), version=form.cleaned_data["version"])
    except EditConflict:
        guild.refresh_from_db()
        current = {name: value for name, value in info_of(guild).items() if value != form.info()[name]}
        form = InfoForm(overwriting(request.POST, info_of(guild)), guild=guild)
        form.conflict = Conflict(_last(guild, TimelineEvent.Kind.INFO_CHANGED), current)
        return _page(request, form)
    return _saved(request)


@guild_page("guilds.manage_ranks", methods=FORM_METHODS)
def duration(request: GuildRequest, setting: DurationSetting) -> HttpResponse:
    """Save for how long leavers can view the guild, or for how long a sign-in gives permissions."""
    guild = request.guild
    if request.method != "POST":
        return redirect("guilds:settings", guild)
    form = DurationForm(request.POST, setting=setting, guild=guild)
    if not form.is_valid():
        return _page(request, form)
    value, version = form.cleaned_data[setting.unit], form.cleaned_data["version"]
    try:
        change_duration(guild=guild, actor=request.user, setting=setting, value=value, version=version)
    except EditConflict:
        guild.refresh_from_db()
        current = setting.value_of(guild)
        form = DurationForm(overwriting(request.POST, current), setting=setting, guild=guild)
        event = _last(guild, TimelineEvent.Kind.RIGHTS_CHANGED, details__what=setting.name)
        form.conflict = Conflict(event, {setting.unit: current})
        return _page(request, form)
    return _saved(request)


def _page(request: GuildRequest, sent: InfoForm | DurationForm | None = None) -> HttpResponse:
    guild, user = request.guild, request.user
    info = sent if isinstance(sent, InfoForm) else InfoForm(guild=guild)
    durations = [DurationForm(setting=setting, guild=guild) for setting in DURATIONS]
    if isinstance(sent, DurationForm):
        durations[DURATIONS.index(sent.setting)] = sent
    context = {
        "guild": guild,
        "info_form": info if user.has_perm("guilds.edit_info", guild) else None,
        "duration_forms": durations if user.has_perm("guilds.manage_ranks", guild) else [],
        "can_delete": user.has_perm("guilds.delete", guild),
        "days": KEPT_AFTER_DELETION.days,
    }
    return render(request, "guilds/settings.html", context, status=CONFLICT if sent and sent.conflict else OK)


def _saved(request: GuildRequest) -> HttpResponse:
    messages.success(request, gettext("Saved."))
    return redirect("guilds:settings", request.guild)


def _last(guild: Guild, kind: TimelineEvent.Kind, **wanted: object) -> TimelineEvent | None:
    return TimelineEvent.objects.filter(guild=guild, kind=kind, **wanted).select_related("actor").first()
