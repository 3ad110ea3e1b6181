"""One of the game's own loadouts: what it contains, and what can be done with it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.signed_in import SignedInRequest
from destiny.door import OwnDestiny
from destiny.loadouts.game import GameLoadout, Identifiers, game_loadouts, identifiers, instances_in
from destiny.loadouts.sentences import GAME_ACTIONS
from destiny.manifest.readers import manifest_of
from destiny.models import Guardian, MoveStep
from destiny.moves.goals import LOADOUT_ACTIONS, Action
from destiny.moves.planner import Impossible
from destiny.moves.sentences import why_impossible, why_not
from sync.destiny.moves.loadouts import request_loadout_action
from sync.destiny.pages.own import head_of, own_form

NAMED = (Action.SNAPSHOT, Action.RENAME)


@own_form
def game_loadout(request: SignedInRequest, own: OwnDestiny, guardian_id: int, number: int) -> HttpResponse:
    """Show one of a guardian's loadouts in the game, counted from 1; a POST has a worker do something (`do`)."""
    manifest, guardian = manifest_of(request), own.guardian(guardian_id)
    if manifest is None or not 0 < number <= len(guardian.loadouts):
        raise Http404
    known = identifiers(manifest)
    items = list(own.items.filter(instance_id__in=instances_in([guardian])).defer("details"))
    loadout = game_loadouts(manifest, known, list(own.guardians), items)[guardian_id][number - 1]
    if request.method == "POST":
        _act(request, own, loadout, known)
        return redirect(request.path)
    context = {
        **head_of(own),
        "guardian": guardian,
        "loadout": loadout,
        "names": [(str(key), name, key == loadout.hashes[0]) for key, name in known.names],
        "icons": _numbered(known.icons, loadout.icon),
        "colors": _numbered(known.colors, loadout.color),
        "start": urlencode({"guardian": guardian.character_id, "start": number}),
        "latest": _latest(own, guardian, number - 1),
        "is_unverified": guardian.loadouts_written_at is not None,
    }
    return render(request, "destiny/game_loadout.html", context)


def _act(request: SignedInRequest, own: OwnDestiny, loadout: GameLoadout, known: Identifiers) -> None:
    action = next((one for one in LOADOUT_ACTIONS if one.value == request.POST.get("do")), None)
    wanted = tuple(_hash(request.POST.get(key, "")) for key in ("name", "icon", "color"))
    if action is None or (loadout.is_empty and action is not Action.SNAPSHOT):
        messages.error(request, _("This loadout is empty. Save what the guardian wears into it first."))
        return
    name, icon, color = wanted
    if action in NAMED and not known.allow(name, icon, color):
        messages.error(request, _("Choose a name, an icon and a color: the game needs all three."))
        return
    identifiers = (name, icon, color) if action in NAMED else None
    try:
        request_loadout_action(
            own=own,
            guardian=loadout.guardian,
            action=action,
            index=loadout.index,
            identifiers=identifiers,
            name=str(GAME_ACTIONS[action]),
        )
    except Impossible as error:
        messages.error(request, why_impossible(error.reason))
    else:
        messages.success(request, _("Requested. It is done within seconds, and Bungie confirms it within a minute."))


def _latest(own: OwnDestiny, guardian: Guardian, index: int) -> tuple[str, str, str] | None:
    """Return what was last done with the loadout, its state, and why it was not done."""
    steps = MoveStep.objects.filter(plan__membership=own.membership, character_id=guardian.character_id)
    step = steps.filter(action__in=LOADOUT_ACTIONS, loadout__index=index).order_by("-plan__created_at").first()
    if step is None:
        return None
    return str(GAME_ACTIONS[Action(step.action)]), step.get_state_display(), why_not(step)


def _numbered(hashes: list[int], chosen: int) -> list[tuple[str, int, bool]]:
    """Return the choices of a select: icons and colors are only pictures, so they have numbers."""
    return [(str(one), number, number == chosen) for number, one in enumerate(hashes, start=1)]


def _hash(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else 0
