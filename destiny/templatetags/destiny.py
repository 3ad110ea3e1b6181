"""The tabs of Destiny's pages."""

from dataclasses import dataclass

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab; the pages `below` belong to it, too."""

    view: str
    label: str | Promise
    below: tuple[str, ...] = ()


_LOADOUTS = tuple(f"destiny:{one}" for one in ("loadout", "new_loadout", "edit_loadout", "import_", "game_loadout"))
TABS = (
    Tab("destiny:home", _("Guardians")),
    Tab("destiny:inventory", _("Inventory"), ("destiny:item", "destiny:compare")),
    Tab("destiny:loadouts", _("Loadouts"), _LOADOUTS),
    Tab("destiny:moves", _("Moves"), ("destiny:plan", "destiny:move")),
    Tab("destiny:vendors", _("Vendors"), ("destiny:vendor",)),
    Tab("destiny:manifest", _("Manifest"), ("destiny:definition",)),
)


@register.simple_tag(takes_context=True)
def destiny_tabs(context: Context) -> list[tuple[Tab, str, str]]:
    """Return the tabs whose pages exist, each with its address and its value of aria-current."""
    view: str = context["request"].resolver_match.view_name
    return [(tab, address, _current(tab, view)) for tab in TABS if (address := _address(tab.view))]


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def _current(tab: Tab, view: str) -> str:
    return "page" if view == tab.view else "true" if tab.below and view.startswith(tab.below) else ""
