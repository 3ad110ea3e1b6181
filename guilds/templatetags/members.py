"""Members in words."""

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from characters.models import Character
from guilds.models import Guild, Membership

register = template.Library()


@register.simple_tag
def main_choice(main: Membership, user: User | AnonymousUser) -> str:
    """Say who chose a player's main."""
    if not main.main_choice:
        return _("automatic: best rank, then highest level and item level")
    if main.main_choice == Membership.MainChoice.OWN:
        return _("chosen by you") if main.main_of_id == user.pk else _("chosen by themselves")
    if main.main_chosen_by is None:
        return _("chosen by someone with a deleted account")
    return _("chosen by %(name)s") % {"name": main.main_chosen_by.display_name}


@register.simple_tag
def realm_suffix(character: Character, guild: Guild) -> SafeString:
    """Show the realm of a character from another realm than the guild's."""
    if character.realm_id == guild.realm_id:
        return SafeString("")
    return format_html('<span class="realm">-{}</span>', character.realm.name or character.realm.slug)
