"""Protocols of the rate limiter, the request metrics and the circuit breaker, as HTTP uses them."""

from dataclasses import dataclass
from typing import Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a request, as the circuit breaker sees it.

    `group` is the guild or account that it belongs to. If it `was_refused` before, another refusal is no news.
    """

    group: str
    was_refused: bool = False


@dataclass(frozen=True, slots=True)
class SubjectPause:
    """A minimum time between two requests about the same subject, such as a person's id."""

    subject: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """Properties of a request, for metrics and the circuit breaker. None of them is sent.

    `path` is what error messages name; `endpoint` is the path without names and ids.
    """

    path: str
    endpoint: str
    region: str = ""
    subject: Subject = Subject("")
    pause: SubjectPause | None = None
    # Whether it carries the application's token, whether that was fetched for it, and whether it fetches one.
    is_application: bool = False
    has_new_token: bool = False
    fetches_token: bool = False
    # The open circuits for which it is a probe.
    probes: frozenset[str] = frozenset()


S = TypeVar("S")


class Limiter(Protocol[S]):
    """The rate limiter in front of every request; `sync.engine.rate_limiter` is the one that ships."""

    def acquire(self, longest_wait: float, pause: SubjectPause | None = None) -> S:
        """Return a slot when one request can be sent.

        Raises WaitTooLong instead of waiting more than `longest_wait` seconds, and ConnectionError when it cannot tell;
        then nothing can be sent.
        """

    def release(self, slot: S) -> None:
        """Give back a slot at which nothing was sent: it does not count. Raises ConnectionError."""

    def refused(self) -> bool:
        """Record a 429; return whether nobody can send for a while because of it.

        Raises ConnectionError when it cannot tell.
        """

    def block(self, seconds: float) -> None:
        """Keep every process from sending for this long. Raises ConnectionError."""


class Metrics(Protocol):
    """Request counters; `sync.engine.request_metrics` is the one that ships. They never raise."""

    def sent(self, request: RequestInfo, status: int | None, waited: float, retry_after: float = 0.0) -> None:
        """Count a request that waited this many seconds for its slot; `status` is None without a response.

        Tells the circuit breaker, too, if there is one, and for how many seconds nothing must be sent. Good responses
        can be written a moment later, with others.
        """

    def flush(self) -> None:
        """Write what was counted: no other request of this process is under way."""

    def refused_below_limit(self) -> None:
        """Count a 429 for which only its own request waits."""

    def deferred(self) -> None:
        """Count work that is done later because its slot is too far away."""


class Breaker(Protocol):
    """Stops requests that would only fail or be refused; `sync.engine.circuit_breaker` is the one that ships.

    It hears of responses through the metrics, so that both cost one step.
    """

    def admit(self, request: RequestInfo) -> RequestInfo:
        """Return the request, which may be a probe now. Raises Paused when it must not be sent."""

    def check(self, request: RequestInfo) -> None:
        """Raise Paused if a pause has begun since, as far as this process knows, unless the request is a probe."""

    def paused_for(self, request: RequestInfo) -> float:
        """Return for how many seconds requests like this one are paused, as far as this process knows."""


class WaitTooLong(Exception):
    """The next slot is further away than the caller's longest wait: `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the next slot comes in {seconds:.1f} s")
