"""The subject of a character's requests: the circuit breaker looks at refusals of different subjects."""

from characters.models import Character, ProfileState
from sync.engine.protocols import Subject

HIDDEN = (ProfileState.NOT_FOUND, ProfileState.FORBIDDEN)


def subject_of(character: Character) -> Subject:
    """Return the character's player, or else its guild, if its membership is loaded, or else the character itself.

    The guild is not first, since a site with a single guild has to detect outages too. Sends no query, since it is
    called for many characters, in threads.
    """
    membership = getattr(character, "membership", None) if Character.membership.is_cached(character) else None
    group = character.user_id or (membership.guild_id if membership else character.pk)
    return Subject(str(group), was_refused=character.profile_state in HIDDEN)
