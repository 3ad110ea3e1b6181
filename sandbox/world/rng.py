"""Chance that falls the same way for the same label, on every machine and Python version."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class SeededRandom:
    """Draws for one purpose, named by a label such as ``(seed, "guild", name)``.

    Only ``random.random()`` is used: Python promises its sequence for a given seed and nothing beyond it
    (``sample`` and ``shuffle`` have changed between versions). A string seeds through SHA-512, never ``hash()``.
    """

    def __init__(self, *label: object) -> None:
        self._random = random.Random("/".join(str(part) for part in label)).random

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, not including, the limit."""
        return int(self._random() * limit)

    def between(self, lowest: int, highest: int) -> int:
        """A whole number from lowest to highest, both possible."""
        return lowest + self.below(highest - lowest + 1)

    def chance(self, share: float) -> bool:
        """True in that share of the draws."""
        return self._random() < share

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, all equally likely."""
        return choices[self.below(len(choices))]

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        """One of the choices, each as likely as its weight says."""
        mark = self.below(sum(weight for _, weight in choices))
        for choice, weight in choices:
            mark -= weight
            if mark < 0:
                return choice
        raise ValueError("no choice has a weight")

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """That many different ones of the choices (all of them when there are fewer), in random order."""
        rest = list(choices)
        drawn = []
        for _ in range(min(count, len(rest))):
            place = self.below(len(rest))
            rest[place], rest[-1] = rest[-1], rest[place]
            drawn.append(rest.pop())
        return drawn
