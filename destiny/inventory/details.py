"""What pages show of single items: stats in the game's order, sockets with what is in them, where they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from destiny import game
from destiny.inventory.owned import definitions_of
from destiny.manifest.items import TABLE, ItemDefinition
from destiny.manifest.readers import Manifest
from destiny.models import Item

STATS, STAT_GROUPS = "DestinyStatDefinition", "DestinyStatGroupDefinition"
SOCKET_CATEGORIES, SETS, SEASONS = (
    "DestinySocketCategoryDefinition",
    "DestinyEquipableItemSetDefinition",
    "DestinySeasonDefinition",
)
AMMO = {1: gettext_lazy("primary"), 2: gettext_lazy("special"), 3: gettext_lazy("heavy")}
ARMOR = 2
# A socket can have as many options as there are shaders.
MOST_OPTIONS = 12
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stat:
    """A stat of an item. Some, such as a magazine, are numbers and no bars; `share` is of the most, in percent."""

    hash: int
    name: str
    value: int
    share: int
    is_bar: bool


@dataclass(frozen=True, slots=True)
class Plug:
    """What is in a socket, or could be."""

    name: str
    type_name: str
    description: str
    is_in_use: bool


@dataclass(frozen=True, slots=True)
class SocketGroup:
    """Sockets that the game shows together, each with its plugs, the one in use first."""

    title: str
    sockets: list[list[Plug]]

    @property
    def in_use(self) -> list[str]:
        return [plugs[0].name for plugs in self.sockets if plugs[0].is_in_use]


@dataclass(frozen=True, slots=True)
class ItemDetails:
    """An item with everything that its page says about it. `facts` are labels with values."""

    item: Item
    definition: ItemDefinition
    flavor: str
    facts: list[tuple[str, str]]
    stats: list[Stat]
    groups: list[SocketGroup]

    @property
    def total(self) -> int | None:
        """The sum of the stats, by which pieces of armor are compared."""
        return sum(one.value for one in self.stats) if self.definition.item_type == ARMOR and self.stats else None


def details_of(items: Sequence[Item], manifest: Manifest | None) -> list[ItemDetails]:
    """Return the details of items, whose guardians are read with them, in as many statements for four as for one."""
    hashes = {one.item_hash for one in items}
    definitions: Mapping[int, Json] = manifest.definitions(TABLE, hashes) if manifest is not None else {}
    known = definitions_of(hashes | set(_plugs(items)), manifest)
    words = _Words(definitions.values(), known, hashes, manifest)
    return [_details(one, definitions.get(one.item_hash, {}), known, words) for one in items]


def where(item: Item) -> str:
    """Return where an item is, as a sentence without a period."""
    if item.guardian is None:
        return _("In the vault") if item.bucket_hash == game.VAULT else _("In the account's inventory")
    if item.bucket_hash in game.POSTMASTER:
        text = _("At the postmaster of %(guardian)s")
    else:
        text = _("Equipped by %(guardian)s") if item.place == Item.Place.EQUIPPED else _("Carried by %(guardian)s")
    return text % {"guardian": item.guardian}


class _Words:
    """The names that the details of some items need, read in one statement for each table."""

    def __init__(
        self,
        definitions: Iterable[Json],
        known: Mapping[int, ItemDefinition],
        hashes: Iterable[int],
        manifest: Manifest | None,
    ) -> None:
        self.groups: Mapping[int, Json] = {}
        self.names: dict[tuple[str, int], str] = {}
        if manifest is None:
            return
        listed = list(definitions)
        self.groups = manifest.definitions(STAT_GROUPS, {_group_of(one) for one in listed} - {0})
        scaled = {int(one["statHash"]) for group in self.groups.values() for one in group.get("scaledStats", ())}
        own = [known[one] for one in hashes]
        categories = {int(one["socketCategoryHash"]) for each in listed for one in _categories(each)}
        for table, wanted in (
            (STATS, scaled | {stat for one in listed for stat in _defined_stats(one)}),
            (SOCKET_CATEGORIES, categories),
            (SETS, {one.set_hash for one in own} - {0}),
            (SEASONS, {one.season_hash for one in own} - {0}),
        ):
            self.names |= {(table, key): name for key, name in manifest.names(table, wanted).items()} if wanted else {}

    def name(self, table: str, found: int) -> str:
        return self.names.get((table, found), "")


def _details(item: Item, definition: Json, known: Mapping[int, ItemDefinition], words: _Words) -> ItemDetails:
    own = known[item.item_hash]
    return ItemDetails(
        item=item,
        definition=own,
        flavor=definition.get("flavorText") or "",
        facts=list(_facts(item, own, words)),
        stats=list(_stats(item, definition, words)),
        groups=list(_socket_groups(item, definition, known, words)),
    )


def _facts(item: Item, definition: ItemDefinition, words: _Words) -> Iterator[tuple[str, str]]:
    """Yield what else is known of an item; labels without a value are left out."""
    energy = item.details.get("energy")
    states = [str(label) for flag, label in Item.State.choices if item.state & flag]
    yield from (
        (label, value)
        for label, value in (
            (_("Where"), where(item)),
            (_("Quantity"), str(item.quantity) if item.quantity > 1 else ""),
            (_("Ammunition"), str(AMMO.get(definition.ammo_type, ""))),
            (_("Energy"), _("%(used)s of %(capacity)s used") % _energy(energy) if energy else ""),
            (_("State"), ", ".join(states) if states else _("not locked") if item.is_lockable else ""),
            (_("Set"), words.name(SETS, definition.set_hash)),
            (_("Season"), words.name(SEASONS, definition.season_hash)),
        )
        if value
    )


def _energy(energy: Sequence[int]) -> dict[str, int]:
    return {"capacity": energy[0], "used": energy[1]}


def _stats(item: Item, definition: Json, words: _Words) -> Iterator[Stat]:
    """Yield the stats that the game shows, in its order. Without instance the definition has the values."""
    values = {int(key): value for key, value in (item.details.get("stats") or {}).items()} or _defined_stats(definition)
    scaled = {int(one["statHash"]): one for one in words.groups.get(_group_of(definition), {}).get("scaledStats", ())}
    for found in scaled or values:
        name = words.name(STATS, found)
        if found in values and name and found not in game.POWER_STATS:
            scale = scaled.get(found, {})
            most = max(scale.get("maximumValue") or 100, 1)
            share = max(0, min(100, round(100 * values[found] / most)))
            yield Stat(found, name, values[found], share, not scale.get("displayAsNumeric"))


def _defined_stats(definition: Json) -> dict[int, int]:
    return {int(key): one.get("value", 0) for key, one in definition.get("stats", {}).get("stats", {}).items()}


def _group_of(definition: Json) -> int:
    return definition.get("stats", {}).get("statGroupHash") or 0


def _categories(definition: Json) -> Sequence[Json]:
    return definition.get("sockets", {}).get("socketCategories") or ()


def _plugs(items: Iterable[Item]) -> Iterator[int]:
    for one in items:
        yield from filter(None, one.details.get("plugs") or ())
        for options in (one.details.get("options") or {}).values():
            yield from options[:MOST_OPTIONS]


def _socket_groups(
    item: Item, definition: Json, known: Mapping[int, ItemDefinition], words: _Words
) -> Iterator[SocketGroup]:
    in_use: Sequence[int] = item.details.get("plugs") or ()
    options: Mapping[str, Sequence[int]] = item.details.get("options") or {}
    for category in _categories(definition):
        title = words.name(SOCKET_CATEGORIES, int(category["socketCategoryHash"]))
        sockets = []
        for place in category.get("socketIndexes") or ():
            current = in_use[place] if place < len(in_use) else 0
            hashes = dict.fromkeys([current, *options.get(str(place), ())[:MOST_OPTIONS]])
            plugs = [_plug(known[one], is_in_use=one == current) for one in hashes if one and known[one].type_name]
            sockets += [plugs] if plugs else []
        if sockets:
            # The game writes these in capitals.
            yield SocketGroup(title.capitalize() if title.isupper() else title, sockets)


def _plug(definition: ItemDefinition, *, is_in_use: bool) -> Plug:
    return Plug(definition.name, definition.type_name, definition.description, is_in_use)
