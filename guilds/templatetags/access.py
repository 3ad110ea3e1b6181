"""Tags for permissions, so that a page shows no link that the user can't open, and a guild's tabs."""

from dataclasses import dataclass

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guilds.guild_url import guild_url
from guilds.models import Guild
from guilds.rights import OFFICERS_RIGHTS

register = template.Library()


@register.simple_tag(takes_context=True)
def can(context: Context, guild: Guild, *perms: str) -> bool:
    """Return whether the user has one of these permissions in the guild; `guild_page` has already loaded them."""
    user = context["request"].user
    return any(user.has_perm(perm, guild) for perm in perms)


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab for users with one of `perms`; the pages `below` belong to it, too."""

    view: str
    label: str | Promise
    perms: tuple[str, ...] = ()
    below: tuple[str, ...] = ()

    @property
    def is_for_officers(self) -> bool:
        return bool(self.perms) and "guilds.view" not in self.perms


TABS = (
    Tab("guilds:overview", _("Overview")),
    Tab("guilds:roster", _("Roster"), below=("guilds:member", "guilds:selected", "guilds:roster_address")),
    Tab("permissions:ranks", _("Ranks"), ("guilds.view",), ("permissions:",)),
    Tab(
        "guilds:timeline",
        _("Timeline"),
        below=("guilds:feed_address", "guilds:timeline_address", "guilds:former_member"),
    ),
    Tab("guilds:notes", _("Notes"), ("guilds.read_notes",), ("guilds:note",)),
    Tab("guilds:todo", _("To-do"), ("guilds.manage_roster",)),
    Tab("guilds:away", _("Away"), ("guilds.manage_roster",), ("guilds:new_rule", "guilds:rule")),
    Tab("sync:guild", _("Sync"), ("guilds.refresh",)),
    Tab(
        "guilds:settings",
        _("Settings"),
        ("guilds.edit_info", "guilds.manage_ranks", "guilds.delete"),
        ("guilds:grace", "guilds:link_days", "guilds:delete"),
    ),
)


register.simple_tag(guild_url)


@register.simple_tag(takes_context=True)
def guild_tabs(context: Context, guild: Guild) -> list[tuple[Tab, str, str]]:
    """Return the tabs that the user can open, each with its address and its value of aria-current."""
    view: str = context["request"].resolver_match.view_name
    return [
        (tab, guild_url(tab.view, guild), _current(tab, view))
        for tab in TABS
        if not tab.perms or can(context, guild, *tab.perms)
    ]


@register.simple_tag(takes_context=True)
def is_officer(context: Context, guild: Guild) -> bool:
    """Return whether the user has any permission beyond viewing, and so finds the guild in the admin."""
    return can(context, guild, *OFFICERS_RIGHTS)


def _current(tab: Tab, view: str) -> str:
    return "page" if view == tab.view else "true" if tab.below and view.startswith(tab.below) else ""
