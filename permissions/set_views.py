"""The pages of permission sets: create, edit, delete."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from permissions import services
from permissions.forms import SetForm
from permissions.models import PermissionSet
from permissions.ranks_context import authority_or_403
from permissions.rights import MANAGE_RANKS
from permissions.services import ranks_version
from permissions.views import CONFLICT, preview_or_save, show_ranks


@guild_page(MANAGE_RANKS, methods=FORM_METHODS)
def edit_set(request: GuildRequest, set_id: UUID) -> HttpResponse:
    """Rename a permission set or change its permissions, for all ranks that use it."""
    guild = request.guild
    edited, current = _open(request, set_id)
    used_by = [rank.rank_level for rank in edited.ranks.all()]
    if not authority_or_403(request.user, guild).can_edit_set(used_by, edited.rights):
        raise PermissionDenied
    if request.method != "POST":
        return _show(request, current, edited)
    form = SetForm(request.POST)

    def write() -> None:
        services.change_set(
            guild=guild,
            actor=request.user,
            permission_set=edited,
            name=form.cleaned_data["name"],
            rights=form.chosen(),
            version=form.cleaned_data["version"],
        )

    def show_conflict() -> HttpResponse:
        permission_set, current = _open(request, set_id)
        return _show(request, SetForm(form.rebased(current)), permission_set, status=CONFLICT)

    return preview_or_save(
        request, form, write=write, show=lambda: _show(request, form, edited), show_conflict=show_conflict
    )


@guild_page(MANAGE_RANKS, methods=FORM_METHODS)
def new_set(request: GuildRequest) -> HttpResponse:
    """Create a permission set, empty or as a copy (`?copy=`). No rank uses it yet, so there is nothing to preview."""
    if request.method != "POST":
        return _show(request, SetForm(initial=_initial(request)))
    form = SetForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            services.create_set(guild=request.guild, actor=request.user, name=name, rights=form.chosen())
        except ValidationError as error:
            form.add_error("name", error.messages)
        else:
            messages.success(request, _("Permission set created. You can now choose it for a rank."))
            return redirect("permissions:ranks", request.guild)
    return _show(request, form)


@guild_page(MANAGE_RANKS, methods=FORM_METHODS)
def delete_set(request: GuildRequest, set_id: UUID) -> HttpResponse:
    """Delete a permission set that no rank uses. Without the form, as after signing in again, show the ranks."""
    guild = request.guild
    deleted = get_object_or_404(guild.permission_sets, pk=set_id)
    if request.method != "POST":
        return redirect("permissions:ranks", guild)
    if request.POST.get("version") != ranks_version(guild):
        return show_ranks(request, status=CONFLICT)
    try:
        services.delete_set(guild=guild, actor=request.user, permission_set=deleted)
    except PermissionSet.DoesNotExist as error:
        # Somebody else deleted it in the meantime.
        raise Http404 from error
    messages.success(request, _("Permission set deleted."))
    return redirect("permissions:ranks", guild)


def _show(
    request: GuildRequest, form: SetForm, edited: PermissionSet | None = None, *, status: int = 200
) -> HttpResponse:
    form.disable_beyond(authority_or_403(request.user, request.guild))
    context = {
        "guild": request.guild,
        "form": form,
        "edited": edited,
        "used_by": list(edited.ranks.all()) if edited else [],
        "is_conflict": status == CONFLICT,
        "is_member": True,
    }
    return render(request, "permissions/set.html", context, status=status)


def _open(request: GuildRequest, set_id: UUID) -> tuple[PermissionSet, SetForm]:
    """Return the permission set and a form with its current values. Raises Http404."""
    # Read first, so that a change made while the rest is read is noticed.
    version = ranks_version(request.guild)
    found = get_object_or_404(request.guild.permission_sets.prefetch_related("ranks"), pk=set_id)
    return found, SetForm(initial={"name": found.name, "rights": sorted(found.rights), "version": version})


def _initial(request: GuildRequest) -> dict[str, Any]:
    """Return the values of the empty form, or of a copy without the rights that the user can't give."""
    copied_id = request.GET.get("copy", "")
    copied = next((one for one in request.guild.permission_sets.all() if str(one.pk) == copied_id), None)
    if copied is None:
        return {"rights": ["guilds.view"]}
    rights = copied.rights & authority_or_403(request.user, request.guild).rights
    return {"name": _("%(name)s, copy") % {"name": copied.name[:50]}, "rights": sorted(rights)}
