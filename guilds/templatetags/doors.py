"""Which doors of a guild are open to the reader, so that a page shows no link that ends in a refusal."""

from django import template
from django.template import Context

from guilds.models import Guild
from guilds.rights import OFFICERS_RIGHTS

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: Context, guild: Guild, *perms: str) -> bool:
    """Whether the reader holds one of these rights in the guild. Costs no statement once the door has asked."""
    user = context["request"].user
    return any(user.has_perm(perm, guild) for perm in perms)


@register.simple_tag(takes_context=True)
def is_officer(context: Context, guild: Guild) -> bool:
    """Whether the reader may do anything beyond reading, and so finds the guild in the admin."""
    return may(context, guild, *OFFICERS_RIGHTS)
