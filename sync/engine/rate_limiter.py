"""The throttle: at most 100 requests a second and 36,000 an hour, over all processes on all machines.

One list in Redis holds the times of the last requests, newest first. The next request may go when the hundredth before
it is older than a second and the 36,000th older than an hour; that is exact in every sliding window and costs a fixed
number of look-ups. Whoever asks gets the earliest such moment as a turn of its own and sleeps until then, so nobody
asks twice. Work in the background looks at an earlier place of the same list, which leaves a reserve for people, and
takes turns in the near future only, so that people never stand behind it for long.

Turns are counted in a durable tally before they are given out, a block at a time. When Redis lost the list, it is made
anew from the tally.
"""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import redis
from redis.commands.core import Script
from redis.exceptions import RedisError

from sync.engine import rate_limiter_lua as turns
from sync.engine.protocols import WaitTooLong

SECOND = 1_000_000
HOUR = 3600 * SECOND
# A turn that is used more than this late (seconds) is let go and another taken: a request that leaves late could
# meet those that leave after it.
LATEST_USE = 0.025
# After so many turns in a row that came too late the machine is overloaded; then any is better than none.
MOST_MISSED_TURNS = 5
# Our second is longer than Blizzard's by that lateness and by what the way there may vary. It costs 3.4 % of the rate.
# So is our hour, which costs nothing.
TRAVEL = int(LATEST_USE * SECOND) + 10_000
# At most a twentieth of a second's requests leave at once.
GROUPS_PER_SECOND = 20
# How far ahead (seconds) turns may be taken.
HORIZON = 30.0
BACKGROUND_HORIZON = 0.1
# However busy people are, one of so many requests of the hour is for work in the background.
ONE_FOR_BACKGROUND = 100
# The tally is told of an hour's requests in so many blocks; at most one of them is lost to caution with Redis.
BLOCKS_PER_HOUR = 144
# Seconds that one row of the tally counts.
PERIOD = 60.0
# A turn that a row counts may come so much later (seconds) than the row was written.
LATEST_AFTER_COUNTING = PERIOD + HORIZON
# A 429 closes the gate when so much (percent) of a window is used. The third in a row within a second closes it for a
# second; in a row are those between whose first and last at most so many requests were sent.
NEARLY_FULL = 90
CLOSED_FOR = SECOND
MOST_BETWEEN = 4


class Lane(Enum):
    """Who is asking: a person waits for it, or nobody does."""

    INTERACTIVE = "interactive"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a second and an hour, as Blizzard grants them to one client id.

    The reserves are percents of them that work in the background leaves to people.
    """

    per_second: int
    per_hour: int
    reserve_per_second: int = 20
    reserve_per_hour: int = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment to send one request, `wait` seconds after Redis looked; or, not taken, when to ask again.

    Redis looked between `asked` and `answered`. To be early is judged by the one, to be late by the other.
    """

    asked: float
    answered: float
    wait: float
    taken: bool
    at: int = 0
    epoch: bytes = b""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many requests could go right now, for a page to show; `closed` after a 429."""

    second_left: int
    hour_left: int
    closed: bool


class Tally(Protocol):
    """What outlives Redis: at any time at least as many requests as were sent. Raises ConnectionError when it fails."""

    def count(self, period: int, requests: int, *, settled: tuple[int, int] | None) -> None:
        """Note that up to so many requests may be sent in the period; a smaller number changes nothing.

        `settled` is an earlier period with the requests that it had, which are not going to be more.
        """

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        """How many seconds ago each period was last written to, and its requests, the latest first."""


class NoTally:
    """For a throttle that nobody minds losing."""

    def count(self, period: int, requests: int, *, settled: tuple[int, int] | None) -> None:
        """Forget it."""

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        """Nothing is known."""
        return []


class Throttle:
    """One lane of the shared throttle; satisfies `sync.engine.protocols.Gate`."""

    def __init__(
        self,
        connection: redis.Redis,
        limits: Limits,
        lane: Lane,
        *,
        name: str = "blizzard",
        tally: Tally | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        """`clock` gives simulated microseconds, for tests; otherwise the time is that of Redis."""
        self._redis = connection
        self._keys = [f"throttle:{name}:turns", f"throttle:{name}:state"]
        self._limits = limits
        self._horizon = HORIZON if lane is Lane.INTERACTIVE else BACKGROUND_HORIZON
        self._tally = tally or NoTally()
        self._clock = clock
        self._block = max(limits.per_hour // BLOCKS_PER_HOUR, 1)
        self._take = connection.register_script(_constants(limits, lane, self._block) + turns.TAKE)
        self._allow = connection.register_script(turns.COUNTED)
        self._make = connection.register_script(turns.SEED)
        self._close = connection.register_script(turns.CLOSE)
        self._refused = connection.register_script(turns.REFUSED)
        self._look = connection.register_script(turns.COUNT)
        self._counting = threading.Lock()
        self._counted = (0, 0)

    def enter(self, longest_wait: float) -> None:
        """Return when it is the caller's turn to send one request.

        Raises WaitTooLong instead of waiting more than `longest_wait` seconds, and ConnectionError when Redis, or the
        tally when it is needed, cannot be reached: nothing may be sent then.
        """
        give_up = time.monotonic() + longest_wait
        missed = 0
        while True:
            turn = self.take(give_up - time.monotonic())
            if turn.asked + turn.wait > give_up:
                raise WaitTooLong(turn.wait)
            if not turn.taken:
                time.sleep(self.pause(turn))
                continue
            if turn.wait:
                time.sleep(max(turn.answered + turn.wait - time.monotonic(), 0))
                if not self.holds(turn):
                    continue
            missed += 1
            if time.monotonic() - turn.asked - turn.wait <= LATEST_USE or missed > MOST_MISSED_TURNS:
                return

    def take(self, longest_wait: float) -> Turn:
        """Take the next turn, or learn when it would be; does not wait."""
        reach = int(min(max(longest_wait, 0), HORIZON) * SECOND)
        while True:
            asked = time.monotonic()
            kind, *reply = self._run(self._take, self._now(), reach)
            answered = time.monotonic()
            if kind == b"seed":
                self._seed(*reply)
            elif kind == b"count":
                self._count(*reply)
            elif kind == b"later":
                return Turn(asked, answered, wait=reply[0] / SECOND, taken=False)
            else:
                wait, at, epoch, *half_used = reply
                if half_used:
                    # One of many orders the next block while the others go on with the rest of this one.
                    with suppress(ConnectionError):
                        self._count(epoch, *half_used)
                return Turn(asked, answered, wait=wait / SECOND, taken=True, at=at, epoch=epoch)

    def pause(self, turn: Turn) -> float:
        """Seconds after which to ask again: when a turn comes within reach, not all in the same instant."""
        return max(turn.wait - self._horizon * random.uniform(0.2, 1.0), 0.001)

    def holds(self, turn: Turn) -> bool:
        """Whether a turn still counts: since it was taken, no 429 came and Redis did not lose it."""
        epoch, closed = self._answer(lambda: self._redis.hmget(self._keys[1], ["epoch", "closed"]))
        return epoch == turn.epoch and int(closed or 0) <= turn.at

    def close(self, seconds: float) -> None:
        """Keep every process from sending for this long."""
        self._run(self._close, self._now(), int(seconds * SECOND))

    def refused(self) -> bool:
        """Note an answer of 429; returns whether nobody may send for a while because of it.

        So it is when we had nearly used up a window, and when three come in a row: then the limit is spent, by us or by
        somebody else with our client id. Otherwise Battle.net refused one request and no other.
        """
        near = [max(limit * NEARLY_FULL // 100, 1) for limit in (self._limits.per_second, self._limits.per_hour)]
        return bool(self._run(self._refused, self._now(), *near, CLOSED_FOR, MOST_BETWEEN))

    def budget(self) -> Budget:
        """What is left of the limits; turns that were taken for later count."""
        while True:
            kind, *reply = self._run(self._look, self._now(), SECOND, HOUR)
            if kind == b"seed":
                self._seed(*reply)
                continue
            closed, in_second, in_hour = reply
            return Budget(
                second_left=max(self._limits.per_second - in_second, 0),
                hour_left=max(self._limits.per_hour - in_hour, 0),
                closed=bool(closed),
            )

    def _seed(self, epoch: bytes) -> None:
        """Give an empty list what the tally knows, as late as it can have been sent.

        Whatever was sent in the last second stands at the present moment, so the gate opens no sooner than it may.
        """
        known = self._tally.sent((HOUR + TRAVEL) / SECOND + LATEST_AFTER_COUNTING)
        pairs = [(max(int((age - LATEST_AFTER_COUNTING) * SECOND), 0), requests) for age, requests in known]
        flat = [number for pair in pairs for number in pair]
        self._run(self._make, self._now(), self._limits.per_hour, epoch, *flat)

    def _count(self, epoch: bytes, period: bytes, used: bytes | int, *before: bytes | None) -> None:
        """Tell the tally of another block, then Redis that it may give it out."""
        requests = int(used) + self._block
        with self._counting:
            # Of the threads that come for the same block, one tells.
            if self._counted[0] != int(period) or self._counted[1] < requests:
                settled = (int(before[0]), int(before[1] or 0)) if before and before[0] else None
                self._tally.count(int(period), requests, settled=settled)
                self._counted = (int(period), requests)
        self._run(self._allow, epoch, period, requests)

    def _now(self) -> int | str:
        return self._clock() if self._clock else ""

    def _run(self, script: Script, *arguments: Any) -> Any:
        return self._answer(lambda: script(keys=self._keys, args=arguments))

    def _answer(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except RedisError as error:
            raise ConnectionError(f"Redis does not answer: {type(error).__name__}") from error


def _constants(limits: Limits, lane: Lane, block: int) -> str:
    group = max(limits.per_second // GROUPS_PER_SECOND, 1)
    second = max(limits.per_second * (100 - limits.reserve_per_second) // 100, 1)
    hour = max(limits.per_hour * (100 - limits.reserve_per_hour) // 100, 1)
    return turns.constants(
        length=limits.per_hour,
        period_length=int(PERIOD * SECOND),
        block=block,
        for_everybody=[
            *(group, (SECOND + TRAVEL) * group // limits.per_second),
            *(limits.per_second, SECOND + TRAVEL),
            *(limits.per_hour, HOUR + TRAVEL),
        ],
        for_background=[second, SECOND + TRAVEL, hour, HOUR + TRAVEL],
        background_reach=int(BACKGROUND_HORIZON * SECOND),
        often=HOUR * ONE_FOR_BACKGROUND // limits.per_hour if lane is Lane.BACKGROUND else 0,
    )
