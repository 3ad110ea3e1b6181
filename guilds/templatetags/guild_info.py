"""What a guild says about itself, in words; who may change it."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from characters.models import Faction
from guilds.models import Visibility
from guilds.settings.links import links_of

register = template.Library()

LABELS = {
    "description": _("about the guild"),
    "recruiting": _("recruiting"),
    "links": _("links"),
    "visibility": _("who may see the guild"),
    "hours": _("hours of grace"),
    "days": _("days"),
}


@register.filter
def info_label(name: str) -> str:
    """What a field is called; the field's own name for one that is no more."""
    return str(LABELS.get(name, name))


@register.filter
def info_words(value: Any, name: str) -> str:
    """A field's value as people read it, with a dash for nothing."""
    if name == "links":
        return "\n".join(f"{link.label} {link.url}" for link in links_of(value)) or "–"
    if name == "visibility" and value in Visibility.values:
        return str(Visibility(value).label)
    return "–" if value == "" else str(value)


@register.filter
def faction_words(value: str) -> str:
    """A faction as people read it; any other word as it is."""
    return str(Faction(value).label) if value in Faction.values else value


@register.filter
def before_and_after(details: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Each field that changed, in the order of the form: its name, what stood there, what stands there now."""
    before, after = details.get("before") or {}, details.get("after") or {}
    return [(name, before.get(name), after[name]) for name in LABELS if name in after]
