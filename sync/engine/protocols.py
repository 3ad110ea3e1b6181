"""What the client needs of others: leave to send a request, and somebody who counts the answers."""

from dataclasses import dataclass, field
from typing import Protocol

from sync.blizzard.endpoints import template_of


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request asks about, as the circuit breaker sees it.

    `group` is the guild, or else the account, that it belongs to. That what `was_refused` before is refused again is no
    news.
    """

    group: str
    was_refused: bool = False


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """A request as those see it who count requests. Nothing of it is sent."""

    path: str
    region: str = ""
    subject: Subject = Subject("")
    # Whether it carries the application's token, and whether that was fetched for it.
    is_application: bool = False
    has_new_token: bool = False
    # The circuits that are paused otherwise, which its answer closes.
    probes: frozenset[str] = frozenset()
    endpoint: str = field(init=False)

    def __post_init__(self) -> None:
        """The endpoint holds no name of anybody."""
        object.__setattr__(self, "endpoint", template_of(self.path))


class Gate(Protocol):
    """The rate limiter in front of every request; `sync.engine.rate_limiter` is the one that ships."""

    def enter(self, longest_wait: float) -> None:
        """Return when one request may be sent.

        Raises WaitTooLong instead of waiting more than `longest_wait` seconds, and ConnectionError when it cannot tell;
        then nothing may be sent.
        """

    def refused(self) -> bool:
        """Note an answer of 429; returns whether nobody may send for a while because of it.

        Raises ConnectionError when it cannot tell.
        """


class Meter(Protocol):
    """Counts what becomes of requests; `sync.engine.request_metrics` is the one that ships. It never raises."""

    def sent(self, request: RequestInfo, status: int | None, waited: float) -> None:
        """Count a request that left after so many seconds at the gate; None when no answer came.

        The breaker hears of the answer, too, if there is one.
        """

    def refused_alone(self) -> None:
        """Count a 429 that only its own request waits for."""

    def handed_back(self) -> None:
        """Count work that is done later, since the gate's next turn was too far away."""


class Breaker(Protocol):
    """Stops requests whose answers would only be refusals; `sync.engine.circuit_breaker` is the one that ships.

    It hears of answers through the meter, so that both cost one step.
    """

    def admit(self, request: RequestInfo) -> RequestInfo:
        """Return the request, which may be a probe now. Raises Paused when it must not be sent."""

    def check(self, request: RequestInfo) -> None:
        """Raise Paused when a pause began meanwhile, as far as this process knows, unless the request is a probe."""

    def paused_for(self, request: RequestInfo) -> float:
        """Return for how many seconds requests like this one are paused, as far as this process knows."""


class WaitTooLong(Exception):
    """The gate's next turn is more than the caller's longest wait away: `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the next turn comes in {seconds:.1f} s")
