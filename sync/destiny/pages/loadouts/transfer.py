"""Loadouts from DIM and for DIM."""

from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from accounts.signed_in import SignedInRequest
from destiny.door import OwnDestiny
from destiny.loadouts import dim
from destiny.loadouts.sentences import not_dim
from destiny.loadouts.services import TooManyLoadouts, add_loadouts
from sync.destiny.pages.loadouts.builder import INVALID, OK, too_many
from sync.destiny.pages.own import head_of, own_form, own_page


@own_form
def import_dim(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Import what is pasted, or the file that is chosen: all its loadouts or none."""
    error, pasted = "", ""
    if request.method == "POST":
        pasted = request.POST.get("text", "")
        try:
            added = add_loadouts(membership=own.membership, builds=dim.read(_file(request) or pasted))
        except dim.NotDim as found:
            error = not_dim(found.where)
        except TooManyLoadouts:
            error = too_many()
        else:
            words = ngettext("%(count)d loadout imported.", "%(count)d loadouts imported.", len(added))
            messages.success(request, words % {"count": len(added)})
            return redirect("destiny:loadout", added[0].pk) if len(added) == 1 else redirect("destiny:loadouts")
    context = {**head_of(own), "error": error, "text": pasted[: dim.LARGEST_FILE]}
    return render(request, "destiny/loadout_import.html", context, status=INVALID if error else OK)


@own_page
def export_one(request: SignedInRequest, own: OwnDestiny, loadout_id: UUID) -> HttpResponse:
    """Return a loadout as DIM has it."""
    return _file_of(dim.document_of(own.loadout(loadout_id)), "loadout.json")


@own_page
def export_all(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Return all loadouts as DIM's backup file has them."""
    listed = [{"loadout": dim.document_of(one), "destinyVersion": 2} for one in own.loadouts]
    return _file_of({"loadouts": listed}, "loadouts.json")


def _file_of(content: object, name: str) -> HttpResponse:
    return JsonResponse(content, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _file(request: SignedInRequest) -> str:
    """Return the text of the file that was sent, or an empty one. Raises NotDim."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return ""
    if file.size is None or file.size > dim.LARGEST_FILE:
        raise dim.NotDim
    try:
        return str(file.read().decode())
    except UnicodeDecodeError:
        raise dim.NotDim from None
