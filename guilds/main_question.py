"""The question to a player whose automatic main is no longer the character that they play."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from guilds.mains import choose_main
from guilds.models import Membership

# A main that was not played for this long is asked about if another character was.
NOT_PLAYED = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class MainQuestion:
    """The automatic main, which the player does not play, and the character that would be the main instead."""

    main: Membership
    played: Membership


def main_question(places: Sequence[Membership], now: datetime) -> MainQuestion | None:
    """Return the question about a player's characters in one guild, or None.

    Nothing changes without an answer: others know the player by the main. A chosen main is not asked about, and a
    character whose last login is unknown is neither played nor away.
    """
    main = next((one for one in places if one.is_main), None)
    if main is None or main.is_chosen_main or not _away(main, now):
        return None
    played = [one for one in places if one.character.last_login_at and not _away(one, now)]
    return MainQuestion(main, choose_main(played)) if played else None


def _away(place: Membership, now: datetime) -> bool:
    seen_at = place.character.last_login_at
    return seen_at is not None and now - seen_at >= NOT_PLAYED
