"""Building all definitions of an edition from a seed."""

from functools import lru_cache

from sandbox.bungie.world.activities import add_activities
from sandbox.bungie.world.armor import add_armor
from sandbox.bungie.world.belongings import add_belongings
from sandbox.bungie.world.constants import add_constants
from sandbox.bungie.world.definitions import Definitions, display
from sandbox.bungie.world.plugs import add_shared_plugs
from sandbox.bungie.world.subclasses import add_subclasses
from sandbox.bungie.world.text import Text
from sandbox.bungie.world.vendors import add_vendors
from sandbox.bungie.world.weapons import add_later_weapons, add_weapons
from sandbox.bungie.world.words import Names

NEW_WEAPONS = 5
_HISTORICAL = ("kills", "deaths", "assists", "activitiesCleared", "bestSingleGameKills", "totalActivityDurationSeconds")


@lru_cache(maxsize=2)
def build_definitions(seed: int, edition: int = 0) -> Definitions:
    """Return the definitions, the same on every machine. Each later edition adds weapons and changes no hash.

    Nobody changes what this returns.
    """
    definitions, names = Definitions(), Names(seed)
    add_constants(definitions)
    plugs = add_shared_plugs(definitions, names, seed)
    add_armor(definitions, names, seed, plugs)
    add_subclasses(definitions, names, seed, plugs)
    add_belongings(definitions, names)
    add_activities(definitions, names)
    # Vendors sell what the first edition has, so that they are the same in all; later weapons get the last names.
    add_weapons(definitions, names, seed, plugs)
    add_vendors(definitions, names, seed)
    if edition:
        add_later_weapons(definitions, names, seed, plugs, NEW_WEAPONS * edition)
    for place, name in enumerate(_HISTORICAL):
        definitions.historical_stats[name] = {
            "statId": name, "group": 1, "periodTypes": [], "modes": [], "category": 1, "statName": Text(name, name),
            "statDescription": "", "unitType": 1, "weight": place, "index": place, **display(Text(name, name)),
        }  # fmt: skip
    return definitions
