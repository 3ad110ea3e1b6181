"""A guild's settings: what it says about itself, the grace for leavers, and deleting its data."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.reauthentication import RECENT, is_recently_authenticated
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.deletion.guild_masters import SETTLED, deletion_by
from guilds.deletion.services import delete_data, restore_data
from guilds.models import KEPT_AFTER_DELETION, Guild, TimelineEvent
from guilds.settings.forms import DeletionForm, GraceForm, InfoForm, LinkDaysForm
from guilds.settings.profile import (
    INFO_FIELDS,
    Stale,
    change_grace,
    change_info,
    change_link_days,
    info_of,
    state_of_info,
)

Kind = TimelineEvent.Kind
OK, FORBIDDEN, CONFLICT = 200, 403, 409


@dataclass(frozen=True, slots=True)
class Conflict:
    """Who was faster, and what stands there now where the person typed something else."""

    event: TimelineEvent | None
    now: dict[str, Any]


@guild_page("guilds.edit_info", "guilds.manage_ranks", "guilds.delete", post="guilds.edit_info", methods=FORM_METHODS)
def settings(request: GuildRequest) -> HttpResponse:
    """All settings that the person may change; the form of what the guild says about itself comes back here."""
    guild = request.guild
    if request.method != "POST":
        return _page(request)
    form = InfoForm(request.POST, guild=guild)
    if not form.is_valid():
        return _page(request, info_form=form)
    try:
        change_info(guild=guild, actor=request.user, info=form.info(), seen=form.cleaned_data["seen"])
    except Stale:
        guild.refresh_from_db()
        return _page(request, info_form=form, info_conflict=_info_conflict(guild, form), status=CONFLICT)
    return _saved(request, guild)


@guild_page("guilds.manage_ranks", methods=FORM_METHODS)
def grace(request: GuildRequest) -> HttpResponse:
    """Where the form of the grace is sent to; it stands on the page of all settings."""
    guild = request.guild
    if request.method != "POST":
        return redirect("guilds:settings", guild)
    form = GraceForm(request.POST, guild=guild)
    if not form.is_valid():
        return _page(request, grace_form=form)
    hours, seen = form.cleaned_data["hours"], form.cleaned_data["seen"]
    try:
        change_grace(guild=guild, actor=request.user, hours=hours, seen=seen)
    except Stale:
        guild.refresh_from_db()
        conflict = Conflict(_last(guild, Kind.RIGHTS_CHANGED, details__what="grace"), {"hours": guild.grace_hours})
        return _page(request, grace_form=form, grace_conflict=conflict, status=CONFLICT)
    return _saved(request, guild)


@guild_page("guilds.manage_ranks", methods=FORM_METHODS)
def link_days(request: GuildRequest) -> HttpResponse:
    """Where the form is sent to that says how long a sign-in lasts; it is on the page of all settings."""
    guild = request.guild
    if request.method != "POST":
        return redirect("guilds:settings", guild)
    form = LinkDaysForm(request.POST, guild=guild)
    if not form.is_valid():
        return _page(request, link_form=form)
    days, seen = form.cleaned_data["days"], form.cleaned_data["seen"]
    try:
        change_link_days(guild=guild, actor=request.user, days=days, seen=seen)
    except Stale:
        guild.refresh_from_db()
        conflict = Conflict(_last(guild, Kind.RIGHTS_CHANGED, details__what="link_days"), {"days": guild.link_days})
        return _page(request, link_form=form, link_conflict=conflict, status=CONFLICT)
    return _saved(request, guild)


@guild_page("guilds.delete", or_deleted=True, methods=FORM_METHODS)
def delete(request: GuildRequest) -> HttpResponse:
    """Asks for the guild's name, a recent sign-in and a guild master of a day, then hides everything at once."""
    guild = request.guild
    if guild.deleted_at is not None:
        # A second click, or a person who comes back.
        return redirect("guilds:deleted", guild)
    is_recent, is_sent = is_recently_authenticated(request.session), request.method == "POST"
    deletion = deletion_by(request.user, guild)
    is_open = is_recent and deletion.is_possible
    form = DeletionForm(request.POST if is_sent and is_open else None, guild=guild)
    if form.is_valid():
        delete_data(guild=guild, actor=request.user)
        return redirect("guilds:deleted", guild)
    context = {
        "guild": guild,
        "form": form,
        "is_recent": is_recent,
        "deletion": deletion,
        "hours": SETTLED // timedelta(hours=1),
        "minutes": RECENT // timedelta(minutes=1),
        "days": KEPT_AFTER_DELETION.days,
    }
    status = FORBIDDEN if is_sent and not is_open else OK
    return render(request, "guilds/delete.html", context, status=status)


@guild_page("guilds.delete", or_deleted=True, methods=FORM_METHODS)
def deleted(request: GuildRequest) -> HttpResponse:
    """Until when the deletion can be undone, and the button that does."""
    guild = request.guild
    if guild.deleted_at is None:
        return redirect(guild)
    if request.method == "POST":
        restore_data(guild=guild, actor=request.user)
        messages.success(request, _("Everything is back. The roster is fetched anew."))
        return redirect(guild)
    return render(request, "guilds/deleted.html", {"guild": guild})


def _page(
    request: GuildRequest,
    *,
    info_form: InfoForm | None = None,
    grace_form: GraceForm | None = None,
    link_form: LinkDaysForm | None = None,
    status: int = OK,
    **conflicts: Conflict,
) -> HttpResponse:
    """The settings, with forms that are filled in as the guild is, or as somebody just typed."""
    guild, may = request.guild, request.user.has_perm
    info_conflict, grace_conflict = conflicts.get("info_conflict"), conflicts.get("grace_conflict")
    context = {
        "guild": guild,
        "info_form": (info_form or InfoForm(guild=guild)) if may("guilds.edit_info", guild) else None,
        "info_seen": _seen(info_form, info_conflict, now=state_of_info(guild)),
        "info_conflict": info_conflict,
        "grace_form": (grace_form or GraceForm(guild=guild)) if may("guilds.manage_ranks", guild) else None,
        "grace_seen": _seen(grace_form, grace_conflict, now=str(guild.grace_hours)),
        "grace_conflict": grace_conflict,
        "link_form": (link_form or LinkDaysForm(guild=guild)) if may("guilds.manage_ranks", guild) else None,
        "link_seen": _seen(link_form, conflicts.get("link_conflict"), now=str(guild.link_days)),
        "link_conflict": conflicts.get("link_conflict"),
        "may_delete": may("guilds.delete", guild),
        "days": KEPT_AFTER_DELETION.days,
    }
    return render(request, "guilds/settings.html", context, status=status)


def _seen(sent: forms.Form | None, conflict: Conflict | None, *, now: str) -> str:
    """What the person has seen: what they had before them when they typed, until they are told what is there now."""
    return now if sent is None or conflict is not None else sent.data.get("seen", "")


def _saved(request: GuildRequest, guild: Guild) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("guilds:settings", guild)


def _info_conflict(guild: Guild, form: InfoForm) -> Conflict:
    typed, now = form.info(), info_of(guild)
    return Conflict(
        _last(guild, Kind.INFO_CHANGED), {name: now[name] for name in INFO_FIELDS if typed[name] != now[name]}
    )


def _last(guild: Guild, kind: Kind, **wanted: object) -> TimelineEvent | None:
    return TimelineEvent.objects.filter(guild=guild, kind=kind, **wanted).select_related("actor").first()
