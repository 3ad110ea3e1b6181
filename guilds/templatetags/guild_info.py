"""The fields of a guild's settings in words."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from guilds.models import Visibility
from guilds.settings.links import links_of

register = template.Library()

LABELS = {
    "description": _("about the guild"),
    "recruiting": _("recruiting"),
    "links": _("links"),
    "visibility": _("who can see the guild"),
    "hours": _("hours"),
    "days": _("days"),
}


@register.filter
def info_label(name: str) -> str:
    """Return a field's label, or its name if it no longer exists."""
    return str(LABELS.get(name, name))


@register.filter
def info_words(value: Any, name: str) -> str:
    """Return a field's value in words, with a dash for nothing."""
    if name == "links":
        return "\n".join(f"{link.label} {link.url}" for link in links_of(value)) or "–"
    if name == "visibility" and value in Visibility.values:
        return str(Visibility(value).label)
    return "–" if value == "" else str(value)


@register.filter
def before_and_after(details: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return each changed field in the order of the form: name, value before, value after."""
    before, after = details.get("before") or {}, details.get("after") or {}
    return [(name, before.get(name), after[name]) for name in LABELS if name in after]


def info_labels(details: dict[str, Any]) -> list[str]:
    """Return the labels of the fields that changed."""
    return [info_label(name) for name, _before, _after in before_and_after(details)]
