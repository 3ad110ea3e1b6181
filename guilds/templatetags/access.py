"""Tags for permissions, so that a page shows no link that the user can't open."""

from django import template
from django.template import Context

from guilds.models import Guild

register = template.Library()


@register.simple_tag(takes_context=True)
def can(context: Context, guild: Guild, *perms: str) -> bool:
    """Return whether the user has one of these permissions in the guild; `guild_page` has already loaded them."""
    user = context["request"].user
    return any(user.has_perm(perm, guild) for perm in perms)
