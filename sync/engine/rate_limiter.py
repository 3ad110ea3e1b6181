"""The rate limiter of a provider: exact in every sliding window, shared by all processes on all machines.

One list in Redis holds the times of the last requests, newest first. With a limit of 100 requests a second, the next
request can go when the hundredth before it is older than a second, and the same for every other window; that is exact
and costs a fixed number of look-ups. Each caller gets the earliest such moment as its own slot and sleeps until then,
so nobody asks twice. Background work looks at an earlier place of the same list, which leaves a reserve for interactive
requests, and takes slots in the near future only, so that interactive requests never queue behind it for long.

Slots are counted in a durable request log before they are given out, a block at a time. When Redis has lost the list,
it is rebuilt from the log.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import redis
from redis.commands.core import Script
from redis.exceptions import RedisError

from sync.engine import rate_limiter_lua as lua
from sync.engine.protocols import SubjectPause, WaitTooLong

SECOND = 1_000_000
# A slot that is used more than this late (seconds) is dropped and another one taken: a request that leaves late could
# meet those that leave after it.
LATEST_USE = 0.025
# After this many late slots in a row the machine is overloaded; then any slot is better than none.
MOST_LATE_SLOTS = 5
# Our windows are longer than the provider's by that lateness and by what the network may vary. It costs 3.4 % of the
# rate in a window of a second and nothing in long ones.
TRAVEL = int(LATEST_USE * SECOND) + 10_000
# Requests are spread over the shortest window in this many groups per second.
GROUPS_PER_SECOND = 20
# How far ahead (seconds) slots can be taken.
HORIZON = 30.0
BACKGROUND_HORIZON = 0.1
# However many interactive requests there are, one of this many in the longest window is for background work.
ONE_FOR_BACKGROUND = 100
# Slots are logged in blocks of this many seconds at the rate of the longest window. After a loss of Redis, one of them
# at most stays unused.
BLOCK = 25.0
# Seconds that one row of the request log counts.
PERIOD = 60.0
# A slot can come so much later (seconds) than its row was written.
LATEST_AFTER_LOGGING = PERIOD + HORIZON
# A 429 blocks all requests when so much (percent) of a window is used. The third in a row within a second blocks them
# for a second; in a row means with at most so many requests between the first and the last.
NEARLY_FULL = 90
BLOCKED_FOR = SECOND
MOST_BETWEEN = 4


WINDOW_NAMES: dict[float, str] = {1: "second", 60: "minute", 3600: "hour", 86_400: "day"}


class Lane(Enum):
    """The kind of requests: those that somebody waits for, and the others."""

    INTERACTIVE = "interactive"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Window:
    """A limit of `requests` in any `seconds`; background work leaves `reserve` percent of them unused."""

    requests: int
    seconds: float
    reserve: int = 0

    @property
    def name(self) -> str:
        """Its length in words, such as "hour", or "10 s"."""
        return WINDOW_NAMES.get(self.seconds, f"{self.seconds:g} s")

    @property
    def span(self) -> int:
        """Its length in microseconds."""
        return int(self.seconds * SECOND)


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment to send one request, `wait` seconds after Redis was asked.

    When it is not `taken`, the caller asks again after `retry_in` seconds. Redis was asked between `asked` and
    `answered`: `asked` tells whether it is too early, `answered` whether it is too late.
    """

    asked: float
    answered: float
    wait: float
    taken: bool
    retry_in: float = 0.0
    at: int = 0
    epoch: bytes = b""


@dataclass(frozen=True, slots=True)
class Budget:
    """The requests that are left in each window, in the order of the windows, and whether a 429 blocks all."""

    left: tuple[int, ...]
    blocked: bool


class RequestLog(Protocol):
    """The durable record of requests: at any time at least as many as were sent. Raises ConnectionError."""

    def record(self, period: int, requests: int, *, settled: tuple[int, int] | None) -> None:
        """Record that up to this many requests can be sent in the period; a smaller number changes nothing.

        `settled` is an earlier period with its final number of requests.
        """

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        """Return how many seconds ago each period was last written to, and its requests, the latest first."""


class NoRequestLog:
    """A request log for a limiter whose loss does not matter."""

    def record(self, period: int, requests: int, *, settled: tuple[int, int] | None) -> None:
        """Record nothing."""

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        return []


class RateLimiter:
    """One lane of a provider's rate limiter; satisfies `sync.engine.protocols.Limiter`."""

    def __init__(
        self,
        connection: redis.Redis,
        windows: Sequence[Window],
        lane: Lane,
        *,
        name: str,
        log: RequestLog | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        """`clock` gives simulated microseconds, for tests; otherwise the time is that of Redis."""
        self._redis = connection
        self._prefix = f"limiter:{name}"
        self._keys = [f"{self._prefix}:slots", f"{self._prefix}:state"]
        self._windows = tuple(windows)
        self._longest = max(windows, key=lambda one: one.seconds)
        self._horizon = HORIZON if lane is Lane.INTERACTIVE else BACKGROUND_HORIZON
        self._log = log or NoRequestLog()
        self._clock = clock
        self._block = max(int(self._longest.requests * BLOCK / self._longest.seconds), 1)
        self._acquire = connection.register_script(_constants(self._windows, lane, self._block) + lua.ACQUIRE)
        self._logged = connection.register_script(lua.LOGGED)
        self._rebuild = connection.register_script(lua.REBUILD)
        self._block_all = connection.register_script(lua.BLOCK)
        self._refused = connection.register_script(lua.REFUSED)
        self._count = connection.register_script(lua.COUNT)
        self._recording = threading.Lock()
        self._recorded = (0, 0)

    def acquire(self, longest_wait: float, pause: SubjectPause | None = None) -> None:
        """Return when the caller can send one request, and not sooner after the last one of the same subject.

        Raises WaitTooLong instead of waiting more than `longest_wait` seconds, and ConnectionError when Redis, or the
        request log when it is needed, cannot be reached: nothing can be sent then.
        """
        give_up = time.monotonic() + longest_wait
        late = 0
        while True:
            slot = self.take(give_up - time.monotonic(), pause)
            if slot.asked + slot.wait > give_up:
                raise WaitTooLong(slot.wait)
            if not slot.taken:
                time.sleep(slot.retry_in)
                continue
            if slot.wait:
                time.sleep(max(slot.answered + slot.wait - time.monotonic(), 0))
                if not self.is_valid(slot):
                    continue
            late += 1
            if time.monotonic() - slot.asked - slot.wait <= LATEST_USE or late > MOST_LATE_SLOTS:
                return

    def take(self, longest_wait: float, pause: SubjectPause | None = None) -> Slot:
        """Take the next slot without waiting for it, or return when to ask again."""
        keys, arguments = self._keys, [self._now(), int(min(max(longest_wait, 0), HORIZON) * SECOND)]
        if pause is not None:
            keys = [*keys, f"{self._prefix}:subject:{pause.subject}"]
            arguments.append(int(pause.seconds * SECOND) + TRAVEL)
        while True:
            asked = time.monotonic()
            kind, *reply = self._run(self._acquire, *arguments, keys=keys)
            answered = time.monotonic()
            if kind == b"rebuild":
                self._rebuild_list(*reply)
            elif kind == b"record":
                self._record(*reply)
            elif kind == b"paused":
                wait = reply[0] / SECOND
                return Slot(asked, answered, wait, taken=False, retry_in=wait + random.uniform(0, LATEST_USE))
            elif kind == b"later":
                wait = reply[0] / SECOND
                # When a slot comes within reach, and not all callers at the same instant.
                retry_in = max(wait - self._horizon * random.uniform(0.2, 1.0), 0.001)
                return Slot(asked, answered, wait, taken=False, retry_in=retry_in)
            else:
                wait, at, epoch, *half_used = reply
                if half_used:
                    # One of many callers orders the next block while the others use up the rest of this one.
                    with suppress(ConnectionError):
                        self._record(epoch, *half_used)
                return Slot(asked, answered, wait / SECOND, taken=True, at=at, epoch=epoch)

    def is_valid(self, slot: Slot) -> bool:
        """Return whether no 429 came and Redis lost nothing since the slot was taken."""
        epoch, blocked = self._answer(lambda: self._redis.hmget(self._keys[1], ["epoch", "blocked_until"]))
        return epoch == slot.epoch and int(blocked or 0) <= slot.at

    def block(self, seconds: float) -> None:
        """Keep every process from sending for this long."""
        self._run(self._block_all, self._now(), int(seconds * SECOND))

    def refused(self) -> bool:
        """Record a 429; return whether nobody can send for a while because of it.

        That is so when we had nearly used up a window, and at the third 429 in a row: then the limit is used up, by us
        or by another client with our credentials. Otherwise the provider refused this one request only.
        """
        near = [(max(one.requests * NEARLY_FULL // 100, 1), one.span) for one in self._windows]
        flat = [number for pair in near for number in pair]
        return bool(self._run(self._refused, self._now(), BLOCKED_FOR, MOST_BETWEEN, *flat))

    def budget(self) -> Budget:
        """Return what is left of the windows; slots that were taken for later count as used."""
        while True:
            kind, *reply = self._run(self._count, self._now(), *(one.span for one in self._windows))
            if kind == b"rebuild":
                self._rebuild_list(*reply)
                continue
            blocked, *used = reply
            left = (max(one.requests - count, 0) for one, count in zip(self._windows, used, strict=True))
            return Budget(left=tuple(left), blocked=bool(blocked))

    def _rebuild_list(self, epoch: bytes) -> None:
        """Fill an empty list with what the log knows, at the latest times at which it can have been sent.

        What was sent within the shortest windows counts as sent now, so nothing leaves sooner than it can.
        """
        known = self._log.sent((self._longest.span + TRAVEL) / SECOND + LATEST_AFTER_LOGGING)
        pairs = [(max(int((age - LATEST_AFTER_LOGGING) * SECOND), 0), requests) for age, requests in known]
        flat = [number for pair in pairs for number in pair]
        self._run(self._rebuild, self._now(), _length(self._windows), epoch, *flat)

    def _record(self, epoch: bytes, period: bytes, used: bytes | int, *before: bytes | None) -> None:
        """Record another block in the log, then allow Redis to give it out."""
        requests = int(used) + self._block
        with self._recording:
            # Of the threads that come for the same block, one records it.
            if self._recorded[0] != int(period) or self._recorded[1] < requests:
                settled = (int(before[0]), int(before[1] or 0)) if before and before[0] else None
                self._log.record(int(period), requests, settled=settled)
                self._recorded = (int(period), requests)
        self._run(self._logged, epoch, period, requests)

    def _now(self) -> int | str:
        return self._clock() if self._clock else ""

    def _run(self, script: Script, *arguments: Any, keys: Sequence[str] | None = None) -> Any:
        return self._answer(lambda: script(keys=keys or self._keys, args=arguments))

    def _answer(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except RedisError as error:
            raise ConnectionError(f"Redis does not answer: {type(error).__name__}") from error


def _length(windows: Sequence[Window]) -> int:
    return max(one.requests for one in windows)


def _constants(windows: Sequence[Window], lane: Lane, block: int) -> str:
    shortest, longest = (choose(windows, key=lambda one: one.seconds) for choose in (min, max))
    group = max(int(shortest.requests / shortest.seconds / GROUPS_PER_SECOND), 1)
    return lua.constants(
        length=_length(windows),
        longest=longest.span,
        period_length=int(PERIOD * SECOND),
        block=block,
        for_everybody=[
            *(group, (shortest.span + TRAVEL) * group // shortest.requests),
            *(number for one in windows for number in (one.requests, one.span + TRAVEL)),
        ],
        for_background=[
            number
            for one in windows
            for number in (max(one.requests * (100 - one.reserve) // 100, 1), one.span + TRAVEL)
        ],
        background_reach=int(BACKGROUND_HORIZON * SECOND),
        background_every=longest.span * ONE_FOR_BACKGROUND // longest.requests if lane is Lane.BACKGROUND else 0,
    )
