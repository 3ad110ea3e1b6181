"""Rights, and changes of them, in words."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.models import Guild
from guilds.player_links import expires_soon
from guilds.ranks import rank_name
from guilds.rights import LABELS
from guilds.timeline.sentences import kind_label
from guilds.timeline.shown import ShownEvent
from permissions.effective_rights import effective_rights
from permissions.members import Player
from permissions.models import Rank
from permissions.rights import MANAGE_RANKS, in_words

register = template.Library()
Details = dict[str, Any]

register.filter("in_words", in_words)


@register.filter
def right_name(right: str) -> str:
    """Return the name of a single right, beginning with a capital letter."""
    return str(capfirst(str(LABELS[right])))


@register.filter
def player_name(player: Player) -> SafeString:
    """Return the player's name with the main, or with the character of the best rank if no main is known."""
    return _name_with_character(player.name, player.main or player.character)


@lru_cache(maxsize=4096)
def _name_with_character(name: str, character: str) -> SafeString:
    # The page of a guild's ranks names each player for each of their permissions.
    return format_html('<b class="person-name">{}</b> <span class="muted">({})</span>', name, character)


@register.filter
def player_names(players: Iterable[Player]) -> SafeString:
    """Return the players' names, separated by commas."""
    return SafeString(", ".join(map(player_name, players)))


@register.filter
def players_with_characters(players: Iterable[Player]) -> SafeString:
    """Return the players' names, each with the character that gives the rank if it is not the main."""
    return SafeString(", ".join(map(_player_with_character, players)))


@register.filter
def own_name(rank: Rank) -> str:
    """Return the rank's name, or its number where the guild has not named it."""
    return rank_name({rank.rank_level: rank.rank_name}, rank.rank_level)


@register.simple_tag(takes_context=True)
def expiring_link(context: Context, guild: Guild) -> datetime | None:
    """Return when the reader's link to the guild expires, if that is soon. Costs no statement once rights are known."""
    user = context["request"].user
    if not isinstance(user, User) or user.is_superuser:
        return None
    expires_at = effective_rights(user, guild).expires_at
    return expires_at if expires_soon(expires_at) else None


@register.simple_tag(takes_context=True)
def needs_first_steps(context: Context, guild: Guild, names: Mapping[int, str]) -> bool:
    """Return whether the reader can name the guild's ranks and nobody has. `names` are the ranks' names by level."""
    user = context["request"].user
    return not any(names.values()) and isinstance(user, User) and user.has_perm(MANAGE_RANKS, guild)


@register.simple_tag
def rights_change(event: ShownEvent, *, with_reason: bool = False) -> str:
    """Describe a change of rights, to be read after the actor's name. Reasons of grants are for managers of ranks."""
    details: Details = event.details
    before, after = details.get("before"), details.get("after")
    match details.get("what"):
        case "rank" if before and after:
            return _rank_changed(details["rank"], before, after)
        case "set" if before or after:
            return _set_changed(before, after)
        case "grant" if before or after:
            return _grant_changed(event, before, after, with_reason=with_reason)
        case "grace":
            return _("changed the grace period from %(before)d to %(after)d hours") % details
        case "link_days":
            return _("changed how long a sign-in lasts from %(before)d to %(after)d days") % details
    return kind_label(event)


def _player_with_character(player: Player) -> SafeString:
    if not player.main or player.main == player.character:
        return player_name(player)
    by_character = _("by %(character)s") % {"character": player.character}
    return format_html('{} <span class="muted">{}</span>', player_name(player), by_character)


def _rank_changed(level: int, before: Details, after: Details) -> str:
    parts = []
    if before["name"] != after["name"]:
        parts.append(
            _('renamed rank %(level)d from "%(before)s" to "%(after)s"')
            % {"level": level, "before": _named(level, before), "after": _named(level, after)}
        )
    if before["set"] != after["set"]:
        parts.append(
            _('changed the permission set of rank %(rank)s from "%(before)s" to "%(after)s"')
            % {"rank": _named(level, after), "before": before["set"], "after": after["set"]}
        )
    return "; ".join([*parts, *_gains_and_losses(before["rights"], after["rights"])])


def _set_changed(before: Details | None, after: Details | None) -> str:
    if before is None or after is None:
        text = _('created the permission set "%(name)s": %(rights)s')
        if after is None:
            text = _('deleted the permission set "%(name)s": %(rights)s')
        details = after or before or {}
        return text % {"name": details["name"], "rights": in_words(details["rights"])}
    names = {"before": before["name"], "after": after["name"]}
    text = _('changed the permission set "%(after)s"')
    if before["name"] != after["name"]:
        text = _('renamed the permission set "%(before)s" to "%(after)s"')
    return "; ".join([text % names, *_gains_and_losses(before["rights"], after["rights"])])


def _grant_changed(event: ShownEvent, before: Details | None, after: Details | None, *, with_reason: bool) -> str:
    details = after or before or {}
    values = {
        "person": event.person or _("a deleted account"),
        "rights": in_words(details["rights"]),
        "until": _day(details["expires_at"]),
    }
    if after:
        text = _("granted %(person)s: %(rights)s (until %(until)s)") % values
    elif event.actor_id is not None and event.actor_id == event.person_id:
        text = _("gave up a personal grant: %(rights)s") % values
    else:
        text = _("ended the personal grant of %(person)s: %(rights)s") % values
    return f"{text} ({details['reason']})" if with_reason and details.get("reason") else text


def _gains_and_losses(before: Iterable[str], after: Iterable[str]) -> list[str]:
    gained, lost = set(after) - set(before), set(before) - set(after)
    gains = _("gains: %(rights)s") % {"rights": in_words(gained)}
    loses = _("loses: %(rights)s") % {"rights": in_words(lost)}
    return [*([gains] if gained else []), *([loses] if lost else [])]


def _named(level: int, details: Details) -> str:
    return rank_name({level: details["name"]}, level)


def _day(moment: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), "DATE_FORMAT")
