"""Which doors of a guild are open to the reader, so that a page shows no link that ends in a refusal."""

from datetime import datetime

from django import template
from django.contrib.auth import get_backends
from django.template import Context

from accounts.models import User
from guilds.models import Guild, expires_soon
from guilds.rights import OFFICERS_RIGHTS

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: Context, guild: Guild, *perms: str) -> bool:
    """Whether the reader holds one of these rights in the guild. Costs no statement once the door has asked."""
    user = context["request"].user
    return any(user.has_perm(perm, guild) for perm in perms)


@register.simple_tag(takes_context=True)
def expiring_link(context: Context, guild: Guild) -> datetime | None:
    """When the reader's link to the guild expires, if that is soon. Costs no statement once the door has asked."""
    user = context["request"].user
    if not isinstance(user, User) or user.is_superuser:
        return None
    known = [one.link_expires_at(user, guild) for one in get_backends() if hasattr(one, "link_expires_at")]
    return next((expires_at for expires_at in known if expires_soon(expires_at)), None)


@register.simple_tag(takes_context=True)
def is_officer(context: Context, guild: Guild) -> bool:
    """Whether the reader may do anything beyond reading, and so finds the guild in the admin."""
    return may(context, guild, *OFFICERS_RIGHTS)
