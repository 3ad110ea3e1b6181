"""Circuit breaker: when Battle.net refuses nearly everything of a kind, that kind of request pauses.

A kind is an endpoint in a region, such as character profiles in eu. One outage that answers 403 or 404 would otherwise
hide every character it is asked about. A pause lasts 2, 4, 8 … up to 60 minutes; then one request is sent as a probe,
and its answer ends the pause or begins the next one. The application's token has a circuit of its own: refused so often
in a row, it is refused for everything.

All processes share the circuits through Redis. If that is wiped, they are closed and learn again.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import redis
from redis.client import Pipeline
from redis.exceptions import NoScriptError, RedisError

from sync.engine import circuit_breaker_lua as lua
from sync.engine.errors import Paused
from sync.engine.outage_rule import WINDOW, Counted, is_outage
from sync.engine.protocols import RequestInfo

REFUSALS = frozenset({401, 403, 404})
HTTP_ERRORS, UNAUTHORIZED, TOO_MANY = 400, 401, 429
TOKEN_PATH = "/token"  # noqa: S105 - a path
# The circuit of the application's token, and after how many refusals in a row it is paused.
APPLICATION = "application"
MOST_TOKEN_REFUSALS = 10
# Seconds until a probe is taken for lost: with its wait at the gate and for the answer.
PROBE_LASTS = 60
# For so many seconds after a pause other requests have precedence over those about what was refused before.
RELUCTANT_FOR = 60
# For so many seconds a process relies on what it knows: that a circuit is closed, or paused.
CLOSED_IS_FRESH, PAUSED_IS_FRESH = 1.0, 5.0
OPEN_CIRCUITS, HEALED = "breaker:open", "breaker:healed"


@dataclass(frozen=True, slots=True)
class Pause:
    """A circuit that is open. `endpoint` and `region` are empty for the application's token."""

    endpoint: str
    region: str
    since: datetime
    until: datetime
    refused: int
    statuses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Healed:
    """A circuit that is closed again. What was refused since it `began` to refuse is to be asked for again."""

    endpoint: str
    region: str
    began: datetime
    name: str


class CircuitBreaker:
    """Satisfies `sync.engine.protocols.Breaker`. Threads may share it."""

    def __init__(self, connection: redis.Redis, *, clock: Callable[[], float] | None = None) -> None:
        """`clock` gives simulated seconds, for tests; otherwise the time is that of Redis."""
        self._redis = connection
        self._clock = clock
        self._admit = connection.register_script(lua.ADMIT)
        self._record = connection.register_script(lua.RECORD)
        self._open = connection.register_script(lua.OPEN)
        # Of each circuit, when we last heard of it and how long it is paused from then on.
        self._known: dict[str, tuple[float, float]] = {}

    def admit(self, request: RequestInfo) -> RequestInfo:
        """Return the request, which may be a probe now. Raises Paused when it must not be sent."""
        self.check(request)
        circuits = list(_circuits(request))
        if all(self._is_known_closed(one) for one in circuits):
            return request
        try:
            reluctance = RELUCTANT_FOR if request.subject.was_refused else 0
            arguments = [self._now(), WINDOW, PROBE_LASTS, reluctance]
            wait, *probes = self._admit(keys=list(map(_state, circuits)), args=arguments)
        except RedisError:
            # The throttle lets nothing through without Redis.
            return request
        if float(wait) > 0:
            self._learn(circuits, float(wait))
            raise Paused(request.path, retry_after=float(wait))
        if probes:
            return replace(request, probes=frozenset(circuits[index - 1] for index in probes))
        self._learn(circuits, 0)
        return request

    def check(self, request: RequestInfo) -> None:
        """Raise Paused when a pause began meanwhile, as far as this process knows, unless the request is a probe."""
        if not request.probes and (wait := self.paused_for(request)) > 0:
            raise Paused(request.path, retry_after=wait)

    def paused_for(self, request: RequestInfo) -> float:
        """Return for how many seconds requests like this one are paused, as far as this process knows."""
        now, waits = self._monotonic(), [0.0]
        for one in _circuits(request):
            heard, wait = self._known.get(one, (0.0, 0.0))
            if now - heard < PAUSED_IS_FRESH:
                waits.append(heard + wait - now)
        return max(waits)

    def record(self, step: "Pipeline", request: RequestInfo, status: int | None) -> bool:
        """Add to the step what the answer says, if it says something; the last reply is for `learn` then."""
        arguments = self._arguments(request, status)
        if arguments is not None:
            step.evalsha(self._record.sha, 3, *self._record_keys(request), *arguments)
        return arguments is not None

    def learn(self, request: RequestInfo, status: int | None, reply: Any) -> None:
        """Note how long the circuits of the request are paused, and open one when it is time. Raises RedisError."""
        if isinstance(reply, NoScriptError):
            arguments = self._arguments(request, status) or []
            reply = self._record(keys=self._record_keys(request), args=arguments)
        if isinstance(reply, RedisError):
            return
        of_kind, of_token, *window = reply
        if window and (shown := _outage(window[1:], float(window[0]))):
            of_kind = self._open(
                keys=[_state(_kind(request)), _answers(_kind(request))],
                args=[self._now(), WINDOW, _kind(request), *shown],
            )
        if request.path != TOKEN_PATH:
            self._learn([_kind(request)], float(of_kind))
        if request.is_application:
            self._learn([APPLICATION], float(of_token))

    def pauses(self) -> list[Pause]:
        """Return all circuits that are open. Raises RedisError."""
        names = sorted(_text(one) for one in self._redis.smembers(OPEN_CIRCUITS))
        fields = ("opened_at", "pause_until", "refused", "statuses")
        known = [(name, self._redis.hmget(_state(name), fields)) for name in names]
        # One that was closed meanwhile has no values any more.
        return [_pause(name, [_text(one or b"") for one in values]) for name, values in known if values[0]]

    def healed(self) -> list[Healed]:
        """Return the circuits that were closed and not yet forgotten. Raises RedisError."""
        return [_healed(_text(one)) for one in self._redis.lrange(HEALED, 0, -1)]

    def forget(self, healed: Healed) -> None:
        """Note that what the outage may have hidden is due again. Raises RedisError."""
        self._redis.lrem(HEALED, 1, healed.name)

    def _arguments(self, request: RequestInfo, status: int | None) -> list[Any] | None:
        """What the script is told of the answer; None when that says nothing.

        Of answers that are neither good nor refusals only a probe's counts: it did not heal.
        """
        of_token = _of_token(request, status)
        is_refused, is_good = status in REFUSALS, status is not None and status < HTTP_ERRORS
        if request.path == TOKEN_PATH or _is_sent_again(request, status):
            is_refused = is_good = False
        elif request.probes and not is_good:
            is_refused = True
        if not (is_refused or is_good or of_token):
            return None
        is_news = is_good or (is_refused and not request.subject.was_refused)
        group = (request.subject.group or "-").replace(" ", "_") if is_news else ""
        kind = _kind(request)
        return [
            *(self._now(), WINDOW, kind, int(is_refused), status or 0, group, int(kind in request.probes)),
            *(APPLICATION, of_token, int(APPLICATION in request.probes), MOST_TOKEN_REFUSALS),
        ]

    def _record_keys(self, request: RequestInfo) -> list[str]:
        return [_state(_kind(request)), _answers(_kind(request)), _state(APPLICATION)]

    def _is_known_closed(self, circuit: str) -> bool:
        heard, wait = self._known.get(circuit, (float("-inf"), 0.0))
        return not wait and self._monotonic() - heard < CLOSED_IS_FRESH

    def _learn(self, circuits: Iterable[str], wait: float) -> None:
        for one in circuits:
            self._known[one] = (self._monotonic(), wait)

    def _monotonic(self) -> float:
        return self._clock() if self._clock else time.monotonic()

    def _now(self) -> float | str:
        return self._clock() if self._clock else ""


def _circuits(request: RequestInfo) -> Iterator[str]:
    if request.path != TOKEN_PATH:
        yield _kind(request)
    if request.is_application:
        yield APPLICATION


def _kind(request: RequestInfo) -> str:
    return f"{request.region} {request.endpoint}"


def _state(circuit: str) -> str:
    return f"breaker:state:{circuit}"


def _answers(circuit: str) -> str:
    return f"breaker:answers:{circuit}"


def _is_sent_again(request: RequestInfo, status: int | None) -> bool:
    """Whether the application's token may only have been too old."""
    return request.is_application and status == UNAUTHORIZED and not request.has_new_token


def _of_token(request: RequestInfo, status: int | None) -> str:
    """What an answer says of the application's token: "good", "refused", or nothing."""
    if not request.is_application or status is None or _is_sent_again(request, status):
        return ""
    if request.path == TOKEN_PATH:
        return "refused" if HTTP_ERRORS <= status < TOO_MANY else ""
    if status == UNAUTHORIZED:
        return "refused"
    if status < HTTP_ERRORS or status in REFUSALS:
        return "good"
    return "refused" if APPLICATION in request.probes else ""


def _outage(window: list[bytes], share_before: float) -> tuple[float, int, str] | None:
    """When it began, how many were refused, and with which statuses; None when it is no outage."""
    answers = [str(one, "utf-8").split(" ", 3) for one in window]
    if not is_outage([Counted(group, refused == "1") for refused, _, _, group in answers], share_before):
        return None
    refused = [(float(at), status) for is_refused, at, status, _ in answers if is_refused == "1"]
    return min(at for at, _ in refused), len(refused), ",".join(sorted({status for _, status in refused}))


def _pause(name: str, values: list[str]) -> Pause:
    since, until, refused, statuses = values
    region, _, endpoint = name.partition(" ")
    return Pause(
        endpoint=endpoint,
        region=region if endpoint else "",
        since=datetime.fromtimestamp(float(since), UTC),
        until=datetime.fromtimestamp(float(until), UTC),
        refused=int(refused),
        statuses=tuple(map(int, statuses.split(","))),
    )


def _healed(name: str) -> Healed:
    began, _, circuit = name.partition(" ")
    region, _, endpoint = circuit.partition(" ")
    began_at = datetime.fromtimestamp(float(began), UTC)
    return Healed(endpoint=endpoint, region=region if endpoint else "", began=began_at, name=name)


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else str(value, "utf-8")
