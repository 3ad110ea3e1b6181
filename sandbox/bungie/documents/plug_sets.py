"""Plug sets: which plugs an account or character can put into sockets."""

from collections.abc import Iterable

from sandbox.bungie.accounts.account import Guardian, Item
from sandbox.bungie.documents.profiles import ProfileContext
from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import Definitions, Json


def profile_plug_sets(context: ProfileContext) -> Json:
    """Return the sets of mods and shaders."""
    items = (one for one in context.account.items if one.bucket != game.SUBCLASS)
    return _sets(context.definitions, items)


def character_plug_sets(context: ProfileContext, guardian: Guardian) -> Json:
    """Return the sets of abilities of a character's subclasses."""
    return _sets(context.definitions, context.account.of(guardian.id, game.SUBCLASS))


def _sets(definitions: Definitions, items: Iterable[Item]) -> Json:
    rows = {one.hash: definitions.item(one.hash) for one in items}.values()
    entries = (entry for row in rows for entry in row.get("sockets", {}).get("socketEntries", []))
    numbers = sorted({entry["reusablePlugSetHash"] for entry in entries if "reusablePlugSetHash" in entry})
    return {
        "plugs": {
            str(number): [
                {"plugItemHash": plug, "canInsert": True, "enabled": True} for plug in definitions.plugs_of(number)
            ]
            for number in numbers
        }
    }
