"""Which actions arrived, and whether a person waited long enough between two."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ReceivedAction:
    """An action as it arrived: also one that was refused or made to fail. ``code`` is the answer's error code."""

    number: int
    person: str | None
    action: str
    body: Any
    arrived: float
    code: str = ""
    is_too_early: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return everything; ``arrived`` is in seconds of a clock that only tells differences."""
        return {
            "number": self.number, "person": self.person, "action": self.action, "body": self.body,
            "arrived": round(self.arrived, 4), "code": self.code, "too_early": self.is_too_early,
        }  # fmt: skip


@dataclass(slots=True)
class ActionLog:
    """All actions since the last reset, and when each person last did each."""

    received: list[ReceivedAction] = field(default_factory=list)
    too_early: Counter[str] = field(default_factory=Counter)
    _last: dict[tuple[str, str], float] = field(default_factory=dict)

    def receive(self, person: str | None, action: str, body: Any, pause: float, now: float) -> ReceivedAction:
        """Note an action. It is too early if its person did the same less than the pause ago."""
        entry = ReceivedAction(len(self.received) + 1, person, action, body, now)
        self.received.append(entry)
        if person is not None:
            last = self._last.get((person, action))
            entry.is_too_early = last is not None and now - last < pause
            if entry.is_too_early:
                self.too_early[action] += 1
            else:
                self._last[person, action] = now
        return entry

    def reset(self) -> None:
        """Forget everything."""
        self.received.clear()
        self.too_early.clear()
        self._last.clear()
