"""Crests of guilds."""

from typing import Any

from django import template

from guilds.models import Guild

register = template.Library()

# The shapes of static/img/icons.svg, in place of Battle.net's 200 emblems, which are Blizzard's drawings.
SHAPES = ("chevron", "pale", "mullet", "per-pale", "fess", "lozenge", "quarterly", "bend", "roundel", "chief", "cross")
# In place of Battle.net's six borders; the first is the outline alone.
BORDERS = 6
PLAIN = {"field": "#333c49", "charge": "#dcb062", "border": "#6a7484"}


@register.inclusion_tag("guilds/_crest.html")
def crest(guild: Guild, css: str = "") -> dict[str, Any]:
    """Draw the guild's crest by its emblem, border and colors, or its initial on gray if Battle.net sent no crest."""
    parts = guild.crest if isinstance(guild.crest, dict) else {}
    field, charge = _color(parts.get("background")), _color(parts.get("emblem"))
    if field is None or charge is None:
        return {**PLAIN, "shape": "plain", "initial": guild.name[:1].upper(), "css": css}
    border = parts.get("border")
    return {
        "shape": SHAPES[_number(parts["emblem"]) % len(SHAPES)],
        "field": field,
        "charge": charge,
        "border": _color(border) or charge,
        "border_style": _number(border) % BORDERS,
        "css": css,
    }


def _number(part: Any) -> int:
    """Return Battle.net's number of an emblem or border; 0 if it sent something unexpected."""
    number = part.get("id") if isinstance(part, dict) else None
    return number if isinstance(number, int) else 0


def _color(part: Any) -> str | None:
    """Return the color of a part of a crest for HTML; None if Battle.net sent something unexpected."""
    try:
        return "#" + "".join(f"{min(255, max(0, int(part['color'][channel]))):02x}" for channel in "rgb")
    except (KeyError, TypeError, ValueError):
        return None
