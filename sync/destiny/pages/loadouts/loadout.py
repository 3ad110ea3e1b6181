"""The page of one loadout: what it contains, how a guardian differs from it, and its buttons."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.signed_in import SignedInRequest
from destiny.door import OwnDestiny
from destiny.loadouts.build import Build
from destiny.loadouts.comparison import compare
from destiny.loadouts.matching import candidates, find, worn_by
from destiny.loadouts.mods import with_mods
from destiny.loadouts.sentences import class_in_words, fits_nowhere
from destiny.loadouts.services import delete_loadout, share_loadout, stop_sharing
from destiny.manifest.items import TABLE
from destiny.manifest.readers import manifest_of
from destiny.models import Guardian
from destiny.moves.planner import Impossible
from destiny.moves.sentences import why_impossible
from sync.destiny.moves.services import apply_set
from sync.destiny.pages.own import head_of, own_action, own_page


@own_page
def loadout(request: SignedInRequest, own: OwnDestiny, loadout_id: UUID) -> HttpResponse:
    """Show a loadout, compared with what a guardian wears (`guardian` in the address)."""
    stored, manifest = own.loadout(loadout_id), manifest_of(request)
    build, guardians = Build.of(stored), list(own.guardians)
    fitting = [one for one in guardians if _fits(stored.class_type, one)]
    named = request.GET.get("guardian", "")
    guardian = next((one for one in fitting if str(one.character_id) == named), next(iter(fitting), None))
    context = {
        **head_of(own),
        "loadout": stored,
        "class_name": class_in_words(stored.class_type),
        "manifest": manifest,
        "guardians": fitting,
        "guardian": guardian,
        "comparison": compare(build, own.items, guardian, guardians, manifest) if manifest else None,
        "share": getattr(stored, "share", None),
    }
    return render(request, "destiny/loadout.html", context)


@own_action
def apply(request: SignedInRequest, own: OwnDestiny, loadout_id: UUID) -> HttpResponse:
    """Have a guardian equip the loadout: a plan of moves, carried out by a worker."""
    stored = own.loadout(loadout_id)
    guardian = own.guardian(_number(request.POST.get("guardian", "")))
    build = Build.of(stored)
    found, left_out = find(build, candidates(build, own.items), guardian), build.mods
    if (manifest := manifest_of(request)) is not None:
        found, left_out = with_mods(build, found, worn_by(guardian, own.items), manifest)
    items = [(one.item.pk, one.wanted.plugs) for one in found if one.item is not None and one.wanted.is_worn]
    try:
        plan = apply_set(own=own, guardian=guardian, items=items, name=stored.name)
        if left_out and manifest is not None:
            names = manifest.names(TABLE, left_out)
            messages.warning(request, fits_nowhere(", ".join(names.get(one, f"#{one}") for one in left_out)))
        return redirect("destiny:plan", plan.pk)
    except Impossible as error:
        messages.error(request, why_impossible(error.reason))
    return redirect(f"{reverse('destiny:loadout', args=(stored.pk,))}?guardian={guardian.character_id}")


@own_action
def delete(request: SignedInRequest, own: OwnDestiny, loadout_id: UUID) -> HttpResponse:
    """Delete a loadout."""
    delete_loadout(loadout=own.loadout(loadout_id))
    messages.success(request, _("Loadout deleted."))
    return redirect("destiny:loadouts")


@own_action
def share(request: SignedInRequest, own: OwnDestiny, loadout_id: UUID) -> HttpResponse:
    """Give the loadout a new link, which is shown once, or end its link."""
    stored = own.loadout(loadout_id)
    if "end" in request.POST:
        stop_sharing(loadout=stored)
        messages.success(request, _("The link no longer works."))
    else:
        token = share_loadout(loadout=stored, shows_name="name" in request.POST)
        address = request.build_absolute_uri(reverse("destiny:shared_loadout", args=(token,)))
        words = _("The link, which is shown only this once: %(address)s")
        messages.success(request, words % {"address": address})
    return redirect("destiny:loadout", stored.pk)


def _fits(class_type: int, guardian: Guardian) -> bool:
    return class_type in (Guardian.ClassType.UNKNOWN, guardian.class_type)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
