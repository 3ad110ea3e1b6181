"""What goes on a guild's timeline. Whichever sync learns it first writes it down, so that it is told once."""

from collections.abc import Iterator
from datetime import datetime

from characters.models import Character
from guilds.models import Membership, TimelineEvent
from guilds.timeline.services import name_of, new_event

Kind = TimelineEvent.Kind


def membership_of(character: Character) -> Membership | None:
    """Where the character stands, as far as it was loaded with it."""
    return getattr(character, "membership", None)


def left_event(membership: Membership, *, now: datetime) -> TimelineEvent:
    """Return an unsaved event for a member who leaves; the character must be loaded."""
    return new_event(
        membership.guild_id,
        Kind.LEFT,
        happened_at=now,
        character=membership.character,
        details={"rank": membership.rank},
    )


def changes_of(
    character: Character, *, name: str, blizzard_id: int, realm_id: int, faction: str
) -> Iterator[tuple[Kind, dict[str, str]]]:
    """What has become of somebody who is listed like this now, in the words of the timeline."""
    if name_of(character) != name:
        yield Kind.RENAMED, {"before": name_of(character), "after": name}
    if (character.blizzard_id, character.realm_id) != (blizzard_id, realm_id):
        yield Kind.TRANSFERRED, {"before": character.faction, "after": faction or character.faction}
