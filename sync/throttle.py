"""The throttle: at most 100 requests a second and 36,000 an hour, over all processes on all machines.

One list in Redis holds the times of the last requests, newest first. A request may go when the hundredth before it is
older than a second and the 36,000th older than an hour; that is exact in every sliding window and costs a fixed number
of look-ups. Work in the background looks at an earlier place of the same list, which leaves a reserve for people.
"""

import random
from dataclasses import dataclass
from enum import Enum

import redis
from redis.exceptions import RedisError

# Redis runs a script as one step and on its own clock, so no two processes can take the same place and no machine's
# clock matters. Times are whole microseconds.
TAKE_A_PLACE = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local wait = 0
local closed = redis.call('GET', KEYS[2])
if closed and tonumber(closed) > now then wait = tonumber(closed) - now end
for i = 2, #ARGV, 2 do
  local before = redis.call('LINDEX', KEYS[1], tonumber(ARGV[i]) - 1)
  if before then
    local free_in = tonumber(before) + tonumber(ARGV[i + 1]) - now
    if free_in > wait then wait = free_in end
  end
end
if wait > 0 then return wait end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('LTRIM', KEYS[1], 0, tonumber(ARGV[1]) - 1)
redis.call('EXPIRE', KEYS[1], 3700)
return 0
"""
CLOSE = """
local now = redis.call('TIME')
redis.call('SET', KEYS[1], string.format('%.0f', now[1] * 1000000 + now[2] + tonumber(ARGV[1])), 'PX', 5000)
"""

SECOND = 1_000_000
HOUR = 3600 * SECOND
# The time between the grant and the arrival at Battle.net varies. A window that is this much longer than a second here
# is never fuller than allowed there; it costs 3 % of the rate.
SECOND_WITH_TRAVEL = SECOND + 30_000
# Requests leave in groups of a tenth of the rate, so that a delayed group cannot meet the next one.
GROUPS_PER_SECOND = 10
# Waiters ask again spread over this many seconds, not all in the same instant.
SPREAD = 0.005


class Lane(Enum):
    """Who is asking: a person waits for it, or nobody does. The value is the share of each limit that it may use."""

    PEOPLE = (1.0, 1.0)
    BACKGROUND = (0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a second and an hour, as Blizzard grants them to one client id."""

    per_second: int
    per_hour: int


class Throttle:
    """One lane of the shared throttle; satisfies `sync.blizzard.client.Gate`."""

    def __init__(self, connection: redis.Redis, limits: Limits, lane: Lane, *, name: str = "blizzard") -> None:
        self._grants = f"throttle:{name}:grants"
        self._closed_until = f"throttle:{name}:closed"
        self._take = connection.register_script(TAKE_A_PLACE)
        self._close = connection.register_script(CLOSE)
        self._arguments = [limits.per_hour]
        for limit, window in self._windows(limits, lane):
            self._arguments += [limit, window]

    @staticmethod
    def _windows(limits: Limits, lane: Lane) -> list[tuple[int, int]]:
        share_of_second, share_of_hour = lane.value
        group = max(limits.per_second // GROUPS_PER_SECOND, 1)
        return [
            (group, SECOND_WITH_TRAVEL * group // limits.per_second),
            (max(int(limits.per_second * share_of_second), 1), SECOND_WITH_TRAVEL),
            (max(int(limits.per_hour * share_of_hour), 1), HOUR),
        ]

    def enter(self) -> float:
        """0 when the request may go now, otherwise the seconds to wait before asking again.

        Raises ConnectionError when Redis cannot be reached: nothing may be sent then.
        """
        try:
            wait = int(self._take(keys=[self._grants, self._closed_until], args=self._arguments))
        except RedisError as error:
            raise ConnectionError(f"Redis does not answer: {type(error).__name__}") from error
        return wait / SECOND + random.uniform(0, SPREAD) if wait else 0.0

    def close(self, seconds: float) -> None:
        """Keep every process from sending for this long."""
        try:
            self._close(keys=[self._closed_until], args=[int(seconds * SECOND)])
        except RedisError as error:
            raise ConnectionError(f"Redis does not answer: {type(error).__name__}") from error
