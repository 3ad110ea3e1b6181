"""What Bungie keeps back of a membership, and what we do not believe yet, as sentences for its owner."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from destiny.models import DestinyProfile
from sync.bungie.components import Shown


def notices_of(profile: DestinyProfile | None) -> list[str]:
    """Return the sentences, none if Bungie shows all."""
    return [] if profile is None else [*_hidden(profile), *_doubted(profile)]


def _hidden(profile: DestinyProfile) -> Iterator[str]:
    parts = _parts()
    reasons = {
        Shown.PRIVATE: _("Bungie does not show us your %(part)s: private. Check the privacy settings at bungie.net."),
        Shown.DISABLED: _("Bungie does not show us your %(part)s: switched off there at the moment."),
    }
    missing = _("Bungie left your %(part)s out of its last answer. What we knew of it stays.")
    for name, why in sorted(profile.hidden.items()):
        yield reasons.get(why, missing) % {"part": parts.get(name, name)}


def _doubted(profile: DestinyProfile) -> Iterator[str]:
    parts = _parts()
    text = _("Most of your %(part)s is missing in Bungie's last answer. What we knew stays until another confirms it.")
    for name in sorted(profile.doubts):
        yield text % {"part": parts.get(name, name)}


def _parts() -> dict[str, str]:
    """Return the words for parts of the answer, and for places that are doubted."""
    return {
        "guardians": _("guardians"),
        "vault": _("vault"),
        "currencies": _("currencies"),
        "currency": _("currencies"),
        "carried": _("guardians' inventory"),
        "equipped": _("guardians' equipment"),
        "loadouts": _("loadouts in the game"),
        "activities": _("current activity"),
    }
