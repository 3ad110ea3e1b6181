"""The settings of a guild: its public information, and how long permissions last."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.edit_conflict import EditConflict, overwriting
from guilds.models import KEPT_AFTER_DELETION, Guild, TimelineEvent
from guilds.settings.durations import GRACE, LINK_DAYS, DurationSetting
from guilds.settings.forms import Conflict, DurationForm, InfoForm
from guilds.settings.services import change_duration, change_info, info_of

OK, CONFLICT = 200, 409


@guild_page("guilds.edit_info", "guilds.manage_ranks", "guilds.delete", post="guilds.edit_info", methods=FORM_METHODS)
def settings(request: GuildRequest) -> HttpResponse:
    """Show all settings that the user can change; a POST saves the guild's information."""
    guild = request.guild
    if request.method != "POST":
        return _page(request)
    form = InfoForm(request.POST, guild=guild)
    if not form.is_valid():
        return _page(request, info_form=form)
    try:
        change_info(guild=guild, actor=request.user, info=form.info(), version=form.cleaned_data["version"])
    except EditConflict:
        guild.refresh_from_db()
        current = {name: value for name, value in info_of(guild).items() if value != form.info()[name]}
        form = InfoForm(overwriting(request.POST, info_of(guild)), guild=guild)
        form.conflict = Conflict(_last(guild, TimelineEvent.Kind.INFO_CHANGED), current)
        return _page(request, info_form=form, status=CONFLICT)
    return _saved(request)


@guild_page("guilds.manage_ranks", methods=FORM_METHODS)
def grace(request: GuildRequest) -> HttpResponse:
    """Save for how long leavers can view the guild."""
    return _change_duration(request, GRACE)


@guild_page("guilds.manage_ranks", methods=FORM_METHODS)
def link_days(request: GuildRequest) -> HttpResponse:
    """Save for how many days a sign-in gives permissions."""
    return _change_duration(request, LINK_DAYS)


def _change_duration(request: GuildRequest, setting: DurationSetting) -> HttpResponse:
    guild = request.guild
    if request.method != "POST":
        return redirect("guilds:settings", guild)
    form = DurationForm(request.POST, setting=setting, guild=guild)
    if not form.is_valid():
        return _page(request, duration_form=form)
    value, version = form.cleaned_data[setting.unit], form.cleaned_data["version"]
    try:
        change_duration(guild=guild, actor=request.user, setting=setting, value=value, version=version)
    except EditConflict:
        guild.refresh_from_db()
        current = setting.value_of(guild)
        form = DurationForm(overwriting(request.POST, current), setting=setting, guild=guild)
        event = _last(guild, TimelineEvent.Kind.RIGHTS_CHANGED, details__what=setting.name)
        form.conflict = Conflict(event, {setting.unit: current})
        return _page(request, duration_form=form, status=CONFLICT)
    return _saved(request)


def _page(
    request: GuildRequest,
    *,
    info_form: InfoForm | None = None,
    duration_form: DurationForm | None = None,
    status: int = OK,
) -> HttpResponse:
    """Render the settings that the user can change, with what they just typed."""
    guild, user = request.guild, request.user
    durations = [
        duration_form
        if duration_form and duration_form.setting is setting
        else DurationForm(setting=setting, guild=guild)
        for setting in (GRACE, LINK_DAYS)
    ]
    context = {
        "guild": guild,
        "info_form": (info_form or InfoForm(guild=guild)) if user.has_perm("guilds.edit_info", guild) else None,
        "duration_forms": durations if user.has_perm("guilds.manage_ranks", guild) else [],
        "can_delete": user.has_perm("guilds.delete", guild),
        "days": KEPT_AFTER_DELETION.days,
    }
    return render(request, "guilds/settings.html", context, status=status)


def _saved(request: GuildRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("guilds:settings", request.guild)


def _last(guild: Guild, kind: TimelineEvent.Kind, **wanted: object) -> TimelineEvent | None:
    return TimelineEvent.objects.filter(guild=guild, kind=kind, **wanted).select_related("actor").first()
