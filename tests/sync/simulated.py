"""A rate limiter and its callers on simulated time, in a real Redis: hours pass in milliseconds."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from uuid import uuid4

import redis

from sync.engine.protocols import SubjectPause
from sync.engine.rate_limiter import LATEST_USE, SECOND, Lane, RateLimiter
from sync.engine.slot_queue import Slot
from tests.sync.windows import Windows, busiest

LONGEST_WAIT = 30.0
BEGINNING = 1_700_000_000 * SECOND


class MemoryLog:
    """The request log, on simulated time."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.rows: dict[int, tuple[int, int]] = {}
        self.writes = 0

    def record(self, period: int, requests: int, *, settled: tuple[int, int] | None) -> None:
        """Like the statements of `sync.engine.request_log`."""
        self.writes += 1
        if self.rows.get(period, (0, 0))[0] < requests:
            self.rows[period] = (requests, self._clock())
        if settled and settled[0] in self.rows:
            self.rows[settled[0]] = (settled[1], self.rows[settled[0]][1])

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        """Return the requests, latest first."""
        aged = [((self._clock() - at) / SECOND, requests) for requests, at in self.rows.values()]
        return sorted(row for row in aged if row[0] < seconds)


@dataclass
class Caller:
    """A caller that sends one request, or one after another until the end of the simulation."""

    lane: Lane
    came: int
    pause: float | None = None
    subject: SubjectPause | None = None
    sent: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


class Simulation:
    """Callers of a rate limiter; times are seconds since the beginning."""

    def __init__(self, connection: redis.Redis, windows: Windows) -> None:
        self._redis, self.windows, self.now = connection, windows, BEGINNING
        self._name = f"simulated-{uuid4()}"
        self.log = MemoryLog(lambda: self.now)
        self._limiters = {lane: self.limiter(lane) for lane in Lane}
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._end = BEGINNING
        self._chance = random.Random(1)
        self.callers: list[Caller] = []

    def limiter(self, lane: Lane) -> RateLimiter:
        """Return a rate limiter for a lane, as in another process."""
        return RateLimiter(self._redis, self.windows, lane, name=self._name, log=self.log, clock=lambda: self.now)

    def comes(
        self,
        at: float,
        lane: Lane,
        *,
        count: int = 1,
        pause: float | None = None,
        subject: SubjectPause | None = None,
    ) -> None:
        """Add callers at this time; with a `pause` each sends again after the pause."""
        for _ in range(count):
            caller = Caller(lane, BEGINNING + int(at * SECOND), pause, subject)
            self.callers.append(caller)
            self._at(caller.came, partial(self._ask, caller, caller.came))

    def wiped(self, at: float) -> None:
        """Wipe Redis at this time."""
        self._at(BEGINNING + int(at * SECOND), self.wipe)

    def wipe(self) -> None:
        """Wipe Redis now."""
        for key in self._redis.scan_iter(f"limiter:{self._name}:*"):
            self._redis.delete(key)

    def run(self, until: float = float("inf")) -> "Simulation":
        """Run the simulation until the end, or until all callers are done."""
        while self._events and self._events[0][0] < BEGINNING + until * SECOND:
            self.now, _, happen = heapq.heappop(self._events)
            happen()
        self.wipe()
        return self

    def sent(self, *lanes: Lane) -> list[float]:
        """Return the sorted times at which requests were sent."""
        return sorted(time for one in self.callers if one.lane in (lanes or Lane) for time in one.sent)

    def keeps_its_limits(self) -> bool:
        """Return whether no window exceeded its limit."""
        times = self.sent()
        return all(busiest(times, one.seconds) <= one.requests for one in self.windows)

    def keeps_its_pauses(self) -> bool:
        """Return whether no two requests of a subject were closer than its pause."""
        subjects = {one.subject for one in self.callers if one.subject}
        return all(
            later - earlier >= subject.seconds
            for subject in subjects
            for earlier, later in pairwise(
                sorted(t for one in self.callers if one.subject == subject for t in one.sent)
            )
        )

    def _at(self, time: int, happen: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._order), happen))

    def _ask(self, caller: Caller, began: int) -> None:
        """Acquire a slot like `RateLimiter.acquire`, with events instead of sleeping."""
        left = LONGEST_WAIT - (self.now - began) / SECOND
        limiter = self._limiters[caller.lane]
        slot = limiter.take(left, caller.subject)
        arrives = self.now + int(slot.wait * SECOND)
        if slot.wait > left:
            # Deferred: it is sent again after the wait.
            again = self.now + int(slot.wait * SECOND * self._chance.uniform(1.0, 1.2))
            self._at(again, lambda: self._ask(caller, again))
        elif not slot.taken:
            self._at(self.now + int(slot.retry_in * SECOND), lambda: self._ask(caller, began))
        else:
            self._at(arrives, lambda: self._wake(caller, began, slot))

    def _wake(self, caller: Caller, began: int, slot: Slot) -> None:
        if slot.wait and not self._limiters[caller.lane].is_valid(slot):
            return self._ask(caller, began)
        sent = (self.now - BEGINNING) / SECOND + self._chance.uniform(0, LATEST_USE)
        caller.sent.append(sent)
        caller.waits.append((self.now - caller.came) / SECOND)
        if caller.pause is not None:
            caller.came = self.now + int(caller.pause * SECOND)
            self._at(caller.came, lambda: self._ask(caller, caller.came))
        return None
