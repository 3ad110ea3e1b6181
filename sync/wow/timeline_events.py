"""What goes on a guild's timeline. Whichever sync learns it first writes it down, so that it is told once."""

from collections.abc import Iterator

from characters.models import Character
from guilds.models import UNCONFIRMED_LINK, LinkState, Membership, TimelineEvent
from guilds.timeline.services import name_of

Kind = TimelineEvent.Kind


def membership_of(character: Character) -> Membership | None:
    """Where the character stands, as far as it was loaded with it."""
    return getattr(character, "membership", None)


def leaver_details(membership: Membership) -> dict[str, object]:
    """The rank that somebody leaves, and whether its rights were really the player's. Reads character and guild."""
    return {"rank": membership.rank, **link_details(membership)}


def link_details(membership: Membership) -> dict[str, object]:
    """A mark where a player is linked without holding the rights: what they had before is not theirs afterwards."""
    return {UNCONFIRMED_LINK: True} if membership.link_state not in {None, LinkState.CONFIRMED} else {}


def changes_of(
    character: Character, *, name: str, blizzard_id: int, realm_id: int, faction: str
) -> Iterator[tuple[Kind, dict[str, str]]]:
    """What has become of somebody who is listed like this now, in the words of the timeline."""
    if name_of(character) != name:
        yield Kind.RENAMED, {"before": name_of(character), "after": name}
    if (character.blizzard_id, character.realm_id) != (blizzard_id, realm_id):
        yield Kind.TRANSFERRED, {"before": character.faction, "after": faction or character.faction}
