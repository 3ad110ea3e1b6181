"""What players are told about loadouts."""

from django.utils.translation import gettext, gettext_lazy

from destiny.loadouts.energy import Energy
from destiny.loadouts.rules import Breach
from destiny.models import Guardian
from destiny.moves.goals import Action

Class = Guardian.ClassType
BREACHES = {
    Breach.EXOTIC_WEAPONS: gettext_lazy("Only one exotic weapon can be worn: %(names)s."),
    Breach.EXOTIC_ARMOR: gettext_lazy("Only one exotic piece of armor can be worn: %(names)s."),
    Breach.SAME_SLOT: gettext_lazy("These are for the same slot: %(names)s."),
    Breach.OTHER_CLASS: gettext_lazy("These are for another class: %(names)s."),
}


GAME_ACTIONS = {
    Action.EQUIP_SET: gettext_lazy("Equip the loadout"),
    Action.SNAPSHOT: gettext_lazy("Save what is worn"),
    Action.RENAME: gettext_lazy("Rename the loadout"),
    Action.CLEAR: gettext_lazy("Clear the loadout"),
}


def class_in_words(class_type: int) -> str:
    """Return the name of the class that a loadout is for."""
    known = {one.value: str(one.label) for one in (Class.TITAN, Class.HUNTER, Class.WARLOCK)}
    return known.get(class_type, gettext("any class"))


def breach_in_words(breach: Breach, names: str) -> str:
    """Return the sentence of a rule that is broken."""
    return str(BREACHES[breach]) % {"names": names}


def costs_too_much(name: str, energy: Energy) -> str:
    """Return what players are told of a piece of armor whose mods cost more energy than it has."""
    words = gettext("The mods of %(name)s cost %(used)s energy, but it has %(capacity)s: choose fewer or cheaper ones.")
    return words % {"name": name, "used": energy.used, "capacity": energy.capacity}


def fits_nowhere(names: str) -> str:
    """Return what players are told of mods that go into no armor when a loadout is applied."""
    return gettext("Left out, because no armor has a socket and enough energy for them: %(names)s.") % {"names": names}


def not_dim(where: str) -> str:
    """Return why a text is not imported; `where` is the place of the mistake in DIM's format."""
    if where:
        return gettext("This is not a loadout of DIM: the value at %(where)s is not valid. Nothing was imported.") % {
            "where": where
        }
    return gettext("This is not a loadout of DIM. Paste the JSON or the link of one, or choose DIM's backup file.")
