"""Events of the timeline, and changed settings, in words."""

from typing import Any

from django import template

from guilds.models import Visibility
from guilds.settings.links import links_of
from guilds.timeline.icons import icon_of
from guilds.timeline.sentences import before_and_after, event_line, event_sentence, info_label

register = template.Library()
register.simple_tag(event_sentence)
register.simple_tag(event_line)
register.filter(info_label)
register.filter("event_icon", icon_of)
register.filter(before_and_after)


@register.filter
def info_words(value: Any, name: str) -> str:
    """Return a field's value in words, with a dash for nothing."""
    if name == "links":
        return "\n".join(f"{link.label} {link.url}" for link in links_of(value)) or "–"
    if name == "visibility" and value in Visibility.values:
        return str(Visibility(value).label)
    return "–" if value == "" else str(value)
