"""Portraits and icons, with initials in place of a missing portrait."""

from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from characters.models import Character

register = template.Library()


@register.simple_tag
def portrait(character: Character, picture: UUID | str | None) -> SafeString:
    """Show the portrait of a character, whose name is beside it, or its initials."""
    if not picture:
        return format_html('<span class="portrait initials" aria-hidden="true">{}</span>', character.name[:2])
    image = '<img class="portrait" src="{}" alt="" width="84" height="84" loading="lazy" decoding="async">'
    return format_html(image, _address(picture))


@register.simple_tag
def icon(picture: UUID | str | None) -> SafeString:
    """Show the icon of a class or specialization, whose name is beside it; nothing without one."""
    if not picture:
        return SafeString("")
    image = '<img class="game-icon" src="{}" alt="" width="20" height="20" loading="lazy" decoding="async">'
    return format_html(image, _address(picture))


def _address(picture: UUID | str) -> str:
    return reverse("picture", args=(picture,))
