"""A throttle on simulated time, and a crowd before it, in the real Redis: hours pass in milliseconds."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

import redis

from sync.engine.rate_limiter import LATEST_USE, SECOND, Lane, Limits, Throttle, Turn
from tests.sync.windows import busiest

LONGEST_WAIT = 30.0
BEGINNING = 1_700_000_000 * SECOND


class MemoryTally:
    """The durable tally, on simulated time."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.rows: dict[int, tuple[int, int]] = {}
        self.writes = 0

    def count(self, period: int, requests: int, *, settled: tuple[int, int] | None) -> None:
        """Like the statements of `sync.engine.request_log`."""
        self.writes += 1
        if self.rows.get(period, (0, 0))[0] < requests:
            self.rows[period] = (requests, self._clock())
        if settled and settled[0] in self.rows:
            self.rows[settled[0]] = (settled[1], self.rows[settled[0]][1])

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        """The latest first."""
        aged = [((self._clock() - at) / SECOND, requests) for requests, at in self.rows.values()]
        return sorted(row for row in aged if row[0] < seconds)


@dataclass
class Caller:
    """Somebody who sends one request, or one after another until the end of the simulation."""

    lane: Lane
    came: int
    pause: float | None = None
    sent: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


class Simulation:
    """Callers before a throttle that nobody else uses; times are seconds since the beginning."""

    def __init__(self, connection: redis.Redis, limits: Limits) -> None:
        self._redis, self.limits, self.now = connection, limits, BEGINNING
        self._name = f"simulated-{uuid4()}"
        self.tally = MemoryTally(lambda: self.now)
        self._gates = {lane: self.gate(lane) for lane in Lane}
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._end = BEGINNING
        self._chance = random.Random(1)
        self.callers: list[Caller] = []

    def gate(self, lane: Lane) -> Throttle:
        """A lane of the throttle, as another process would have it."""
        return Throttle(self._redis, self.limits, lane, name=self._name, tally=self.tally, clock=lambda: self.now)

    def comes(self, at: float, lane: Lane, *, count: int = 1, pause: float | None = None) -> None:
        """Callers come at this time; with a `pause` each sends again so long after it sent."""
        for _ in range(count):
            caller = Caller(lane, BEGINNING + int(at * SECOND), pause)
            self.callers.append(caller)
            self._at(caller.came, partial(self._ask, caller, caller.came))

    def wiped(self, at: float) -> None:
        """Redis loses everything at this time."""
        self._at(BEGINNING + int(at * SECOND), self.wipe)

    def wipe(self) -> None:
        """Now."""
        self._redis.delete(*(f"throttle:{self._name}:{key}" for key in ("turns", "state")))

    def run(self, until: float = float("inf")) -> "Simulation":
        """Let time pass: to the end, or until everybody has sent."""
        while self._events and self._events[0][0] < BEGINNING + until * SECOND:
            self.now, _, happen = heapq.heappop(self._events)
            happen()
        self.wipe()
        return self

    def sent(self, *lanes: Lane) -> list[float]:
        """When requests left, in order."""
        return sorted(time for one in self.callers if one.lane in (lanes or Lane) for time in one.sent)

    def keeps_its_limits(self) -> bool:
        """Whether no second and no hour held more than it may."""
        times = self.sent()
        return busiest(times) <= self.limits.per_second and busiest(times, 3600) <= self.limits.per_hour

    def _at(self, time: int, happen: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._order), happen))

    def _ask(self, caller: Caller, began: int) -> None:
        """As `Throttle.enter` does, with events in the place of sleep."""
        left = LONGEST_WAIT - (self.now - began) / SECOND
        gate = self._gates[caller.lane]
        turn = gate.take(left)
        arrives = self.now + int(turn.wait * SECOND)
        if turn.wait > left:
            # Postponed: the job is due again after the wait.
            again = self.now + int(turn.wait * SECOND * self._chance.uniform(1.0, 1.2))
            self._at(again, lambda: self._ask(caller, again))
        elif not turn.taken:
            self._at(self.now + int(gate.pause(turn) * SECOND), lambda: self._ask(caller, began))
        else:
            self._at(arrives, lambda: self._wake(caller, began, turn))

    def _wake(self, caller: Caller, began: int, turn: Turn) -> None:
        if turn.wait and not self._gates[caller.lane].holds(turn):
            return self._ask(caller, began)
        sent = (self.now - BEGINNING) / SECOND + self._chance.uniform(0, LATEST_USE)
        caller.sent.append(sent)
        caller.waits.append((self.now - caller.came) / SECOND)
        if caller.pause is not None:
            caller.came = self.now + int(caller.pause * SECOND)
            self._at(caller.came, lambda: self._ask(caller, caller.came))
        return None
