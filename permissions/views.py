"""The pages of ranks, permission sets and personal grants.

The services refuse what the user can't change: Django answers PermissionDenied with a 403.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.edit_conflict import EditConflict
from guilds.models import Guild
from guilds.ranks import rank_names
from permissions import services
from permissions.effective_rights import authority_of_page, authority_or_403
from permissions.forms import ConflictAwareForm, GrantForm, RanksForm, SetForm, disable_beyond
from permissions.members import players_of, ranks_of
from permissions.models import Grant, PermissionSet
from permissions.preview import preview
from permissions.ranks_context import grant_choices, ranks_context
from permissions.rights import MANAGE_RANKS
from permissions.services import ranks_version

CONFLICT = 409
# Sent by the preview page, not by the forms.
PREVIEW_FIELDS = ("csrfmiddlewaretoken", "confirm", "edit")


@guild_page("guilds.view", post=MANAGE_RANKS, methods=FORM_METHODS)
def ranks(request: GuildRequest) -> HttpResponse:
    """Show the ranks and the user's own permissions; managers name ranks and choose their permission sets."""
    guild = request.guild
    if request.method != "POST":
        return _show_ranks(request)
    form = _ranks_form(guild, request.POST)

    def write() -> None:
        services.change_ranks(
            guild=guild,
            actor=request.user,
            names=form.changed("name-"),
            set_ids=form.changed("set-"),
            version=form.cleaned_data["version"],
        )

    def show_conflict() -> HttpResponse:
        current = _ranks_form(guild, None, version=ranks_version(guild))
        return _show_ranks(request, _ranks_form(guild, form.rebased(current)), status=CONFLICT)

    return preview_or_save(
        request, form, write=write, show=lambda: _show_ranks(request, form), show_conflict=show_conflict
    )


def _show_ranks(request: GuildRequest, form: RanksForm | None = None, *, status: int = 200) -> HttpResponse:
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
    context = {"guild": request.guild, "preview": found, "sent": sent}
    return render(request, "permissions/preview.html", context)


def _ranks_form(guild: Guild, data: MultiValueDict[str, str] | None, *, version: str = "") -> RanksForm:
    return RanksForm(data, ranks=ranks_of(guild), sets=list(guild.permission_sets.all()), version=version)


@guild_page(MANAGE_RANKS, methods=FORM_METHODS)
def edit_set(request: GuildRequest, set_id: UUID) -> HttpResponse:
    """Rename a permission set or change its permissions, for all ranks that use it."""
    guild = request.guild
    edited, current = _open_set(request, set_id)
    used_by = [rank.rank_level for rank in edited.ranks.all()]
    if not authority_or_403(request.user, guild).can_edit_set(used_by, edited.rights):
        raise PermissionDenied
    if request.method != "POST":
        return _show_set(request, current, edited)
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
        permission_set, current = _open_set(request, set_id)
        return _show_set(request, SetForm(form.rebased(current)), permission_set, status=CONFLICT)

    return preview_or_save(
        request, form, write=write, show=lambda: _show_set(request, form, edited), show_conflict=show_conflict
    )


@guild_page(MANAGE_RANKS, methods=FORM_METHODS)
def new_set(request: GuildRequest) -> HttpResponse:
    """Create a permission set, empty or as a copy (`?copy=`). No rank uses it yet, so there is nothing to preview."""
    if request.method != "POST":
        return _show_set(request, SetForm(initial=_initial_set(request)))
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
    return _show_set(request, form)


@guild_page(MANAGE_RANKS, methods=FORM_METHODS)
def delete_set(request: GuildRequest, set_id: UUID) -> HttpResponse:
    """Delete a permission set that no rank uses. Without the form, as after signing in again, show the ranks."""
    guild = request.guild
    deleted = get_object_or_404(guild.permission_sets, pk=set_id)
    if request.method != "POST":
        return redirect("permissions:ranks", guild)
    if request.POST.get("version") != ranks_version(guild):
        return _show_ranks(request, status=CONFLICT)
    try:
        services.delete_set(guild=guild, actor=request.user, permission_set=deleted)
    except PermissionSet.DoesNotExist as error:
        # Somebody else deleted it in the meantime.
        raise Http404 from error
    messages.success(request, _("Permission set deleted."))
    return redirect("permissions:ranks", guild)


def _show_set(
    request: GuildRequest, form: SetForm, edited: PermissionSet | None = None, *, status: int = 200
) -> HttpResponse:
    disable_beyond(form, authority_or_403(request.user, request.guild))
    context = {
        "guild": request.guild,
        "form": form,
        "edited": edited,
        "used_by": list(edited.ranks.all()) if edited else [],
        "is_conflict": status == CONFLICT,
    }
    return render(request, "permissions/set.html", context, status=status)


def _open_set(request: GuildRequest, set_id: UUID) -> tuple[PermissionSet, SetForm]:
    """Return the permission set and a form with its current values. Raises Http404."""
    # Read first, so that a change made while the rest is read is noticed.
    version = ranks_version(request.guild)
    found = get_object_or_404(request.guild.permission_sets.prefetch_related("ranks"), pk=set_id)
    return found, SetForm(initial={"name": found.name, "rights": sorted(found.rights), "version": version})


def _initial_set(request: GuildRequest) -> dict[str, Any]:
    """Return the values of the empty form, or of a copy without the rights that the user can't give."""
    copied_id = request.GET.get("copy", "")
    copied = next((one for one in request.guild.permission_sets.all() if str(one.pk) == copied_id), None)
    if copied is None:
        return {"rights": ["guilds.view"]}
    rights = copied.rights & authority_or_403(request.user, request.guild).rights
    return {"name": _("%(name)s, copy") % {"name": copied.name[:50]}, "rights": sorted(rights)}


@guild_page(MANAGE_RANKS, methods=FORM_METHODS)
def new_grant(request: GuildRequest) -> HttpResponse:
    """Give a player of a lower rank permissions for a time."""
    guild = request.guild
    posted = request.POST if request.method == "POST" else None
    authority = authority_of_page(request.user, guild)
    choices = grant_choices(players_of(guild).values(), authority, request.user, rank_names(guild))
    form = GrantForm(posted, choices=choices, authority=authority)
    if posted is not None and form.is_valid():
        person = User.objects.filter(pk=form.cleaned_data["person"]).first()
        if person is None:
            raise PermissionDenied
        services.give_grant(guild=guild, actor=request.user, person=person, **form.grant_fields())
        messages.success(request, _("Grant given to %(person)s.") % {"person": person.display_name})
        return redirect("permissions:ranks", guild)
    return render(request, "permissions/grant.html", {"guild": guild, "form": form})


@guild_page("guilds.view", methods=FORM_METHODS)
def end_grant(request: GuildRequest, grant_id: UUID) -> HttpResponse:
    """End the user's own grant, or one that they could give."""
    guild = request.guild
    if request.method != "POST":
        return redirect("permissions:ranks", guild)
    grant = get_object_or_404(guild.grants.running(), pk=grant_id)
    try:
        services.end_grant(guild=guild, actor=request.user, grant=grant)
    except Grant.DoesNotExist as error:
        # Somebody else ended it in the meantime.
        raise Http404 from error
    messages.success(request, _("Grant ended."))
    return redirect("permissions:ranks", guild)
