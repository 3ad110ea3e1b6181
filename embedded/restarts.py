"""When to restart a process that ended: a rule without clock and processes."""

from dataclasses import dataclass

from embedded.errors import EX_CONFIG

# Seconds.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
# A process that ran this long had started well: its end begins a new series.
STABLE_AFTER = 120.0


@dataclass(frozen=True, slots=True)
class Restart:
    """Restart after `pause` seconds; `ends` counts the ends of this series."""

    pause: float
    ends: int


def restart_after(status: int | None, *, ran_for: float, ends_before: int) -> Restart | None:
    """Return when to restart a process that ended with this exit status; None if only a person can help.

    A server's status is unknown (None). Each pause is twice as long as the last one of its series.
    """
    if status == EX_CONFIG:
        return None
    ends = 1 if ran_for >= STABLE_AFTER else ends_before + 1
    # The exponent is bounded because a year of failures is too large for a float.
    return Restart(pause=min(FIRST_PAUSE * 2.0 ** min(ends - 1, 16), LONGEST_PAUSE), ends=ends)
