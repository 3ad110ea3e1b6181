"""When refusals are an outage of Battle.net and not news about what was asked for. A pure rule.

A hidden character answers 403, one that is not played any more 404. That is normal for some, and in some guilds for
nearly all. It is an outage when most answers of a kind are refusals, whichever guild or account they are about, and
were not before.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# How many answers are looked at.
WINDOW = 50
# Not the worst guild or account by itself: of the others half must be refused, too, and at least so many.
FEWEST_OTHERS = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """One answer: about which guild or account it was, and whether it was 401, 403 or 404."""

    group: str
    is_refused: bool


def is_outage(answers: Sequence[Counted], share_before: float) -> bool:
    """Return whether the last answers show an outage; `share_before` of those before them were refusals.

    Nothing is said before there are enough answers.
    """
    if len(answers) < WINDOW or share_before > 0.5:
        return False
    refused = Counter(one.group for one in answers if one.is_refused)
    if 2 * refused.total() <= len(answers):
        return False
    worst = refused.most_common(1)[0][0]
    others = [one for one in answers if one.group != worst]
    refused_others = sum(one.is_refused for one in others)
    return refused_others >= FEWEST_OTHERS and 2 * refused_others >= len(others)
