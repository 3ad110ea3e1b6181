"""A guild's ranks: who may do what, why, and the changes of it.

What a person may not change is refused by the services; PermissionDenied becomes a 403 by itself.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.models import Guild
from permissions import ranks_context as pages
from permissions import services
from permissions.forms import ConflictAwareForm, GrantForm, RanksForm, SetForm, present_ranks, present_set
from permissions.members import people_of, ranks_of
from permissions.models import PermissionSet
from permissions.preview import preview
from permissions.services import Stale, state_of

MANAGE = "guilds.manage_ranks"
CONFLICT = 409
# Named by the buttons of the preview, not by the forms.
STEPS = ("csrfmiddlewaretoken", "confirm", "edit")


@guild_page("guilds.view", post=MANAGE, methods=FORM_METHODS)
def ranks(request: GuildRequest) -> HttpResponse:
    """The ranks and why one may do what one may do; whoever may manage them names them and chooses their sets."""
    guild = request.guild
    if request.method != "POST":
        return _show_ranks(request, guild)
    form = _ranks_form(guild, request.POST)

    def write() -> None:
        services.change_ranks(
            guild=guild,
            actor=request.user,
            names=form.names(),
            set_ids=form.set_ids(),
            seen=form.cleaned_data["seen"],
        )

    def start_again() -> HttpResponse:
        seen = state_of(guild)
        data = form.rebased(present_ranks(ranks_of(guild)), seen)
        return _show_ranks(request, guild, _ranks_form(guild, data), status=CONFLICT)

    return _consider(
        request,
        guild,
        form,
        write=write,
        show=lambda: _show_ranks(request, guild, form),
        start_again=start_again,
    )


@guild_page(MANAGE, methods=FORM_METHODS)
def edit_set(request: GuildRequest, set_id: UUID) -> HttpResponse:
    """Rename a set or change its rights, for all ranks that have it."""
    guild = request.guild
    # Before what is shown, so that a change in between is noticed.
    seen = state_of(guild)
    edited = get_object_or_404(guild.permission_sets.prefetch_related("ranks"), pk=set_id)
    if not pages.may_edit(pages.authority(request.user, guild), edited):
        raise PermissionDenied
    if request.method != "POST":
        initial = {"name": edited.name, "rights": sorted(edited.rights), "seen": seen}
        return _show_set(request, guild, SetForm(initial=initial), edited)
    form = SetForm(request.POST)

    def write() -> None:
        services.change_set(
            guild=guild,
            actor=request.user,
            permission_set=edited,
            name=form.cleaned_data["name"],
            rights=form.chosen(),
            seen=form.cleaned_data["seen"],
        )

    def start_again() -> HttpResponse:
        seen = state_of(guild)
        present = get_object_or_404(guild.permission_sets.prefetch_related("ranks"), pk=set_id)
        data = form.rebased(present_set(present), seen)
        return _show_set(request, guild, SetForm(data), present, status=CONFLICT)

    return _consider(
        request,
        guild,
        form,
        write=write,
        show=lambda: _show_set(request, guild, form, edited),
        start_again=start_again,
    )


@guild_page(MANAGE, methods=FORM_METHODS)
def new_set(request: GuildRequest) -> HttpResponse:
    """Make a set, from nothing or (`?copy=`) from another; no rank has it yet, so there is nothing to preview."""
    guild = request.guild
    if request.method != "POST":
        return _show_set(request, guild, SetForm(initial=_copied(request, guild)))
    form = SetForm(request.POST)
    if form.is_valid():
        try:
            made = services.make_set(
                guild=guild, actor=request.user, name=form.cleaned_data["name"], rights=form.chosen()
            )
        except ValidationError as error:
            form.add_error("name", error.messages)
        else:
            messages.success(request, _("The set “%(name)s” is there. Ranks can have it now.") % {"name": made})
            return _to_ranks(guild)
    return _show_set(request, guild, form)


@guild_page(MANAGE, methods=FORM_METHODS)
def delete_set(request: GuildRequest, set_id: UUID) -> HttpResponse:
    """Remove a set that no rank has. Whoever comes without the form, as after signing in anew, is led to the ranks."""
    guild = request.guild
    removed = get_object_or_404(guild.permission_sets, pk=set_id)
    if request.method != "POST":
        return _to_ranks(guild)
    if request.POST.get("seen") != state_of(guild):
        return _show_ranks(request, guild, status=CONFLICT)
    _or_404(lambda: services.delete_set(guild=guild, actor=request.user, permission_set=removed))
    messages.success(request, _("The set “%(name)s” is deleted.") % {"name": removed})
    return _to_ranks(guild)


@guild_page(MANAGE, methods=FORM_METHODS)
def new_grant(request: GuildRequest) -> HttpResponse:
    """Give one person of a lower rank rights for a time."""
    guild = request.guild
    posted = request.POST if request.method == "POST" else None
    authority = pages.authority(request.user, guild)
    people = pages.grantable(people_of(guild).values(), authority, request.user, ranks_of(guild))
    form = GrantForm(posted, people=people, authority=authority)
    if posted is not None and form.is_valid():
        person = User.objects.filter(pk=form.cleaned_data["person"]).first()
        if person is None:
            raise PermissionDenied
        services.give_grant(guild=guild, actor=request.user, person=person, **form.fields_of_grant())
        messages.success(request, _("%(person)s holds these rights now.") % {"person": person.display_name})
        return _to_ranks(guild)
    return render(request, "permissions/grant.html", {"guild": guild, "form": form, "is_member": True})


@guild_page("guilds.view", methods=FORM_METHODS)
def end_grant(request: GuildRequest, grant_id: UUID) -> HttpResponse:
    """Take a personal grant back; whoever holds it may give it back."""
    guild = request.guild
    if request.method != "POST":
        return _to_ranks(guild)
    grant = get_object_or_404(guild.grants.running(), pk=grant_id)
    _or_404(lambda: services.end_grant(guild=guild, actor=request.user, grant=grant))
    messages.success(request, _("The personal grant has ended."))
    return _to_ranks(guild)


def _consider(
    request: GuildRequest,
    guild: Guild,
    form: ConflictAwareForm,
    *,
    write: Callable[[], None],
    show: Callable[[], HttpResponse],
    start_again: Callable[[], HttpResponse],
) -> HttpResponse:
    """Show who gains and loses what; save when the person has seen it and says so."""
    if not form.is_valid() or "edit" in request.POST:
        return show()
    try:
        if "confirm" in request.POST:
            write()
            messages.success(request, _("Saved. It holds from now on, for everybody whom it concerns."))
            return _to_ranks(guild)
        found = preview(guild=guild, write=write)
    except Stale:
        return start_again()
    except ValidationError as error:
        form.add_error("name", error.messages)
        return show()
    sent = [(name, value) for name, values in request.POST.lists() if name not in STEPS for value in values]
    context = {"guild": guild, "preview": found, "sent": sent, "is_member": True}
    return render(request, "permissions/preview.html", context)


def _show_ranks(
    request: GuildRequest, guild: Guild, form: RanksForm | None = None, *, status: int = 200
) -> HttpResponse:
    return render(request, "permissions/ranks.html", pages.ranks_page(request.user, guild, form, status), status=status)


def _show_set(
    request: GuildRequest, guild: Guild, form: SetForm, edited: PermissionSet | None = None, *, status: int = 200
) -> HttpResponse:
    form.allow(pages.authority(request.user, guild))
    context = {
        "guild": guild,
        "form": form,
        "edited": edited,
        "used_by": list(edited.ranks.all()) if edited else [],
        "changed_meanwhile": status == CONFLICT,
        "is_member": True,
    }
    return render(request, "permissions/set.html", context, status=status)


def _ranks_form(guild: Guild, data: Any) -> RanksForm:
    return RanksForm(data, ranks=ranks_of(guild), sets=list(guild.permission_sets.all()))


def _copied(request: GuildRequest, guild: Guild) -> dict[str, Any]:
    """What a new set begins with. Rights that the person cannot give are left out of a copy."""
    asked = request.GET.get("copy", "")
    model = next((one for one in guild.permission_sets.all() if str(one.pk) == asked), None)
    if model is None:
        return {"rights": ["guilds.view"]}
    rights = model.rights & pages.authority(request.user, guild).rights
    return {"name": _("%(name)s, copy") % {"name": model.name[:50]}, "rights": sorted(rights)}


def _or_404(write: Callable[[], None]) -> None:
    """Somebody else may remove the same thing in this moment."""
    try:
        write()
    except ObjectDoesNotExist as gone:
        raise Http404 from gone


def _to_ranks(guild: Guild) -> HttpResponse:
    return redirect("permissions:ranks", guild)
