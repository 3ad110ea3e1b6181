"""Circuit breaker: when a provider fails or refuses all requests of a kind, no more of that kind are sent for a while.

A kind is an endpoint in a region, such as character profiles in eu. After some failures in a row (a 5xx, a timeout) a
pause lasts a minute, or as long as Retry-After says. After many refusals it lasts 2, 4, 8 … up to 60 minutes: an outage
that answers 403 or 404 would hide every character that is requested. Then one request is sent as a probe, and its
response ends the pause or starts the next one. The application token has its own circuit: if it is refused so often in
a row, it is refused for everything.

All processes share the circuits of a provider through Redis. If Redis is wiped, they are closed and learn again.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import redis
from redis.client import Pipeline
from redis.exceptions import NoScriptError, RedisError

from sync.engine import circuit_breaker_lua as lua
from sync.engine.errors import Paused
from sync.engine.protocols import RequestInfo

REFUSALS = frozenset({401, 403, 404})
HTTP_ERRORS, UNAUTHORIZED, TOO_MANY, SERVER_ERRORS = 400, 401, 429, 500
# The circuit of the application's token.
APPLICATION = "application"
# So many failures of a kind in a row open its circuit, and so many refusals of the application's token. On a quiet site
# fewer do, if they last so many seconds: fewer than the tries after which a job is in state failed.
MOST_IN_A_ROW = 10
FEWEST_IN_A_ROW, LASTING = 3, 45
# A guild, player or account that has not failed goes on until so many have: one whose data Battle.net can never deliver
# holds up nobody else.
MOST_GROUPS = 3
# Seconds after which a probe counts as lost, with its wait for a slot and for the response.
PROBE_LASTS = 60
# For this many seconds after a pause, subjects that were refused before come last.
RELUCTANT_FOR = 60
# For this many seconds a process relies on its knowledge that a circuit is closed, or open.
CLOSED_IS_FRESH, PAUSED_IS_FRESH = 1.0, 5.0
# For so many seconds after a circuit was closed, jobs can still end because of it: as long as processes take it for
# open, and until the batches that they gave up are written.
LAST_PAUSED_JOBS = 60
# Seconds; a time further in the future was noted before the clock was set back. The script knows it, too.
CLOCK_TOLERANCE = 5
# The number of responses that are looked at.
WINDOW = 50
# The worst guild or account alone is not enough: half of the others, and at least this many, must be refused too.
FEWEST_OTHERS = 3


@dataclass(frozen=True, slots=True)
class CountedResponse:
    """One response: the guild or account it is about, and whether it was 401, 403 or 404."""

    group: str
    is_refused: bool


def is_outage(answers: Sequence[CountedResponse], share_before: float) -> bool:
    """Return whether the last responses show an outage; `share_before` of those before them were refusals.

    Some subjects are refused normally: a hidden character answers 403, one that is not played any more 404, and in some
    guilds that is nearly all of them. It is an outage when most responses are refusals, whichever guild or account they
    are about, and were not before. With fewer responses than the window it is never one.
    """
    if len(answers) < WINDOW or share_before > 0.5:
        return False
    refused = Counter(one.group for one in answers if one.is_refused)
    if 2 * refused.total() <= len(answers):
        return False
    worst = refused.most_common(1)[0][0]
    others = [one for one in answers if one.group != worst]
    refused_others = sum(one.is_refused for one in others)
    return refused_others >= FEWEST_OTHERS and 2 * refused_others >= len(others)


class Cause(StrEnum):
    """The cause that opened a circuit. The application's token counts as failing."""

    REFUSALS = "refusals"
    FAILURES = "failures"


@dataclass(frozen=True, slots=True)
class Pause:
    """An open circuit. `endpoint` and `region` are empty for the application's token.

    `refused` requests were refused or failed, with these `statuses`; 0 is no response. When it `awaits_probe`, one
    request can be sent.
    """

    endpoint: str
    region: str
    cause: Cause
    since: datetime
    until: datetime
    refused: int
    statuses: tuple[int, ...]
    awaits_probe: bool


@dataclass(frozen=True, slots=True)
class EndedOutage:
    """A circuit that was open and is closed again. What was refused since it `began` must be requested again."""

    endpoint: str
    region: str
    began: datetime
    name: str


class CircuitBreaker:
    """The circuits of one provider; satisfies `sync.engine.protocols.Breaker`. Threads may share it."""

    def __init__(
        self,
        connection: redis.Redis,
        provider: str,
        *,
        probe_every: float = 60.0,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """`probe_every` is in seconds. `clock` gives simulated ones, for tests; otherwise the time is that of Redis."""
        self._redis = connection
        self._probe_every = probe_every
        self._prefix = f"breaker:{provider}"
        self._open_key, self._ended_key = f"{self._prefix}:open", f"{self._prefix}:ended"
        self._recent_key = f"{self._prefix}:recently_ended"
        self._clock = clock
        self._admit = connection.register_script(lua.ADMIT)
        self._record = connection.register_script(lua.RECORD)
        self._open = connection.register_script(lua.OPEN)
        # When this process last heard of each circuit, and how long it is paused from then on.
        self._known: dict[str, tuple[float, float]] = {}

    def admit(self, request: RequestInfo) -> RequestInfo:
        self.check(request)
        circuits = list(_circuits(request))
        if all(self._is_known_closed(one) for one in circuits):
            return request
        try:
            reluctance = RELUCTANT_FOR if request.subject.was_refused else 0
            arguments = [self._now(), WINDOW, PROBE_LASTS, reluctance, _group(request), MOST_GROUPS]
            wait, *probes = self._admit(keys=list(map(self._state, circuits)), args=arguments)
        except RedisError:
            # Without Redis the rate limiter lets nothing through.
            return request
        if float(wait) > 0:
            self._learn(circuits, float(wait))
            raise Paused(request.path, retry_after=float(wait))
        if probes:
            return replace(request, probes=frozenset(circuits[index - 1] for index in probes))
        self._learn(circuits, 0)
        return request

    def check(self, request: RequestInfo) -> None:
        if not request.probes and (wait := self.paused_for(request)) > 0:
            raise Paused(request.path, retry_after=wait)

    def paused_for(self, request: RequestInfo) -> float:
        now, waits = self._monotonic(), [0.0]
        for one in _circuits(request):
            heard, wait = self._known.get(one, (0.0, 0.0))
            if now - heard < PAUSED_IS_FRESH:
                waits.append(heard + wait - now)
        return max(waits)

    def record(self, step: "Pipeline", request: RequestInfo, status: int | None, retry_after: float = 0.0) -> bool:
        """Add the response to the step if it says something about the circuits; then the last reply is for `learn`."""
        arguments = self._arguments(request, status, retry_after)
        if arguments is not None:
            keys = self._record_keys(request)
            step.evalsha(self._record.sha, len(keys), *keys, *arguments)
        return arguments is not None

    def learn(self, request: RequestInfo, status: int | None, reply: Any) -> None:
        """Note how long the request's circuits are paused, and open one if this is an outage. Raises RedisError."""
        if isinstance(reply, NoScriptError):
            arguments = self._arguments(request, status, 0.0) or []
            reply = self._record(keys=self._record_keys(request), args=arguments)
        if isinstance(reply, RedisError):
            return
        of_kind, of_token, *window = reply
        kind = _kind(request)
        if window and (shown := _outage(window[1:], float(window[0]))):
            of_kind = self._open(
                keys=[self._state(kind), self._responses(kind), self._open_key],
                args=[self._now(), WINDOW, kind, *shown, self._probe_every],
            )
        if not request.fetches_token:
            self._learn([kind], float(of_kind))
        if request.is_application:
            self._learn([APPLICATION], float(of_token))

    def pauses(self) -> list[Pause]:
        """Return all open circuits. Raises RedisError."""
        names = sorted(_text(one) for one in self._redis.smembers(self._open_key))
        if not names:
            return []
        fields = ("opened_at", "pause_until", "refused", "statuses", "cause", "probe_until", "paused_at")
        known = [(name, self._redis.hmget(self._state(name), fields)) for name in names]
        now = self._seconds()
        # One that was closed since has no values any more.
        return [_pause(name, [_text(one or b"") for one in values], now) for name, values in known if values[0]]

    def ended_outages(self) -> list[EndedOutage]:
        """Return the circuits that were closed and not forgotten yet. Raises RedisError."""
        return [_ended(_text(one)) for one in self._redis.lrange(self._ended_key, 0, -1)]

    def forget(self, outage: EndedOutage) -> None:
        """Note that an outage's refusals are due again. Raises RedisError."""
        step = self._redis.pipeline()
        step.zadd(self._recent_key, {outage.name: self._seconds()})
        step.lrem(self._ended_key, 1, outage.name)
        step.execute()

    def recently_ended_outages(self) -> list[EndedOutage]:
        """Return the forgotten outages of which workers may not all have heard, each at least once. Raises RedisError.

        Their last jobs can still be paused after all others are due again.
        """
        step = self._redis.pipeline()
        step.zrange(self._recent_key, 0, -1)
        step.zremrangebyscore(self._recent_key, 0, self._seconds() - LAST_PAUSED_JOBS)
        return [_ended(_text(one)) for one in step.execute()[0]]

    def _arguments(self, request: RequestInfo, status: int | None, retry_after: float) -> list[Any] | None:
        """Return what the script needs of the response; None if it says nothing about the circuits."""
        outcome, of_token = _outcome(request, status), _of_token(request, status)
        if not (outcome or of_token):
            return None
        is_news = outcome == "good" or (outcome == "refused" and not request.subject.was_refused)
        kind = _kind(request)
        return [
            *(
                self._now(),
                WINDOW,
                kind,
                outcome,
                status or 0,
                _group(request),
                int(is_news),
                int(kind in request.probes),
            ),
            *(APPLICATION, of_token, int(APPLICATION in request.probes)),
            *(MOST_IN_A_ROW, FEWEST_IN_A_ROW, LASTING, MOST_GROUPS, retry_after, self._probe_every),
        ]

    def _record_keys(self, request: RequestInfo) -> list[str]:
        kind = _kind(request)
        circuits = [self._state(kind), self._responses(kind), self._state(APPLICATION)]
        return [*circuits, self._open_key, self._ended_key]

    def _state(self, circuit: str) -> str:
        return f"{self._prefix}:state:{circuit}"

    def _responses(self, circuit: str) -> str:
        return f"{self._prefix}:responses:{circuit}"

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

    def _seconds(self) -> float:
        return self._clock() if self._clock else float(self._redis.time()[0])


def _circuits(request: RequestInfo) -> Iterator[str]:
    if not request.fetches_token:
        yield _kind(request)
    if request.is_application:
        yield APPLICATION


def _kind(request: RequestInfo) -> str:
    return f"{request.region} {request.endpoint}"


def _is_sent_again(request: RequestInfo, status: int | None) -> bool:
    """Return whether the application's token may only have been too old."""
    return request.is_application and status == UNAUTHORIZED and not request.has_new_token


def _group(request: RequestInfo) -> str:
    return (request.subject.group or "-").replace(" ", "_")


def _outcome(request: RequestInfo, status: int | None) -> str:
    """Return what a response says about its kind of request: "good", "refused", "failed", or nothing.

    A 429 says nothing. Of a probe only a good response ends the pause.
    """
    if request.fetches_token or _is_sent_again(request, status):
        return ""
    if status is None or status >= SERVER_ERRORS:
        return "failed"
    if status < HTTP_ERRORS:
        return "good"
    if request.is_application and status == UNAUTHORIZED and not request.probes:
        # It is about the token, whose circuit is probed sooner.
        return ""
    return "refused" if status in REFUSALS or request.probes else ""


def _of_token(request: RequestInfo, status: int | None) -> str:
    """Return what a response says about the application token: "good", "refused", or nothing.

    Without a response, nobody gets a token, as if it were refused.
    """
    if not request.is_application or _is_sent_again(request, status):
        return ""
    if request.fetches_token:
        is_refused = status is None or (status >= HTTP_ERRORS and status != TOO_MANY)
        return "refused" if is_refused else ""
    if status is None:
        return ""
    if status == UNAUTHORIZED:
        return "refused"
    if status < HTTP_ERRORS or status in REFUSALS:
        return "good"
    return "refused" if APPLICATION in request.probes else ""


def _outage(window: list[bytes], share_before: float) -> tuple[float, int, str] | None:
    """Return an outage's start, number of refusals and their statuses; None if there is none."""
    responses = [str(one, "utf-8").split(" ", 3) for one in window]
    if not is_outage([CountedResponse(group, refused == "1") for refused, _, _, group in responses], share_before):
        return None
    refused = [(float(at), status) for is_refused, at, status, _ in responses if is_refused == "1"]
    return min(at for at, _ in refused), len(refused), ",".join(sorted({status for _, status in refused}))


def _pause(name: str, values: list[str], now: float) -> Pause:
    since, until, refused, statuses, cause, probe_until, paused_at = values
    is_over = max(float(until), float(probe_until or 0)) <= now
    # Otherwise the clock was set back since.
    is_past = float(paused_at or 0) <= now + CLOCK_TOLERANCE
    region, _, endpoint = name.partition(" ")
    return Pause(
        endpoint=endpoint,
        region=region if endpoint else "",
        cause=Cause(cause or Cause.REFUSALS),
        since=datetime.fromtimestamp(float(since), UTC),
        until=datetime.fromtimestamp(float(until), UTC),
        refused=int(refused),
        statuses=tuple(sorted(map(int, statuses.split(",")))),
        awaits_probe=is_over or not is_past,
    )


def _ended(name: str) -> EndedOutage:
    began, _, circuit = name.partition(" ")
    region, _, endpoint = circuit.partition(" ")
    began_at = datetime.fromtimestamp(float(began), UTC)
    return EndedOutage(endpoint=endpoint, region=region if endpoint else "", began=began_at, name=name)


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else str(value, "utf-8")
