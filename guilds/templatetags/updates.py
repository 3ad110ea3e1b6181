"""The age of data, and why it is not newer."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import template

from characters.models import Character
from guilds.models import Guild
from guilds.update_states import UpdateState, update_states

register = template.Library()


@register.inclusion_tag("guilds/_freshness.html")
def roster_freshness(guild: Guild, states: Mapping[UUID, UpdateState] | str = "") -> dict[str, Any]:
    """Show how old the guild's roster is. Costs a query without the states, which some pages have anyway."""
    known = update_states(Guild, [guild.pk]) if isinstance(states, str) else states
    return {
        "state": known.get(guild.pk),
        "checked_at": guild.roster_checked_at,
        "snapshot_at": guild.roster_snapshot_at,
    }


@register.inclusion_tag("guilds/_freshness.html")
def profile_freshness(character: Character) -> dict[str, Any]:
    """Show how old the character's profile is."""
    state = update_states(Character, [character.pk]).get(character.pk, UpdateState())
    return {"state": state, "checked_at": state.checked_at, "snapshot_at": character.last_modified}
