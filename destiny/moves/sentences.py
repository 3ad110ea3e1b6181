"""What players are told about plans: why something is impossible, what the game refused, and what each step does."""

from django.utils.translation import gettext_lazy

from destiny.moves.planner import Reason

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
