"""The ranks page, and the flow that previews a change before it is saved.

The services refuse what the user can't change: Django answers PermissionDenied with a 403.
"""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.edit_conflict import EditConflict
from guilds.models import Guild
from permissions.forms import ConflictAwareForm, RanksForm
from permissions.members import ranks_of
from permissions.preview import preview
from permissions.ranks_context import ranks_context
from permissions.rights import MANAGE_RANKS
from permissions.services import change_ranks, ranks_version

CONFLICT = 409
# Sent by the preview page, not by the forms.
PREVIEW_FIELDS = ("csrfmiddlewaretoken", "confirm", "edit")


@guild_page("guilds.view", post=MANAGE_RANKS, methods=FORM_METHODS)
def ranks(request: GuildRequest) -> HttpResponse:
    """Show the ranks and the user's own permissions; managers name ranks and choose their permission sets."""
    guild = request.guild
    if request.method != "POST":
        return show_ranks(request)
    form = _form(guild, request.POST)

    def write() -> None:
        change_ranks(
            guild=guild,
            actor=request.user,
            names=form.changed("name-"),
            set_ids=form.changed("set-"),
            version=form.cleaned_data["version"],
        )

    def show_conflict() -> HttpResponse:
        current = _form(guild, None, version=ranks_version(guild))
        return show_ranks(request, _form(guild, form.rebased(current)), status=CONFLICT)

    return preview_or_save(
        request, form, write=write, show=lambda: show_ranks(request, form), show_conflict=show_conflict
    )


def show_ranks(request: GuildRequest, form: RanksForm | None = None, *, status: int = 200) -> HttpResponse:
    """Render the ranks page."""
    context = ranks_context(request.user, request.guild, form, is_conflict=status == CONFLICT)
    return render(request, "permissions/ranks.html", context, status=status)


def preview_or_save(
    request: GuildRequest,
    form: ConflictAwareForm,
    *,
    write: Callable[[], None],
    show: Callable[[], HttpResponse],
    show_conflict: Callable[[], HttpResponse],
) -> HttpResponse:
    """Show who gains and loses what; save once the user has confirmed it."""
    if not form.is_valid() or "edit" in request.POST:
        return show()
    try:
        if "confirm" in request.POST:
            write()
            messages.success(request, _("Saved."))
            return redirect("permissions:ranks", request.guild)
        found = preview(guild=request.guild, write=write)
    except EditConflict:
        return show_conflict()
    except ValidationError as error:
        form.add_error("name", error.messages)
        return show()
    sent = [(name, value) for name, values in request.POST.lists() if name not in PREVIEW_FIELDS for value in values]
    context = {"guild": request.guild, "preview": found, "sent": sent, "is_member": True}
    return render(request, "permissions/preview.html", context)


def _form(guild: Guild, data: MultiValueDict[str, str] | None, *, version: str = "") -> RanksForm:
    return RanksForm(data, ranks=ranks_of(guild), sets=list(guild.permission_sets.all()), version=version)
