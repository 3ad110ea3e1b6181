"""To which guild or account a character counts when Battle.net refuses requests."""

from characters.models import Character, ProfileState
from sync.engine.protocols import Subject

HIDDEN = (ProfileState.NOT_FOUND, ProfileState.FORBIDDEN)


def subject_of(character: Character) -> Subject:
    """Return the character's owner, or else its guild, where its membership is loaded, or else itself.

    Not the guild first: many a site has only one, and an outage must be seen there, too. Sends no query, since it is
    asked for many characters, in threads.
    """
    membership = getattr(character, "membership", None) if Character.membership.is_cached(character) else None
    group = character.user_id or (membership.guild_id if membership else character.pk)
    return Subject(str(group), was_refused=character.profile_state in HIDDEN)
