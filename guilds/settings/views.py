"""A guild's settings: what it says about itself, the grace for leavers, and deleting its data."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.reauthentication import RECENT, is_recently_authenticated
from guilds.access import deleted_guild_or_404, guild_or_404
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
from guilds.views import visitors_sign_in

Kind = TimelineEvent.Kind
OK, FORBIDDEN, CONFLICT = 200, 403, 409
page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Conflict:
    """Who was faster, and what stands there now where the person typed something else."""

    event: TimelineEvent | None
    now: dict[str, Any]


@page_with_form
@visitors_sign_in
def settings(request: HttpRequest, region: str, realm: str, slug: str) -> HttpResponse:
    """All settings that the person may change; the form of what the guild says about itself comes back here."""
    if request.method != "POST":
        rights = ("guilds.edit_info", "guilds.manage_ranks", "guilds.delete")
        return _page(request, guild_or_404(request, region, realm, slug, *rights))
    guild = guild_or_404(request, region, realm, slug, "guilds.edit_info")
    form = InfoForm(request.POST, guild=guild)
    if not form.is_valid():
        return _page(request, guild, info_form=form)
    try:
        change_info(guild=guild, actor=cast(User, request.user), info=form.info(), seen=form.cleaned_data["seen"])
    except Stale:
        guild = guild_or_404(request, region, realm, slug, "guilds.edit_info")
        return _page(request, guild, info_form=form, info_conflict=_info_conflict(guild, form), status=CONFLICT)
    return _saved(request, guild)


@page_with_form
@visitors_sign_in
def grace(request: HttpRequest, region: str, realm: str, slug: str) -> HttpResponse:
    """Where the form of the grace is sent to; it stands on the page of all settings."""
    guild = guild_or_404(request, region, realm, slug, "guilds.manage_ranks")
    if request.method != "POST":
        return redirect("guilds:settings", region, realm, slug)
    form = GraceForm(request.POST, guild=guild)
    if not form.is_valid():
        return _page(request, guild, grace_form=form)
    hours, seen = form.cleaned_data["hours"], form.cleaned_data["seen"]
    try:
        change_grace(guild=guild, actor=cast(User, request.user), hours=hours, seen=seen)
    except Stale:
        guild = guild_or_404(request, region, realm, slug, "guilds.manage_ranks")
        conflict = Conflict(_last(guild, Kind.RIGHTS_CHANGED, details__what="grace"), {"hours": guild.grace_hours})
        return _page(request, guild, grace_form=form, grace_conflict=conflict, status=CONFLICT)
    return _saved(request, guild)


@page_with_form
@visitors_sign_in
def link_days(request: HttpRequest, region: str, realm: str, slug: str) -> HttpResponse:
    """Where the form is sent to that says how long a sign-in lasts; it is on the page of all settings."""
    guild = guild_or_404(request, region, realm, slug, "guilds.manage_ranks")
    if request.method != "POST":
        return redirect("guilds:settings", region, realm, slug)
    form = LinkDaysForm(request.POST, guild=guild)
    if not form.is_valid():
        return _page(request, guild, link_form=form)
    days, seen = form.cleaned_data["days"], form.cleaned_data["seen"]
    try:
        change_link_days(guild=guild, actor=cast(User, request.user), days=days, seen=seen)
    except Stale:
        guild = guild_or_404(request, region, realm, slug, "guilds.manage_ranks")
        conflict = Conflict(_last(guild, Kind.RIGHTS_CHANGED, details__what="link_days"), {"days": guild.link_days})
        return _page(request, guild, link_form=form, link_conflict=conflict, status=CONFLICT)
    return _saved(request, guild)


@page_with_form
@visitors_sign_in
def delete(request: HttpRequest, region: str, realm: str, slug: str) -> HttpResponse:
    """Asks for the guild's name, a recent sign-in and a guild master of a day, then hides everything at once."""
    try:
        guild = guild_or_404(request, region, realm, slug, "guilds.delete")
    except Http404:
        # A second click, or a person who comes back.
        deleted_guild_or_404(request, region, realm, slug)
        return redirect("guilds:deleted", region, realm, slug)
    is_recent, is_sent = is_recently_authenticated(request.session), request.method == "POST"
    deletion = deletion_by(cast(User, request.user), guild)
    is_open = is_recent and deletion.is_possible
    form = DeletionForm(request.POST if is_sent and is_open else None, guild=guild)
    if form.is_valid():
        delete_data(guild=guild, actor=cast(User, request.user))
        return redirect("guilds:deleted", region, realm, slug)
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


@page_with_form
@visitors_sign_in
def deleted(request: HttpRequest, region: str, realm: str, slug: str) -> HttpResponse:
    """Until when the deletion can be undone, and the button that does."""
    try:
        guild = deleted_guild_or_404(request, region, realm, slug)
    except Http404:
        return redirect(guild_or_404(request, region, realm, slug, "guilds.delete"))
    if request.method == "POST":
        restore_data(guild=guild, actor=cast(User, request.user))
        messages.success(request, _("Everything is back. The roster is fetched anew."))
        return redirect(guild)
    return render(request, "guilds/deleted.html", {"guild": guild})


def _page(
    request: HttpRequest,
    guild: Guild,
    *,
    info_form: InfoForm | None = None,
    grace_form: GraceForm | None = None,
    link_form: LinkDaysForm | None = None,
    status: int = OK,
    **conflicts: Conflict,
) -> HttpResponse:
    """The settings, with forms that are filled in as the guild is, or as somebody just typed."""
    may = request.user.has_perm
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


def _saved(request: HttpRequest, guild: Guild) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("guilds:settings", guild.region, guild.realm.slug, guild.slug)


def _info_conflict(guild: Guild, form: InfoForm) -> Conflict:
    typed, now = form.info(), info_of(guild)
    return Conflict(
        _last(guild, Kind.INFO_CHANGED), {name: now[name] for name in INFO_FIELDS if typed[name] != now[name]}
    )


def _last(guild: Guild, kind: Kind, **wanted: object) -> TimelineEvent | None:
    return TimelineEvent.objects.filter(guild=guild, kind=kind, **wanted).select_related("actor").first()
