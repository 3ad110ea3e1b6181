"""Members, their mains and to-do items in words."""

from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from characters.models import Character
from guilds.former_members.flags import flagged_memberships
from guilds.guild_url import guild_url
from guilds.models import Guild, Membership, TodoItem
from guilds.ranks import rank_name

register = template.Library()


@register.simple_tag
def main_choice(main: Membership, user: User | AnonymousUser) -> str:
    """Say who chose a player's main."""
    if not main.main_choice:
        return _("automatic (best rank, then highest level and item level)")
    if main.main_choice == Membership.MainChoice.OWN:
        return _("chosen by you") if main.main_of_id == user.pk else _("chosen by themselves")
    if main.main_chosen_by is None:
        return _("chosen by someone with a deleted account")
    return _("chosen by %(name)s") % {"name": main.main_chosen_by.display_name}


@register.simple_tag
def member_link(character: Character, guild: Guild) -> SafeString:
    """Show a character's name with its realm, linked to its page as a member."""
    url = guild_url("guilds:member", guild, character.pk)
    name = format_html('<a class="name" href="{}" hx-boost="false">{}</a>', url, character.name)
    return name + realm_suffix(character, guild)


@register.simple_tag
def character_link(character: Character, guild: Guild) -> str:
    """Show the name of a character, linked to its page if it is a member; its membership must be loaded."""
    place = getattr(character, "membership", None)
    if place is None or place.guild_id != guild.pk:
        return character.name
    return format_html('<a href="{}">{}</a>', guild_url("guilds:member", guild, character.pk), character.name)


@register.simple_tag
def realm_suffix(character: Character, guild: Guild) -> SafeString:
    """Show the realm of a character from another realm than the guild's."""
    if character.realm_id == guild.realm_id:
        return SafeString("")
    return format_html('<span class="realm">-{}</span>', character.realm.name or character.realm.slug)


@register.inclusion_tag("guilds/_flagged.html", takes_context=True)
def flagged_notice(context: Context, guild: Guild) -> dict[str, Any]:
    """Warn those who manage the roster of flagged members who are back. Costs them a statement."""
    can_see = context["request"].user.has_perm("guilds.manage_roster", guild)
    return {"guild": guild, "back": flagged_memberships(guild) if can_see else []}


@register.simple_tag
def main_badge(is_main: bool) -> SafeString:
    """Mark a main, with a space before the badge."""
    return format_html(' <span class="badge">{}</span>', _("Main")) if is_main else SafeString("")


@register.simple_tag
def todo_action(item: TodoItem, ranks: dict[int, str]) -> str:
    """Say what a to-do item does to a member."""
    if item.to_rank is None:
        return _("remove from the guild")
    words = {"rank": rank_name(ranks, item.to_rank)}
    return _("promote to %(rank)s") % words if item.kind == TodoItem.Kind.PROMOTE else _("demote to %(rank)s") % words
