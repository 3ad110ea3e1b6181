"""The builder: a form for a new loadout or a stored one, which shows itself again until it is saved."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.signed_in import SignedInRequest
from destiny.door import OwnDestiny
from destiny.loadouts.build import Build
from destiny.loadouts.builder import Shelf, plugs_of, shelf_of, slot_fields, too_costly
from destiny.loadouts.drafts import EMPTY, build_of, chosen_of, from_equipped, from_game, value_of
from destiny.loadouts.rules import breaches
from destiny.loadouts.sentences import breach_in_words, costs_too_much
from destiny.loadouts.services import SavedMeanwhile, TooManyLoadouts, add_loadouts, change_loadout
from destiny.loadouts.slots import SLOTS
from destiny.loadouts.sockets import Sockets, sockets_of
from destiny.manifest.readers import Manifest, manifest_of
from destiny.models import Guardian, Item, Loadout
from sync.destiny.pages.own import head_of, own_form

OK, INVALID, CONFLICT = 200, 422, 409
EQUIPPED = "equipped"
SocketsByItem = Mapping[int, Sockets]


@own_form
def new(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Build a new loadout, from nothing, from what a guardian wears, or from one of the game's."""
    manifest = _manifest(request)
    shelf = shelf_of(own.items, own.guardians, manifest)
    if request.method != "POST":
        build, sockets = _start(own, shelf, request.GET)
        return _page(request, own, shelf, build, sockets)
    sockets = shelf.sockets(chosen_of(request.POST, EMPTY).values())
    build = build_of(request.POST, EMPTY, sockets)
    errors = _errors(build, sockets, manifest) if "save" in request.POST else []
    if "save" in request.POST and not errors:
        try:
            (stored,) = add_loadouts(membership=own.membership, builds=[build])
        except TooManyLoadouts:
            errors = [too_many()]
        else:
            messages.success(request, _("Loadout saved."))
            return redirect("destiny:loadout", stored.pk)
    return _page(request, own, shelf, build, sockets, errors=errors)


@own_form
def edit(request: SignedInRequest, own: OwnDestiny, loadout_id: UUID) -> HttpResponse:
    """Change a loadout. Saving over what somebody saved meanwhile needs another click."""
    loadout, manifest = own.loadout(loadout_id), _manifest(request)
    shelf, base = shelf_of(own.items, own.guardians, manifest), Build.of(loadout)
    if request.method != "POST":
        return _page(request, own, shelf, base, shelf.sockets(base.items), loadout)
    sockets = shelf.sockets(chosen_of(request.POST, base).values())
    build = build_of(request.POST, base, sockets)
    revision = _number(request.POST.get("revision", ""))
    errors = _errors(build, sockets, manifest) if "save" in request.POST else []
    if "save" not in request.POST or errors:
        return _page(request, own, shelf, build, sockets, loadout, revision=revision, errors=errors)
    try:
        change_loadout(loadout=loadout, build=build, revision=revision)
    except SavedMeanwhile:
        return _page(request, own, shelf, build, sockets, loadout, is_conflict=True)
    messages.success(request, _("Loadout saved."))
    return redirect("destiny:loadout", loadout.pk)


def too_many() -> str:
    """Return what somebody is told who has too many loadouts."""
    return _("You have as many loadouts as fit. Delete one first.")


def _manifest(request: SignedInRequest) -> Manifest:
    manifest = manifest_of(request)
    if manifest is None:
        raise Http404
    return manifest


def _start(own: OwnDestiny, shelf: Shelf, wanted: QueryDict) -> tuple[Build, SocketsByItem]:
    """Return the build that the address asks to start with."""
    guardian = _guardian(shelf, wanted.get("guardian", ""))
    if guardian is None:
        return EMPTY, {}
    start = wanted.get("start", "")
    if start == EQUIPPED:
        worn = list(own.items.filter(guardian=guardian, place=Item.Place.EQUIPPED, bucket_hash__in=SLOTS))
        worn.sort(key=lambda one: SLOTS.index(one.bucket_hash))
        sockets = sockets_of(shelf.manifest, worn)
        return from_equipped(guardian, worn, sockets), sockets
    loadout = _in_game(guardian, start)
    if loadout is None:
        return Build(class_type=guardian.class_type), {}
    items = list(own.items.filter(instance_id__in=[instance for instance, _plugs in loadout["items"]]))
    sockets = sockets_of(shelf.manifest, items)
    return from_game(guardian, loadout, items, sockets), sockets


def _guardian(shelf: Shelf, text: str) -> Guardian | None:
    """Return the guardian that the address names, or the one played last."""
    named = next((one for one in shelf.guardians if str(one.character_id) == text), None)
    return named or next(iter(shelf.guardians), None)


def _in_game(guardian: Guardian, number: str) -> dict[str, list[tuple[int, list[int]]]] | None:
    index = _number(number) - 1
    return guardian.loadouts[index] if 0 <= index < len(guardian.loadouts) else None


def _errors(build: Build, sockets: SocketsByItem, manifest: Manifest) -> list[str]:
    definitions = manifest.items({one.hash for one in build.items} | plugs_of(build.items, sockets))
    errors = [breach_in_words(breach, names) for breach, names in breaches(build, definitions)]
    errors += [costs_too_much(name, energy) for name, energy in too_costly(build, sockets, definitions)]
    if not build.name:
        errors.insert(0, _("Enter a name."))
    if not build.items:
        errors.append(_("Choose at least one item."))
    return errors


def _page(
    request: SignedInRequest,
    own: OwnDestiny,
    shelf: Shelf,
    build: Build,
    sockets: SocketsByItem,
    loadout: Loadout | None = None,
    *,
    revision: int | None = None,
    errors: list[str] | None = None,
    is_conflict: bool = False,
) -> HttpResponse:
    searches = request.POST if request.method == "POST" else QueryDict()
    definitions = shelf.manifest.items({one.hash for one in build.items} | set(build.mods))
    names = {key: one.name for key, one in definitions.items()}
    in_slots = {key for key, one in definitions.items() if one.bucket_hash in SLOTS}
    extras = [one for one in build.items if one.hash not in in_slots or not one.is_worn]
    classes = [one for one in Guardian.ClassType.choices if one[0] != Guardian.ClassType.UNKNOWN]
    context = {
        **head_of(own),
        "loadout": loadout,
        "build": build,
        "guardians": shelf.guardians,
        "classes": classes,
        "slots": slot_fields(build, shelf, sockets, searches),
        "extras": [(value_of(one), names.get(one.hash, f"#{one.hash}")) for one in extras],
        "mods": [(str(one), names.get(one, f"#{one}")) for one in build.mods],
        "revision": revision or (loadout.revision if loadout else 0),
        "shows_sockets": request.method == "POST",
        "errors": errors,
        "is_conflict": is_conflict,
    }
    status = CONFLICT if is_conflict else INVALID if errors else OK
    return render(request, "destiny/loadout_builder.html", context, status=status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
