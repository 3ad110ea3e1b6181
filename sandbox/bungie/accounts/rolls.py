"""New items: power, rolled perks, mods, masterwork."""

from dataclasses import dataclass, field

from sandbox.bungie.accounts.account import LOCKED, MASTERWORK, Item
from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import Definitions, Json
from sandbox.world.rng import SeededRandom

_FIRST_INSTANCE = 6_917_529_900_000_000_000
_MOST_OPTIONS = 3


@dataclass(slots=True)
class Roller:
    """Makes items for one account, with ids that no other account has."""

    definitions: Definitions
    rng: SeededRandom
    account_number: int
    _made: int = field(default=0)

    def item(self, row: Json, holder: int, bucket: int, *, quantity: int = 1, is_equipped: bool = False) -> Item:
        """Make an item of this definition."""
        item = Item(row["hash"], 0, holder, bucket, quantity, is_equipped)
        if not row["inventory"]["isInstanceItem"]:
            return item
        self._made += 1
        item.instance = _FIRST_INSTANCE + self.account_number * 100_000 + self._made
        if row["itemType"] in (game.WEAPON, game.ARMOR):
            item.power = self.rng.between(380, 450)
            item.state = (LOCKED if self.rng.chance(0.3) else 0) | (MASTERWORK if self.rng.chance(0.2) else 0)
        if "objectives" in row:
            item.progress = self.rng.between(0, 5)
        self._roll(item, row)
        return item

    def _roll(self, item: Item, row: Json) -> None:
        entries = row.get("sockets", {}).get("socketEntries", [])
        for place, entry in enumerate(entries):
            rolled = entry.get("randomizedPlugSetHash")
            if rolled:
                options = self.rng.sample(self.definitions.plugs_of(rolled), self.rng.between(1, _MOST_OPTIONS))
                item.options[place] = options
                item.plugs.append(options[0])
            elif "reusablePlugSetHash" in entry and row["itemType"] == game.SUBCLASS_TYPE:
                # Sockets of one kind follow each other: each takes the next of their plugs.
                item.plugs.append(entry["singleInitialItemHash"])
            elif "reusablePlugSetHash" in entry and self.rng.chance(0.4):
                item.plugs.append(self._affordable(entry["reusablePlugSetHash"]))
            else:
                item.plugs.append(entry["singleInitialItemHash"])

    def _affordable(self, plug_set: int) -> int:
        """Return a plug that costs little, so that four of them fit into a piece of armor."""
        plugs = self.definitions.plugs_of(plug_set)
        cheap = [plug for plug in plugs if cost_of(self.definitions, plug) <= 2]
        return self.rng.pick(cheap or plugs)


def cost_of(definitions: Definitions, plug: int) -> int:
    """Return how much armor energy a plug needs."""
    cost: int = definitions.item(plug)["plug"].get("energyCost", {}).get("energyCost", 0)
    return cost


def stats_of(definitions: Definitions, item: Item) -> dict[int, int]:
    """Return an item's stats: its own and those of its plugs."""
    row = definitions.item(item.hash)
    sums: dict[int, int] = {}
    for source in (row, *(definitions.item(plug) for plug in item.plugs if plug)):
        for stat in source["investmentStats"]:
            sums[stat["statTypeHash"]] = sums.get(stat["statTypeHash"], 0) + stat["value"]
    shown = game.WEAPON_STATS if row["itemType"] == game.WEAPON else game.ARMOR_STATS
    return {stat: min(100, value) if stat != game.RPM else value for stat, value in sums.items() if stat in shown}
