"""Items as tiles of the inventory. There can be 1,500 on a page, so their HTML is made here and not by a template."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from destiny.inventory.owned import OwnedItem
from destiny.manifest.items import ItemDefinition
from destiny.models import Item

# Stands for the id of an item in the pattern of its address.
_NO_ITEM = "00000000-0000-0000-0000-000000000000"
_SYMBOLS = {1: "kinetic", 2: "arc", 3: "solar", 4: "void", 6: "stasis", 7: "strand"}
_CLASSES = {0: "titan", 1: "hunter", 2: "warlock"}
_escaped = lru_cache(maxsize=20_000)(escape)


TileMaker = Callable[[Iterable[OwnedItem]], SafeString]


def symbol_of(definition: ItemDefinition, element: int) -> str:
    """Return the id of the symbol in the set of icons: the element, or the class that can wear it."""
    return _SYMBOLS.get(element) or _CLASSES.get(definition.class_type) or "item"


def element_class(element: int) -> str:
    """Return the CSS class that has the color of an element."""
    return f"element-{element}" if element in _SYMBOLS else ""


class Words(NamedTuple):
    """The names of elements and classes by their numbers."""

    elements: Mapping[int, str]
    classes: Mapping[int, str]


def tile_maker(named: Words) -> TileMaker:
    """Return a function that makes the list of tiles of items. Words and addresses are looked up once, here."""
    start, _id, end = reverse("destiny:item", kwargs={"item_id": _NO_ITEM}).partition(_NO_ITEM)
    icons = static("img/icons.svg")
    locked, equipped, masterwork = _("locked"), _("equipped"), _("masterwork")
    heads: dict[tuple[int, int, bool, int], str] = {}

    def head(one: OwnedItem) -> str:
        """Return what is equal for items of the same kind and state."""
        definition = one.definition
        words = [definition.type_name, named.elements.get(one.element, "")]
        words += [named.classes.get(definition.class_type, "")]
        words += [definition.tier_name]
        words += [equipped] * one.is_equipped + [masterwork] * bool(one.state & Item.State.MASTERWORK)
        words += [locked] * one.is_locked
        css = f"tile tier-{definition.tier_type}" + " worn" * one.is_equipped + " locked" * one.is_locked
        title = escape(" · ".join(filter(None, words)))
        symbol = symbol_of(definition, one.element)
        return (
            f'" class="{css}" title="{title}"><svg class="icon {element_class(one.element)}" aria-hidden="true">'
            f'<use href="{icons}#{symbol}"/></svg><span>{_escaped(one.name)}</span>'
        )

    def tile(one: OwnedItem) -> str:
        kind = one.hash, one.element, one.is_equipped, one.state
        if kind not in heads:
            heads[kind] = head(one)
        number = one.power or (f"×{number_format(one.quantity)}" if one.quantity > 1 else "")
        return f'<li><a href="{start}{one.key}{end}{heads[kind]}<b>{number}</b></a></li>'

    return lambda items: SafeString("".join(map(tile, items)))


def in_order(items: Iterable[OwnedItem]) -> list[OwnedItem]:
    """Return the items as a cell lists them: what is equipped, then the strongest."""
    return sorted(items, key=lambda one: (not one.is_equipped, -one.power, -one.definition.tier_type, one.name))
