"""Sentences about plans for players: why something is impossible, what the game refused, and what each step does."""

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from destiny.models import MoveStep
from destiny.moves.planner import Reason


class Ended(StrEnum):
    """Why a plan ended before its last step, or a step without an answer."""

    CANCELLED = "cancelled"
    TOO_OLD = "too_old"
    CONNECT_AGAIN = "connect_again"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"


WHY_ENDED = {
    Ended.CANCELLED: gettext_lazy("You canceled it."),
    Ended.TOO_OLD: gettext_lazy("Bungie could not be reached for an hour. Try again later."),
    Ended.CONNECT_AGAIN: gettext_lazy("Bungie no longer accepts our permission. Connect your Bungie account again."),
    Ended.REFUSED: gettext_lazy("The game refused it, and would refuse the rest."),
    Ended.NO_ANSWER: gettext_lazy("Bungie failed several times. Try again later."),
}
# By Bungie's error code: what happened, and what to do.
WHY_REFUSED = {
    1619: gettext_lazy("The game doesn't allow this for this item."),
    1620: gettext_lazy("Bungie doesn't know this guardian any more. Refresh the inventory."),
    1622: gettext_lazy("The game doesn't allow this for this item."),
    1623: gettext_lazy("The item was no longer there. Refresh the inventory."),
    1627: gettext_lazy("This item can't go to the vault."),
    1632: gettext_lazy("The item is there already. Refresh the inventory."),
    1634: gettext_lazy("Go to a social space, such as the Tower, and try again."),
    1637: gettext_lazy("There was no room. Make room and try again."),
    1638: gettext_lazy("The guardian's level is too low for this item."),
    1639: gettext_lazy("The guardian can't equip this item: it is for another class, or not unlocked yet."),
    1640: gettext_lazy("Equipment is locked during this activity. Go to orbit and try again."),
    1641: gettext_lazy("The guardian wears another exotic. Equip something else in its place first."),
    1642: gettext_lazy("There was no room. Make room and try again."),
    1648: gettext_lazy("The guardian has one of these already."),
    1655: gettext_lazy("This can only be equipped in the game."),
    1656: gettext_lazy("The item was equipped. Equip something else first."),
    1660: gettext_lazy("This item can't be moved."),
    1663: gettext_lazy("This can only be done in the game."),
    1671: gettext_lazy("This isn't possible where the guardian is. Go to orbit and try again."),
    1673: gettext_lazy("This can only be done in the game."),
    1674: gettext_lazy("The item is locked. Unlock it first."),
    1675: gettext_lazy("This costs materials, and can only be done in the game."),
    1676: gettext_lazy("The mod doesn't fit: there is not enough energy, or it excludes another one."),
    1677: gettext_lazy("The item has no such socket any more. Save the loadout again."),
    1678: gettext_lazy("This socket can only be changed in the game."),
    1679: gettext_lazy("It is in the socket already."),
    1680: gettext_lazy("You don't have this perk or mod for this socket."),
    1681: gettext_lazy("Log out of the game with this guardian, and try again."),
    2108: gettext_lazy("This site was registered at Bungie without the permission to move items. Tell a site admin."),
}
WHY_IMPOSSIBLE = {
    Reason.GONE: gettext_lazy("You no longer have this item. Refresh the inventory."),
    Reason.BOUND: gettext_lazy("This item can't be moved."),
    Reason.WRONG_CLASS: gettext_lazy("This item is for another class."),
    Reason.NOT_EQUIPPABLE: gettext_lazy("This item can't be equipped."),
    Reason.NOT_LOCKABLE: gettext_lazy("This item can't be locked."),
    Reason.NOT_LOST: gettext_lazy("This item isn't at the postmaster any more. Refresh the inventory."),
    Reason.STILL_LOST: gettext_lazy("Pull this stack from the postmaster first."),
    Reason.VAULT_FULL: gettext_lazy("The vault is full. Take something out of it, or dismantle something in the game."),
    Reason.NO_ROOM: gettext_lazy("There is no room, and nothing there can be moved to the vault."),
    Reason.STACK_FULL: gettext_lazy("The stack there is full. Use some of it in the game first."),
    Reason.QUANTITY: gettext_lazy("Enter how many to move: at least 1, and no more than there are."),
    Reason.NOTHING_ELSE: gettext_lazy(
        "The guardian has nothing else to equip in its place. Move another item there first."
    ),
    Reason.SAME_SLOT: gettext_lazy("Two items are for the same slot."),
    Reason.SECOND_EXOTIC: gettext_lazy("Only one exotic weapon and one exotic piece of armor can be equipped."),
    Reason.NO_GUARDIAN: gettext_lazy("There is no guardian on this membership."),
    Reason.ALREADY: gettext_lazy("Everything is as you want it already."),
    Reason.TOO_MANY: gettext_lazy("Too much is waiting to be moved. Wait until it is done, or cancel it."),
    Reason.NO_MANIFEST: gettext_lazy("The manifest isn't loaded yet. Try again in a few minutes."),
}


def why_impossible(reason: str) -> str:
    """Return the sentence of a reason."""
    return str(WHY_IMPOSSIBLE[Reason(reason)])


def why_ended(reason: str) -> str:
    """Return why a plan ended before its last step; empty if it did not."""
    return str(WHY_ENDED[Ended(reason)]) if reason else ""


def why_not(step: MoveStep) -> str:
    """Return why a step was not done, and what to do; empty if it was, or nothing is known."""
    if step.state == MoveStep.State.UNKNOWN:
        return _("Nobody can tell whether it was done. Refresh the inventory and look.")
    if step.state != MoveStep.State.REFUSED:
        return ""
    if step.reason in set(Ended):
        return why_ended(step.reason)
    if step.reason:
        return why_impossible(step.reason)
    known = WHY_REFUSED.get(step.code or 0)
    return str(known) if known else _("Bungie refused it (code %(code)s).") % {"code": step.code}
