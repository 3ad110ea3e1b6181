"""Random numbers that are the same for the same label, on every machine and Python version."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class SeededRandom:
    """A random number generator for one purpose, seeded with a label such as ``(seed, "guild", name)``.

    Only ``random.random()`` is used, because Python guarantees its sequence for a seed and nothing else (``sample`` and
    ``shuffle`` have changed between versions). Seeding with a string uses SHA-512, not ``hash()``.
    """

    def __init__(self, *label: object) -> None:
        self._random = random.Random("/".join(str(part) for part in label)).random

    def below(self, limit: int) -> int:
        """Return an integer from 0 up to, not including, the limit."""
        return int(self._random() * limit)

    def between(self, lowest: int, highest: int) -> int:
        """Return an integer from lowest to highest, both included."""
        return lowest + self.below(highest - lowest + 1)

    def chance(self, share: float) -> bool:
        """Return True with this probability."""
        return self._random() < share

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices, all equally likely."""
        return choices[self.below(len(choices))]

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        """Return one of the weighted choices."""
        mark = self.below(sum(weight for _, weight in choices))
        for choice, weight in choices:
            mark -= weight
            if mark < 0:
                return choice
        raise ValueError("all weights are 0")

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """Return ``count`` different choices (or all, if there are fewer) in random order."""
        rest = list(choices)
        drawn = []
        for _ in range(min(count, len(rest))):
            place = self.below(len(rest))
            rest[place], rest[-1] = rest[-1], rest[place]
            drawn.append(rest.pop())
        return drawn
