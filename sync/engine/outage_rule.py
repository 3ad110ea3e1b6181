"""The pure rule that distinguishes an outage of a provider from normal refusals.

Some subjects are refused normally: a hidden character answers 403, one that is not played any more 404, and in some
guilds that is nearly all of them. It is an outage when most responses of a kind are refusals, whichever guild or
account they are about, and were not before.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# The number of responses that are looked at.
WINDOW = 50
# The worst guild or account alone is not enough: half of the others, and at least this many, must be refused too.
FEWEST_OTHERS = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """One response: the guild or account it is about, and whether it was 401, 403 or 404."""

    group: str
    is_refused: bool


def is_outage(answers: Sequence[Counted], share_before: float) -> bool:
    """Return whether the last responses show an outage; `share_before` of those before them were refusals.

    With fewer responses than the window it is never one.
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
