"""Request statistics of the sandbox's Bungie.net."""

from collections import Counter
from typing import Any

from sandbox.stats import Stats


class BungieStats(Stats):
    """Counts of Platform requests, besides those by status also by error code."""

    WINDOWS = {"busiest_second": 1.0, "busiest_10_seconds": 10.0}  # noqa: RUF012 (never changed)

    def reset(self) -> None:
        """Set all counts to zero."""
        super().reset()
        self.by_code: Counter[str] = Counter()
        self.content: Counter[str] = Counter()

    def count_code(self, code: str) -> None:
        """Count an error code of an answer, as in its header; "" for one without an envelope."""
        self.by_code[code or "none"] += 1

    def count_content(self, status: int) -> None:
        """Count a request for a content file."""
        self.content[str(status)] += 1

    def as_json(self) -> dict[str, Any]:
        """Return all counts."""
        return super().as_json() | {"by_code": dict(sorted(self.by_code.items())), "content": dict(self.content)}
