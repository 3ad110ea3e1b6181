"""The threads of one process that wait for slots of the rate limiter. The first of them takes slots for all."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sync.engine.protocols import WaitTooLong


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment to send one request, `wait` seconds after Redis was asked.

    When it is not `taken`, the caller asks again after `retry_in` seconds. Redis was asked between `asked` and
    `answered`: `asked` tells whether it is too early, `answered` whether it is too late. Who gets a slot with a
    `half_used` block of the request log (its period and size) records the next block.
    """

    asked: float
    answered: float
    wait: float
    taken: bool
    retry_in: float = 0.0
    at: int = 0
    epoch: bytes = b""
    half_used: tuple[bytes, int] | None = None


class SlotQueue:
    """Gives slots to threads, roughly in the order in which they came."""

    def __init__(self, take: Callable[[int, float], list[Slot]]) -> None:
        """`take` returns at most so many slots for callers who wait so many seconds, or one that is not taken."""
        self._take = take
        self._first = threading.Lock()
        self._waiting: deque[None] = deque()
        self._slots: deque[Slot] = deque()

    def next(self, give_up: float) -> Slot:
        """Return a slot. Raises WaitTooLong if there is none until `give_up`, in monotonic seconds."""
        self._waiting.append(None)
        try:
            with self._first_in_line(give_up):
                while not self._slots:
                    self._slots.extend(wait_for_slots(give_up, lambda left: self._take(len(self._waiting), left)))
                return self._slots.popleft()
        finally:
            self._waiting.pop()

    @contextmanager
    def _first_in_line(self, give_up: float) -> Iterator[None]:
        left = max(give_up - time.monotonic(), 0)
        if not self._first.acquire(timeout=left):
            raise WaitTooLong(left)
        try:
            yield
        finally:
            self._first.release()


def wait_for_slots(give_up: float, take: Callable[[float], list[Slot]]) -> list[Slot]:
    """Ask until slots are taken. Raises WaitTooLong when there is none until `give_up`."""
    while True:
        slots = take(give_up - time.monotonic())
        if slots[0].taken:
            return slots
        if slots[0].asked + slots[0].wait > give_up:
            raise WaitTooLong(slots[0].wait)
        time.sleep(slots[0].retry_in)
