"""Deleting a guild's data, and restoring it."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.reauthentication import RECENT, is_recently_authenticated
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.deletion.forms import DeletionForm
from guilds.deletion.guild_masters import REQUIRED_TIME_AS_MASTER, deletion_by
from guilds.deletion.services import delete_data, restore_data
from guilds.models import KEPT_AFTER_DELETION

OK, FORBIDDEN = 200, 403


@guild_page("guilds.delete", or_deleted=True, methods=FORM_METHODS)
def delete(request: GuildRequest) -> HttpResponse:
    """Hide the guild's data immediately; this needs its name, a recent sign-in and a guild master of at least a day."""
    guild = request.guild
    if guild.deleted_at is not None:
        # A second click, or a user who comes back.
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
        "hours": REQUIRED_TIME_AS_MASTER // timedelta(hours=1),
        "minutes": RECENT // timedelta(minutes=1),
        "days": KEPT_AFTER_DELETION.days,
    }
    status = FORBIDDEN if is_sent and not is_open else OK
    return render(request, "guilds/delete.html", context, status=status)


@guild_page("guilds.delete", or_deleted=True, methods=FORM_METHODS)
def deleted(request: GuildRequest) -> HttpResponse:
    """Show until when the data can be restored, and restore it."""
    guild = request.guild
    if guild.deleted_at is None:
        return redirect(guild)
    if request.method == "POST":
        restore_data(guild=guild, actor=request.user)
        messages.success(request, _("Restored. The roster is being fetched again."))
        return redirect(guild)
    return render(request, "guilds/deleted.html", {"guild": guild})
