"""The age of data, and why it is not newer."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import template

from accounts.models import User
from characters.models import Character
from guilds.live_updates import address_of, version_of
from guilds.models import Guild
from guilds.update_states import UpdateState, player_state, update_states

register = template.Library()


@register.inclusion_tag("guilds/_freshness.html")
def roster_freshness(
    guild: Guild, states: Mapping[UUID, UpdateState] | str = "", *, is_live: bool = True
) -> dict[str, Any]:
    """Show how old the guild's roster is. Costs a query without the states, which some pages have anyway.

    The page updates itself while the roster is being fetched, unless it has another way to (`is_live`).
    """
    known = update_states(Guild, [guild.pk]) if isinstance(states, str) else states
    state = known.get(guild.pk)
    times = {"checked_at": guild.roster_checked_at, "snapshot_at": guild.roster_snapshot_at}
    return {"state": state, **times, **(_live(guild, state) if is_live else {})}


@register.inclusion_tag("guilds/_freshness.html")
def profile_freshness(character: Character, states: Mapping[UUID, UpdateState]) -> dict[str, Any]:
    """Show how old the character's profile is."""
    state = states.get(character.pk, UpdateState())
    times = {"checked_at": state.checked_at, "snapshot_at": character.last_modified}
    return {"state": state, **times, **_live(character, state)}


@register.inclusion_tag("guilds/_live_notice.html")
def live_notice(user: User) -> dict[str, Any]:
    """Say that the player's characters are being fetched, while they are. Costs a statement."""
    return _live(user, player_state(user.pk))


def _live(subject: Guild | Character | User, state: UpdateState | None) -> dict[str, str]:
    """Return what lets a page with data under way update itself."""
    return {"live": address_of(subject), "version": version_of(state)} if state and state.is_busy else {}
