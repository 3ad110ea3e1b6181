"""Deleting a guild's data: hidden immediately, restorable for some days, then purged but for a tombstone."""

import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import security_log
from accounts.models import User
from accounts.reauthentication import RECENT, is_recently_authenticated
from guilds.access import FORM_METHODS, GuildRequest, guild_page, lock_guild
from guilds.guild_masters import REQUIRED_TIME_AS_MASTER, can_restore, deletion_by
from guilds.models import KEPT_AFTER_DELETION, Guild, TimelineEvent
from guilds.timeline.services import new_event, record

# What is kept: public names, so that a roster or character that names the guild does not create it again.
TOMBSTONE_FIELDS = ("id", "blizzard_id", "name", "slug", "region", "realm_id", "deleted_at")
OK, FORBIDDEN = 200, 403


class DeletionForm(forms.Form):
    """The guild's name, typed as a confirmation."""

    name = forms.CharField(
        label=_("The guild's name"),
        max_length=64,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild) -> None:
        super().__init__(data)
        self.guild = guild

    def clean_name(self) -> str:
        """Compare the letters, however the keyboard composed their accents."""
        name: str = self.cleaned_data["name"]
        if unicodedata.normalize("NFC", name) != unicodedata.normalize("NFC", self.guild.name):
            raise forms.ValidationError(_("This is not the guild's name."))
        return name


@transaction.atomic
def delete_data(*, guild: Guild, actor: User) -> None:
    """Hide the guild from everyone, until its data is restored or purged.

    For its guild master, once rosters have shown them as such for a day. Raises PermissionDenied.
    """
    locked = lock_guild(guild, actor, "guilds.delete")
    if locked.deleted_at is not None:
        return
    if not deletion_by(User.objects.get(pk=actor.pk), locked).is_possible:
        raise PermissionDenied
    _mark(locked, actor, deleted=True)


@transaction.atomic
def restore_data(*, guild: Guild, actor: User) -> None:
    """Restore everything, permissions included. Raises PermissionDenied, also if it is too late."""
    locked = Guild.objects.select_for_update(no_key=True).get(pk=guild.pk)
    if not can_restore(User.objects.get(pk=actor.pk), locked):
        raise PermissionDenied
    if locked.deleted_at is None:
        return
    if not locked.is_restorable:
        raise PermissionDenied
    _mark(locked, actor, deleted=False)


@transaction.atomic
def reopen(*, guild: Guild, actor: User) -> None:
    """Let the site fetch the guild again, whatever is left of it. For site admins; raises PermissionDenied."""
    locked = lock_guild(guild, actor, "guilds.delete")
    if not actor.is_superuser:
        raise PermissionDenied
    if locked.deleted_at is not None:
        _mark(locked, actor, deleted=False)


def purge_deleted() -> int:
    """Purge deleted data that was not restored in time; return of how many guilds."""
    return sum(_purge(guild) for guild in Guild.objects.to_purge())


@transaction.atomic
def _purge(guild: Guild) -> bool:
    """Delete the row with everything that references it, and put a tombstone in its place."""
    dead = Guild.objects.to_purge().select_for_update().filter(pk=guild.pk).first()
    if dead is None:
        return False
    tombstone = Guild(purged_at=timezone.now(), **{name: getattr(dead, name) for name in TOMBSTONE_FIELDS})
    # The database protects permission sets that ranks use.
    dead.ranks.all().delete()
    dead.delete()
    tombstone.save(force_insert=True)
    return True


def _mark(guild: Guild, actor: User, *, deleted: bool) -> None:
    """Save with `update_fields`: other apps listen for `deleted_at`."""
    now = timezone.now()
    guild.deleted_at = now if deleted else None
    guild.deleted_by = actor if deleted else None
    guild.purged_at = None
    guild.save(update_fields=("deleted_at", "deleted_by", "purged_at", "updated_at"))
    kind = TimelineEvent.Kind.DATA_DELETED if deleted else TimelineEvent.Kind.DATA_RESTORED
    record([new_event(guild.pk, kind, happened_at=now, actor=actor)])
    event = security_log.Event.GUILD_DATA_DELETED if deleted else security_log.Event.GUILD_DATA_RESTORED
    security_log.record(event, actor=actor, guild_id=guild.pk)


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
        messages.success(request, gettext("Restored. The roster is being fetched again."))
        return redirect(guild)
    return render(request, "guilds/deleted.html", {"guild": guild})
