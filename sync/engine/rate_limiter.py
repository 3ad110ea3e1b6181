"""The rate limiter of a provider: exact in every sliding window, shared by all processes on all machines.

One list in Redis holds the times of the last requests, newest first. With a limit of 100 requests a second, the next
request can go when the hundredth before it is older than a second, and the same for every other window; that is exact
and costs a fixed number of look-ups. Each caller gets the earliest such moment as its own slot and sleeps until then,
and gives it back if it cannot use it in time. Background work looks at an earlier place of the same list, which leaves
a reserve for interactive requests and for those that rights depend on. Slots are taken in the near future only, a few
for all threads that wait in a process, so nobody queues behind background work for long.

Slots are counted in a durable request log before they are given out, a block at a time. When Redis has lost the list,
it is rebuilt from the log.
"""

import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest
from typing import Any, Protocol

import redis
from redis.commands.core import Script
from redis.exceptions import RedisError

from sync.engine import rate_limiter_lua as lua
from sync.engine.protocols import SubjectPause
from sync.engine.redis_clock import RedisClock
from sync.engine.slot_queue import Slot, SlotQueue, wait_for_slots

SECOND = 1_000_000
# A slot that is used more than this late (seconds) is dropped and another one taken: a request that leaves late could
# meet those that leave after it.
LATEST_USE = 0.01
# After this many late slots in a row the machine is overloaded; then any slot is better than none.
MOST_LATE_SLOTS = 10
# Our windows are longer than the provider's by that lateness and by what the way to it may vary, through a busy process
# and the network. It costs 3.4 % of the rate in a window of a second and nothing in long ones.
TRAVEL = int(LATEST_USE * SECOND) + 25_000
# Requests are spread over the shortest window in this many groups per second, a little faster than the window alone
# would allow, so that moments without a request can be made up for.
GROUPS_PER_SECOND = 20
CATCH_UP = 0.9
# How far ahead (seconds) slots can be taken: at all, and by the threads that wait. Background work can take what
# interactive requests left when the moment comes near; those that are its share do not have to wait for that.
HORIZON = 30.0
REACH, BACKGROUND_REACH, SHARE_REACH = 0.25, 0.1, 0.5
# What a process knows of blocks and losses is this old (seconds) at most when it sends a request.
KNOWN_FOR = 0.1
UNKNOWN: tuple[float, bytes, int] = (float("-inf"), b"", 0)
# However many interactive requests there are, this percentage of the longest window is for background work.
SHARE_OF_BACKGROUND = 1
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
    """The kind of requests: those that somebody waits for, those that rights depend on, and the others."""

    INTERACTIVE = "interactive"
    RIGHTS = "rights"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Window:
    """A limit of `requests` in any `seconds`.

    Only interactive requests use the last `reserve` percent, and `reserve_for_rights` percent are left to those that
    rights depend on by all others.
    """

    requests: int
    seconds: float
    reserve: int = 0
    reserve_for_rights: int = 0

    def usable(self, lane: Lane) -> int:
        """Return how many requests there can be, of whichever lane, for this lane to send another one."""
        kept = {
            Lane.INTERACTIVE: self.reserve_for_rights,
            Lane.RIGHTS: self.reserve,
            Lane.BACKGROUND: self.reserve + self.reserve_for_rights,
        }
        return max(self.requests - self.requests * kept[lane] // 100, 1)

    def left_for(self, lane: Lane, left: int) -> int:
        """Return how many of the requests that are left this lane can send now."""
        return max(left - (self.requests - self.usable(lane)), 0)

    @property
    def name(self) -> str:
        """Its length in words, such as "hour", or "10 s"."""
        return WINDOW_NAMES.get(self.seconds, f"{self.seconds:g} s")

    @property
    def span(self) -> int:
        """Its length in microseconds."""
        return int(self.seconds * SECOND)


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
        self._lane = lane
        self._longest = max(windows, key=lambda one: one.seconds)
        self._reach = REACH if lane is Lane.INTERACTIVE else BACKGROUND_REACH
        self._log = log or NoRequestLog()
        self._clock = clock
        self._block = max(int(self._longest.requests * BLOCK / self._longest.seconds), 1)
        self._acquire = connection.register_script(_constants(self._windows, lane, self._block) + lua.ACQUIRE)
        self._release = connection.register_script(lua.RELEASE)
        self._logged = connection.register_script(lua.LOGGED)
        self._rebuild = connection.register_script(lua.REBUILD)
        self._block_all = connection.register_script(lua.BLOCK)
        self._refused = connection.register_script(lua.REFUSED)
        self._count = connection.register_script(lua.COUNT)
        self._recording = threading.Lock()
        self._recorded = (0, 0)
        self._queue = SlotQueue(self.take_several)
        self._known = UNKNOWN
        self._redis_clock = RedisClock()

    def acquire(self, longest_wait: float, pause: SubjectPause | None = None) -> Slot:
        """Return when the caller can send one request, and not sooner after the last one of the same subject.

        Raises WaitTooLong instead of waiting more than `longest_wait` seconds, and ConnectionError when Redis, or the
        request log when it is needed, cannot be reached: nothing can be sent then.
        """
        give_up = time.monotonic() + longest_wait
        late = 0
        while True:
            if pause is None:
                slot = self._queue.next(give_up)
            else:
                (slot,) = wait_for_slots(give_up, lambda left: [self.take(left, pause)])
            self._record_next(slot)
            time.sleep(max(slot.answered + slot.wait - time.monotonic(), 0))
            if self.is_valid(slot):
                late += 1
                if time.monotonic() - slot.asked - slot.wait <= LATEST_USE or late > MOST_LATE_SLOTS:
                    return slot
            self.release(slot)

    def take(self, longest_wait: float, pause: SubjectPause | None = None) -> Slot:
        """Take the next slot without waiting for it, or return when to ask again."""
        (slot,) = self._take(min(max(longest_wait, 0), HORIZON), 1, pause)
        self._record_next(slot)
        return slot

    def take_several(self, most: int, longest_wait: float = HORIZON) -> list[Slot]:
        """Take at most so many slots within reach, or return one that is not taken: when to ask again."""
        return self._take(min(max(longest_wait, 0), self._reach), most)

    def release(self, slot: Slot) -> None:
        """Give back a slot at which nothing was sent: it counts in no window."""
        self._run(self._release, slot.epoch, slot.at)

    def _take(self, reach: float, most: int, pause: SubjectPause | None = None) -> list[Slot]:
        """Take at most so many slots within reach; return one that is not taken if there are none."""
        keys, arguments = self._keys, [self._now(), int(reach * SECOND), most]
        if pause is not None:
            keys = [*keys, f"{self._prefix}:subject:{pause.subject}"]
            arguments.append(int(pause.seconds * SECOND) + TRAVEL)
        while True:
            asked, asked_at = time.monotonic(), self._seconds()
            kind, *reply = self._run(self._acquire, *arguments, keys=keys)
            answered = time.monotonic()
            if kind == b"rebuild":
                self._rebuild_list(*reply)
            elif kind == b"record":
                self._record(*reply)
            elif kind == b"paused":
                wait = reply[0] / SECOND
                return [Slot(asked, answered, wait, taken=False, retry_in=wait + random.uniform(0, LATEST_USE))]
            elif kind == b"later":
                wait = reply[0] / SECOND
                return [Slot(asked, answered, wait, taken=False, retry_in=self._retry_in(wait))]
            else:
                epoch, blocked_until, period, logged, now, *times = reply
                self._known = (asked_at, epoch, blocked_until)
                half_used = (period, logged) if period else None
                if self._clock is None:
                    asked, answered = self._redis_clock.narrow(asked, answered, now / SECOND)
                return [
                    Slot(asked, answered, (at - now) / SECOND, True, at=at, epoch=epoch, half_used=order)
                    for at, order in zip_longest(times, [half_used])
                ]

    def _retry_in(self, wait: float) -> float:
        """Seconds until a slot is within reach; not the same for all processes.

        Interactive requests take slots before those are within the reach of background work.
        """
        nearest = 0.5 if self._reach > BACKGROUND_REACH else 0.2
        return max(wait - self._reach * random.uniform(nearest, 1.0), 0.005)

    def is_valid(self, slot: Slot) -> bool:
        """Return whether no 429 came and Redis lost nothing since the slot was taken, as known a moment ago."""
        heard, epoch, blocked_until = self._known
        if (now := self._seconds()) - heard > KNOWN_FOR:
            epoch, blocked = self._answer(lambda: self._redis.hmget(self._keys[1], ["epoch", "blocked_until"]))
            blocked_until = int(blocked or 0)
            self._known = (now, epoch, blocked_until)
        return bool(epoch == slot.epoch and blocked_until <= slot.at)

    def block(self, seconds: float) -> None:
        """Keep every process from sending for this long."""
        self._known = UNKNOWN
        self._run(self._block_all, self._now(), int(seconds * SECOND))

    def refused(self) -> bool:
        """Record a 429; return whether nobody can send for a while because of it.

        That is so when we had nearly used up a window, and at the third 429 in a row: then the limit is used up, by us
        or by another client with our credentials. Otherwise the provider refused this one request only.
        """
        self._known = UNKNOWN
        near = [(max(one.requests * NEARLY_FULL // 100, 1), one.span) for one in self._windows]
        flat = [number for pair in near for number in pair]
        return bool(self._run(self._refused, self._now(), BLOCKED_FOR, MOST_BETWEEN, *flat))

    def budget(self) -> Budget:
        """Return what is left of the windows; slots that were taken for later count as used."""
        blocked, *used = self._used([one.span for one in self._windows])
        left = (max(one.requests - count, 0) for one, count in zip(self._windows, used, strict=True))
        return Budget(left=tuple(left), blocked=bool(blocked))

    def room(self, seconds: float) -> int:
        """Return how many requests this lane can send in so many seconds, as far as longer windows allow."""
        longer = [one for one in self._windows if one.seconds > seconds]
        _, *used = self._used([one.span - int(seconds * SECOND) for one in longer])
        left = [max(one.usable(self._lane) - count, 0) for one, count in zip(longer, used, strict=True)]
        return min(left, default=sys.maxsize)

    def _used(self, spans: Sequence[int]) -> list[int]:
        """Return whether all requests are blocked, then the slots that were taken in each of the last microseconds."""
        while True:
            kind, *reply = self._run(self._count, self._now(), *spans)
            if kind != b"rebuild":
                return list(map(int, reply))
            self._rebuild_list(*reply)

    def _rebuild_list(self, epoch: bytes) -> None:
        """Fill an empty list with what the log knows, at the latest times at which it can have been sent.

        What was sent within the shortest windows counts as sent a moment from now, since processes that do not know of
        the loss yet still send what they took before.
        """
        known = self._log.sent((self._longest.span + TRAVEL) / SECOND + LATEST_AFTER_LOGGING)
        pairs = [(int(max(age - LATEST_AFTER_LOGGING, -KNOWN_FOR) * SECOND), requests) for age, requests in known]
        flat = [number for pair in pairs for number in pair]
        self._run(self._rebuild, self._now(), _length(self._windows), epoch, *flat)

    def _record_next(self, slot: Slot) -> None:
        """Record the next block if the slot is one at which half of the last was used up."""
        if slot.half_used is not None:
            with suppress(ConnectionError):
                self._record(slot.epoch, *slot.half_used)

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

    def _seconds(self) -> float:
        return self._clock() / SECOND if self._clock else time.monotonic()

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
    # Enough that a slot which was given back has pushed out none that still counts.
    return max(one.requests for one in windows) + min(one.requests for one in windows)


def _constants(windows: Sequence[Window], lane: Lane, block: int) -> str:
    shortest, longest = (choose(windows, key=lambda one: one.seconds) for choose in (min, max))
    group = max(int(shortest.requests / shortest.seconds / GROUPS_PER_SECOND), 1)
    pace = int((shortest.span + TRAVEL) * CATCH_UP) * group // shortest.requests
    higher = {Lane.BACKGROUND: Lane.INTERACTIVE}.get(lane)
    share = {
        Lane.INTERACTIVE: 0,
        Lane.RIGHTS: max(longest.reserve_for_rights, SHARE_OF_BACKGROUND),
        Lane.BACKGROUND: SHARE_OF_BACKGROUND,
    }[lane]
    return lua.constants(
        length=_length(windows),
        longest=longest.span,
        period_length=int(PERIOD * SECOND),
        block=block,
        for_everybody=[group, pace, *_places(windows, None)],
        for_lane=_places(windows, lane),
        lane_reach=int((HORIZON if lane is Lane.INTERACTIVE else BACKGROUND_REACH) * SECOND),
        for_share=_places(windows, higher),
        share=f"{lane.value}_due",
        share_every=longest.span * 100 // (longest.requests * share) if share else 0,
        share_reach=int(SHARE_REACH * SECOND),
    )


def _places(windows: Sequence[Window], lane: Lane | None) -> list[int]:
    """Return the place in the list that the lane looks at in each window, with how long before it lies."""
    usable = [one.usable(lane) if lane else one.requests for one in windows]
    return [number for one, place in zip(windows, usable, strict=True) for number in (place, one.span + TRAVEL)]
