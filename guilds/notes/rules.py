"""The pure rule that decides who can change a note."""

from guilds.models import LOWEST_RANK

# Former members rank below everyone, site admins above.
NO_RANK = LOWEST_RANK + 1
ABOVE_ALL_RANKS = -1


def can_change_note(*, is_author: bool, rank: int, authors_rank: int) -> bool:
    """Return whether the user is the note's author or has a higher rank than the author."""
    return is_author or rank < authors_rank
