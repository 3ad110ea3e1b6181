"""Ranks by name."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guilds.ranks import rank_name

register = template.Library()
register.filter(rank_name)


@register.simple_tag
def rank(level: int, names: dict[int, str]) -> SafeString:
    """Show the rank's number in a small shield, and its name."""
    return format_html(
        '<span class="rank rank-{0}"><b aria-hidden="true">{0}</b> <span>{1}</span></span>',
        level,
        rank_name(names, level),
    )


@register.filter
def at(mapping: dict[Any, Any], key: Any) -> Any:
    """Return the value at `key`, or None."""
    return mapping.get(key)
