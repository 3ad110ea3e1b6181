"""The tables of definitions, and how a definition gets its hash."""

import zlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sandbox.bungie.world.text import EMPTY, Text

Json = dict[str, Any]

ITEM = "InventoryItem"


def table_name(name: str) -> str:
    """Return the full name of a table: "DestinyClassDefinition" for "Class"."""
    return f"Destiny{name}Definition"


def hash_of(*label: object) -> int:
    """Return a hash for something invented: the same for the same label, in the whole range of 32 bits."""
    return zlib.crc32("/".join(str(part) for part in label).encode())


def icon(*label: object, kind: str = "jpg") -> str:
    """Return the path of an icon, which the sandbox draws."""
    digest = "".join(f"{hash_of(number, *label):08x}" for number in range(4))
    return f"/common/destiny2_content/icons/{digest}.{kind}"


def display(name: Text | str, description: Text | str = "", path: str = "") -> Json:
    """Return display properties; without an icon if there is no path."""
    shown: Json = {"description": description, "name": name}
    if path:
        shown["icon"] = path
    return shown | {"iconHash": 0, "hasIcon": bool(path)}


class Definitions:
    """All tables: rows by hash. Names of tables are short ("Class") inside of the sandbox."""

    def __init__(self) -> None:
        self.tables: defaultdict[str, dict[int, Json]] = defaultdict(dict)
        # The only table whose keys are texts.
        self.historical_stats: dict[str, Json] = {}
        # Rows by bucket, and of how many rows.
        self._by_bucket: defaultdict[int, list[Json]] = defaultdict(list)
        self._indexed = 0

    def add(self, table: str, label: object, row: Json, number: int | None = None) -> int:
        """Add a row and return its hash: the number, or one from the label."""
        rows = self.tables[table]
        number = hash_of(table, label) if number is None else number
        while number in rows:
            number = (number + 1) % 2**32
        rows[number] = {**row, "hash": number, "index": len(rows), "redacted": False, "blacklisted": False}
        return number

    def item(self, number: int) -> Json:
        """Return an item's definition."""
        return self.tables[ITEM][number]

    def with_description(self, number: int, text: Text) -> "Definitions":
        """Return other definitions in which one item has this description."""
        other, item = Definitions(), self.item(number)
        shown = {**item["displayProperties"], "description": text}
        other.tables |= self.tables
        other.tables[ITEM] = {**self.tables[ITEM], number: {**item, "displayProperties": shown}}
        other.historical_stats = self.historical_stats
        return other

    def add_plug_set(self, label: object, plugs: Iterable[int]) -> int:
        """Add a set of plugs that a socket can have."""
        options = [
            {"weight": 0, "alternateWeight": 0, "currentlyCanRoll": True, "plugItemHash": plug} for plug in plugs
        ]
        return self.add("PlugSet", label, {"reusablePlugItems": options, "isFakePlugSet": False})

    def plugs_of(self, plug_set: int) -> list[int]:
        """Return the plugs of a set."""
        return [one["plugItemHash"] for one in self.tables["PlugSet"][plug_set]["reusablePlugItems"]]

    def items_in(self, bucket: int, class_type: int | None = None) -> list[Json]:
        """Return the items that go into a bucket and that somebody can own, of one class or of any."""
        rows = self.tables[ITEM]
        if self._indexed != len(rows):
            self._indexed, self._by_bucket = len(rows), defaultdict(list)
            for row in rows.values():
                if "plug" not in row:
                    self._by_bucket[row["inventory"]["bucketTypeHash"]].append(row)
        return [row for row in self._by_bucket[bucket] if class_type is None or row["classType"] in (class_type, 3)]


def name_of(row: Json) -> Text:
    """Return the name of a row."""
    name = row["displayProperties"]["name"]
    return name if isinstance(name, Text) else EMPTY
