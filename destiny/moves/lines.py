"""The steps of plans as lines of a page or an answer of the API, with names in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from destiny.manifest.items import TABLE
from destiny.manifest.readers import Manifest
from destiny.models import Guardian, MoveStep
from destiny.moves.goals import Action, Why
from destiny.moves.sentences import why_not

Names = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A step: what it does to which item, why it is there if not for the wish itself, and what became of it."""

    text: str
    item: str
    why: str
    state: str
    label: str
    failure: str


def lines_of(steps: Sequence[MoveStep], guardians: Iterable[Guardian], manifest: Manifest | None) -> list[Line]:
    """Return a line for each step. All names are read in one statement."""
    hashes = {one.item_hash for one in steps} | {one.plug_hash for one in steps if one.plug_hash}
    names = manifest.names(TABLE, hashes) if manifest is not None else {}
    who = {one.character_id: str(one) for one in guardians}
    return [_line(one, names, who) for one in steps]


def _line(step: MoveStep, names: Names, who: Names) -> Line:
    item = names.get(step.item_hash) or _("Unknown item")
    counted = f"{item} × {step.quantity}" if step.quantity > 1 else item
    return Line(
        text=_text(step, counted, names, who.get(step.character_id, _("guardian"))),
        item=item,
        why=_why(step),
        state=step.state,
        label=MoveStep.State(step.state).label.capitalize(),
        failure=why_not(step),
    )


def _text(step: MoveStep, item: str, names: Names, guardian: str) -> str:
    texts: dict[str, str] = {
        Action.TO_VAULT: _("%(item)s: from %(guardian)s to the vault"),
        Action.FROM_VAULT: _("%(item)s: from the vault to %(guardian)s"),
        Action.PULL: _("%(item)s: from the postmaster to %(guardian)s"),
        Action.EQUIP: _("%(item)s: equip on %(guardian)s"),
        Action.LOCK: _("%(item)s: lock"),
        Action.UNLOCK: _("%(item)s: unlock"),
        Action.PLUG: _("%(item)s: insert %(plug)s"),
        Action.EQUIP_SET: _("Loadout %(number)s of %(guardian)s: equip"),
        Action.SNAPSHOT: _("Loadout %(number)s of %(guardian)s: save what is equipped"),
        Action.RENAME: _("Loadout %(number)s of %(guardian)s: rename"),
        Action.CLEAR: _("Loadout %(number)s of %(guardian)s: clear"),
    }
    # An impossible wish to move something has no action.
    text = texts.get(step.action, "%(item)s")
    plug = names.get(step.plug_hash or 0) or _("unknown plug")
    number = (step.loadout or {}).get("index", 0) + 1
    return str(text % {"item": item, "guardian": guardian, "plug": plug, "number": number})


def _why(step: MoveStep) -> str:
    return {Why.ROOM.value: _("makes room"), Why.SWAP.value: _("in place of what is taken off")}.get(step.why, "")
