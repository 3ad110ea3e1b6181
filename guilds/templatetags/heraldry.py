"""Crests and ranks."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guilds.models import GUILD_MASTER_RANK, Guild

register = template.Library()

# The charges of static/img/icons.svg. Battle.net's 200 emblems are Blizzard's drawings; ours stand in for them.
CHARGES = ("chevron", "pale", "mullet", "per-pale", "fess", "lozenge", "quarterly", "bend", "roundel", "chief", "cross")
PLAIN = {"field": "#333c49", "charge": "#dcb062", "border": "#6a7484"}


@register.inclusion_tag("guilds/_crest.html")
def crest(guild: Guild, css: str = "") -> dict[str, Any]:
    """The guild's arms in its own tinctures, or its initial on slate when Battle.net sent no crest."""
    parts = guild.crest if isinstance(guild.crest, dict) else {}
    field, charge = _color(parts.get("background")), _color(parts.get("emblem"))
    if field is None or charge is None:
        return {**PLAIN, "shape": "plain", "initial": guild.name[:1].upper(), "css": css}
    shape = CHARGES[_number(parts["emblem"].get("id")) % len(CHARGES)]
    return {
        "shape": shape,
        "field": field,
        "charge": charge,
        "border": _color(parts.get("border")) or charge,
        "css": css,
    }


@register.filter
def rank_name(names: dict[int, str], level: int) -> str:
    """What the guild calls this rank; a plain word when it has not named it."""
    if name := names.get(level):
        return name
    return _("Guild master") if level == GUILD_MASTER_RANK else _("Rank %(level)d") % {"level": level}


@register.simple_tag
def rank(level: int, names: dict[int, str]) -> SafeString:
    """The rank's number in a small shield, and its name."""
    return format_html(
        '<span class="rank rank-{0}"><b aria-hidden="true">{0}</b> <span>{1}</span></span>',
        level,
        rank_name(names, level),
    )


@register.filter
def at(mapping: dict[Any, Any], key: Any) -> Any:
    """The value at `key`, or None."""
    return mapping.get(key)


def _color(part: Any) -> str | None:
    """The color of a part of a crest, as HTML writes it; None when Battle.net sent something else."""
    try:
        return "#" + "".join(f"{min(255, max(0, int(part['color'][channel]))):02x}" for channel in "rgb")
    except (KeyError, TypeError, ValueError):
        return None


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
