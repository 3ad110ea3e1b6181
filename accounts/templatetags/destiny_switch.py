"""A template tag that says whether the site has Destiny 2."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def has_destiny() -> bool:
    """Return `settings.DESTINY_ENABLED`."""
    return bool(settings.DESTINY_ENABLED)
