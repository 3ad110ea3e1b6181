"""The throttle: at most 100 requests a second and 36,000 an hour, over all processes on all machines.

One list in Redis holds the times of the last requests, newest first. The next request may go when the hundredth before
it is older than a second and the 36,000th older than an hour; that is exact in every sliding window and costs a fixed
number of look-ups. Whoever asks gets the earliest such moment as a turn of its own and sleeps until then, so nobody
asks twice. Work in the background looks at an earlier place of the same list, which leaves a reserve for people, and
takes turns in the near future only, so that people never stand behind it for long.
"""

import random
import time
from dataclasses import dataclass
from enum import Enum

import redis
from redis.exceptions import RedisError

from sync.blizzard.client import WaitTooLong

# Redis runs a script as one step and on its own clock, so no two processes can take the same turn and no machine's
# clock matters. Times are whole microseconds. Returns the wait for the turn that was taken or, as a negative number,
# for a turn that would come too late and was not taken.
TAKE_A_TURN = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local turn = now
local closed = tonumber(redis.call('GET', KEYS[2]) or 0)
if closed > turn then turn = closed end
local newest = tonumber(redis.call('LINDEX', KEYS[1], 0) or 0)
if newest > turn then turn = newest end
for i = 3, #ARGV, 2 do
  local before = redis.call('LINDEX', KEYS[1], ARGV[i] - 1)
  if before and before + ARGV[i + 1] > turn then turn = before + ARGV[i + 1] end
end
if turn - now > tonumber(ARGV[2]) then return now - turn end
redis.call('LPUSH', KEYS[1], string.format('%.0f', turn))
redis.call('LTRIM', KEYS[1], 0, ARGV[1] - 1)
redis.call('PEXPIRE', KEYS[1], 3700000)
return turn - now
"""
CLOSE = """
local now = redis.call('TIME')
local until_ = now[1] * 1000000 + now[2] + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.0f', until_), 'PX', math.ceil(ARGV[1] / 1000))
"""

SECOND = 1_000_000
HOUR = 3600 * SECOND
# A turn that is used more than this late (seconds) is let go and another taken: a request that leaves late could
# meet those that leave after it.
LATEST_USE = 0.025
# After so many turns in a row that came too late the machine is overloaded; then any is better than none.
MOST_MISSED_TURNS = 5
# Our second is longer than Blizzard's by that lateness and by what the way there may vary. It costs 3.4 % of the rate.
SECOND_WITH_TRAVEL = SECOND + int(LATEST_USE * SECOND) + 10_000
# At most a twentieth of a second's requests leave at once.
GROUPS_PER_SECOND = 20


@dataclass(frozen=True, slots=True)
class Share:
    """What a lane may use of each limit, and how far ahead (seconds) it may take turns."""

    of_second: float
    of_hour: float
    horizon: float


class Lane(Enum):
    """Who is asking: a person waits for it, or nobody does."""

    PEOPLE = Share(of_second=1.0, of_hour=1.0, horizon=30.0)
    BACKGROUND = Share(of_second=0.8, of_hour=0.9, horizon=0.25)


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a second and an hour, as Blizzard grants them to one client id."""

    per_second: int
    per_hour: int


class Throttle:
    """One lane of the shared throttle; satisfies `sync.blizzard.client.Gate`."""

    def __init__(self, connection: redis.Redis, limits: Limits, lane: Lane, *, name: str = "blizzard") -> None:
        self._redis = connection
        self._turns = f"throttle:{name}:turns"
        self._closed_until = f"throttle:{name}:closed"
        self._take = connection.register_script(TAKE_A_TURN)
        self._close = connection.register_script(CLOSE)
        self._horizon = lane.value.horizon
        self._arguments = [limits.per_hour, int(self._horizon * SECOND)]
        for place, window in _windows(limits, lane.value):
            self._arguments += [place, window]

    def enter(self, longest_wait: float) -> None:
        """Return when it is the caller's turn to send one request.

        Raises WaitTooLong instead of waiting more than `longest_wait` seconds, and ConnectionError when Redis cannot be
        reached: nothing may be sent then.
        """
        give_up = time.monotonic() + longest_wait
        missed = 0
        while True:
            asked = time.monotonic()
            wait, taken = self._ask()
            if asked + wait > give_up:
                raise WaitTooLong(wait)
            if not taken:
                # Ask again when a turn comes within reach, not all in the same instant.
                time.sleep(max(wait - self._horizon * random.uniform(0.2, 1.0), 0.001))
                continue
            if wait:
                time.sleep(max(asked + wait - time.monotonic(), 0))
                if self._is_closed():
                    continue
            missed += 1
            if time.monotonic() - asked - wait <= LATEST_USE or missed > MOST_MISSED_TURNS:
                return

    def close(self, seconds: float) -> None:
        """Keep every process from sending for this long."""
        try:
            self._close(keys=[self._closed_until], args=[int(seconds * SECOND)])
        except RedisError as error:
            raise ConnectionError(f"Redis does not answer: {type(error).__name__}") from error

    def _ask(self) -> tuple[float, bool]:
        """Seconds until the turn, and whether it was taken."""
        try:
            wait = int(self._take(keys=[self._turns, self._closed_until], args=self._arguments))
        except RedisError as error:
            raise ConnectionError(f"Redis does not answer: {type(error).__name__}") from error
        return abs(wait) / SECOND, wait >= 0

    def _is_closed(self) -> bool:
        """Whether a 429 came while the caller slept; its turn is void then."""
        try:
            return bool(self._redis.exists(self._closed_until))
        except RedisError as error:
            raise ConnectionError(f"Redis does not answer: {type(error).__name__}") from error


def _windows(limits: Limits, share: Share) -> list[tuple[int, int]]:
    """(place in the list, microseconds that must lie between the request there and the next one)."""
    group = max(limits.per_second // GROUPS_PER_SECOND, 1)
    return [
        (group, SECOND_WITH_TRAVEL * group // limits.per_second),
        (max(int(limits.per_second * share.of_second), 1), SECOND_WITH_TRAVEL),
        (max(int(limits.per_hour * share.of_hour), 1), HOUR),
    ]
