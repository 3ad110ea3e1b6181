"""HTTP for API clients: requests through the rate limiter, counted, sent again after a 429; typed answers or errors."""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import IO, Any, Generic, TypeVar

import requests
from requests import Response, codes
from requests.utils import default_headers

from outgoing.bounds import BoundedAdapter, Bounds, ResponseTooLarge
from sync.engine import shutdown
from sync.engine.errors import (
    ApiError,
    ApplicationRefused,
    BadPayload,
    Paused,
    PayloadError,
    RateLimited,
    RequestNotSent,
    ShuttingDown,
    Unavailable,
)
from sync.engine.json_body import parse_object
from sync.engine.protocols import Breaker, Limiter, Metrics, RequestInfo, WaitTooLong
from sync.engine.redact import excerpt

T = TypeVar("T")

logger = logging.getLogger(__name__)
# Hidden characters answer 403, those that are not played any more 404.
NORMAL = (codes.forbidden, codes.not_found)

# Seconds to connect, and between two bytes of a response.
TIMEOUT = (5, 20)
# The roster of a full guild of 1,000 has half a megabyte.
BOUNDS = Bounds(size=8 * 2**20, seconds=60)
CONNECTIONS_PER_HOST = 64
DEFAULT_HEADERS = dict(default_headers())
NO_HEADERS: Mapping[str, str] = {}
# Makes the error of an error response from its path, status and detail.
ErrorFactory = Callable[..., ApiError]
# A 429 holds for the rest of the second in which it came; a request is sent at most so often in spite of it.
REFUSAL_LASTS = 1.0
MOST_REFUSALS = 5
# The shortest wait (seconds) of a request that was refused while others were not.
SHORTEST_WAIT = 0.1
# Seconds of Retry-After that a request sleeps; for longer ones the work is deferred. No response can defer work for
# more than the longest.
PATIENCE = 2.0
LONGEST_RETRY_AFTER = 3600.0
LARGEST_CLOCK_DIFFERENCE = timedelta(days=31)


def as_received(response: Response) -> Response:
    """Return the response itself: its status says what it is."""
    return response


class Transport:
    """The only way to send requests to a provider. Threads may share it."""

    def __init__(
        self,
        *,
        limiter: Limiter[Any],
        longest_wait: float,
        metrics: Metrics | None = None,
        breaker: Breaker | None = None,
        before_waiting: Callable[[], None] | None = None,
        translate: Callable[[Response], Response] = as_received,
    ) -> None:
        """A wait above `longest_wait` seconds for a slot raises RateLimited instead of sleeping.

        `translate` is for an API that says in the body what others say in status and headers: limiter, metrics and
        breaker see the response that it returns.

        `before_waiting` is called before each request, to give back what others can use meanwhile. `requests` is the
        number of requests that were sent.
        """
        self._before_waiting = before_waiting
        self._limiter = limiter
        self._longest_wait = longest_wait
        self._metrics = metrics
        self._translate = translate
        self.breaker = breaker
        # Its pool of connections can be shared, and a session would only add cookies, redirects and a stray .netrc.
        self._adapter = BoundedAdapter(BOUNDS, pool_connections=8, pool_maxsize=CONNECTIONS_PER_HOST)
        self._count_lock = threading.Lock()
        self._under_way = 0
        self.requests = 0

    def send(
        self, method: str, url: str, info: RequestInfo, *, headers: Mapping[str, str] = NO_HEADERS, **kwargs: Any
    ) -> requests.Response:
        """Send the request at its slot, and a few times more if it is answered with 429."""
        # Everything that takes time is done before, so that the request leaves when its slot comes.
        request = requests.Request(method, url, headers={**DEFAULT_HEADERS, **headers}, **kwargs).prepare()
        self.prepare_to_wait()
        with self._counted():
            return self._send(request, info, self._adapter)

    def download(
        self,
        url: str,
        info: RequestInfo,
        file: IO[bytes],
        bounds: Bounds,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> requests.Response:
        """Send a GET as `send` does, and write the body of a 200 into the file instead of the response.

        The file may have a part of the body if an error is raised.
        """
        # Large files are compressed already.
        wanted = {**DEFAULT_HEADERS, "Accept-Encoding": "identity", **headers}
        request = requests.Request("GET", url, headers=wanted).prepare()
        self.prepare_to_wait()
        with self._counted(), closing(BoundedAdapter(bounds, file=file)) as adapter:
            return self._send(request, info, adapter)

    def prepare_to_wait(self) -> None:
        """Give back what others can use, before a request or before waiting for another thread that sends one."""
        if self._before_waiting is not None:
            self._before_waiting()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Write the metrics when no request is under way any more."""
        with self._count_lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._count_lock:
                self._under_way -= 1
                is_last = self._under_way == 0
            if is_last and self._metrics is not None:
                self._metrics.flush()

    def _send(self, request: requests.PreparedRequest, info: RequestInfo, adapter: BoundedAdapter) -> requests.Response:
        for attempt in range(1, MOST_REFUSALS + 1):
            waited = self._wait_for_slot(info)
            response = self._transmit(request, info, waited, adapter)
            if response.status_code != requests.codes.too_many_requests:
                break
            wait = self._wait_after_refusal(response)
            if wait > PATIENCE:
                # It holds for everybody: another request would only be refused, too.
                with suppress(ConnectionError):
                    self._limiter.block(wait)
                break
            if attempt < MOST_REFUSALS:
                time.sleep(wait)
        return response

    def _wait_after_refusal(self, response: requests.Response) -> float:
        """Seconds until the request asks for another slot. The limiter itself blocks everybody when it must."""
        try:
            is_blocked = self._limiter.refused()
        except ConnectionError:
            # Without Redis the limiter lets nobody through anyway.
            is_blocked = True
        if not is_blocked and self._metrics is not None:
            self._metrics.refused_below_limit()
        if "Retry-After" in response.headers:
            return retry_after(response)
        return 0.0 if is_blocked else random.uniform(SHORTEST_WAIT, REFUSAL_LASTS)

    def _wait_for_slot(self, info: RequestInfo) -> float:
        """Return the seconds that it took.

        Raises Paused if the circuit was opened meanwhile, and ShuttingDown if the worker was told to end.
        """
        _refuse_at_shutdown(info)
        began = time.monotonic()
        try:
            slot = self._limiter.acquire(self._longest_wait, info.pause)
        except WaitTooLong as error:
            if self._metrics is not None:
                self._metrics.deferred()
            raise RateLimited(info.path, retry_after=error.seconds) from error
        except ConnectionError as error:
            raise RequestNotSent(info.path, detail="the rate limiter cannot be reached, so nothing was sent") from error
        try:
            _refuse_at_shutdown(info)
            if self.breaker is not None:
                self.breaker.check(info)
        except (Paused, ShuttingDown):
            with suppress(ConnectionError):
                self._limiter.release(slot)
            raise
        return time.monotonic() - began

    def _transmit(
        self, request: requests.PreparedRequest, info: RequestInfo, waited: float, adapter: BoundedAdapter
    ) -> requests.Response:
        with self._count_lock:
            self.requests += 1
        status, pause, began = None, 0.0, time.monotonic()
        failure: Unavailable | None = None
        try:
            response = self._translate(adapter.send(request, timeout=TIMEOUT))
            status, pause = response.status_code, retry_after(response, default=0.0)
        except ResponseTooLarge as error:
            status = error.status
            raise BadPayload(info.path, status=status, detail=f"larger than {adapter.bounds.size} bytes") from None
        except requests.RequestException as error:
            # The original message may contain the URL with its query; its name says enough.
            failure = Unavailable(info.path, detail=type(error).__name__)
        finally:
            _log(request, info, status, time.monotonic() - began)
            if self._metrics is not None:
                self._metrics.sent(info, status, waited, pause)
        if failure is not None:
            raise_if_paused(self.breaker, info)
            raise failure
        return response


def _log(request: requests.PreparedRequest, info: RequestInfo, status: int | None, seconds: float) -> None:
    """Log a request without the names in its path; those that succeeded, or are refused normally, for debugging."""
    level = logging.DEBUG if status is not None and (status < codes.bad_request or status in NORMAL) else logging.INFO
    outcome = "no answer" if status is None else status
    where = f" ({info.region})" if info.region else ""
    logger.log(level, "%s %s%s: %s in %d ms", request.method, info.endpoint, where, outcome, seconds * 1000)


def _refuse_at_shutdown(info: RequestInfo) -> None:
    if shutdown.has_begun():
        raise ShuttingDown(info.path)


def raise_if_paused(breaker: Breaker | None, info: RequestInfo, status: int | None = None) -> None:
    """Raise Paused if the response is part of an outage: then it says nothing about the subject of the request."""
    if breaker is not None and (wait := breaker.paused_for(info)) > 0:
        raise Paused(info.path, retry_after=wait, status=status)


def retry_after(response: requests.Response, *, default: float = REFUSAL_LASTS) -> float:
    """Return the seconds of the Retry-After header; the default without a valid one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(max(float(text[:9]), SHORTEST_WAIT), LONGEST_RETRY_AFTER)
    return default


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A parsed response. `payload` is None if nothing has changed since the given time (304)."""

    payload: T | None
    last_modified: datetime | None


@dataclass(frozen=True, slots=True)
class ResponseReader:
    """Reads the JSON responses of one API.

    `error_for` names the error of a status and body. No excerpt contains one of the `secrets`, and no excerpt is made
    of a response below one of the `private` paths.
    """

    error_for: Callable[[int, bytes], type[ApiError]]
    secrets: Sequence[str] = field(default=(), repr=False)
    private: tuple[str, ...] = ()
    breaker: Breaker | None = None

    def answer(
        self, response: Response, info: RequestInfo, parse: Callable[[Any], T], since: datetime | None = None
    ) -> Answer[T]:
        """Return what the response holds. Raises ApiError."""
        if response.status_code == codes.not_modified and since is not None:
            return Answer(payload=None, last_modified=since)
        return Answer(payload=self.parsed(response, info, parse), last_modified=_last_modified(response))

    def content(self, response: Response, info: RequestInfo) -> bytes:
        """Return the bytes of a 200; everything else is an error."""
        self._raise_for_status(response, info)
        return response.content

    def parsed(self, response: Response, info: RequestInfo, parse: Callable[[Any], T]) -> T:
        """Return the parsed JSON object of a 200; everything else is an error."""
        self._raise_for_status(response, info)
        try:
            return parse(self.document_of(response))
        except (ValueError, KeyError, TypeError) as error:
            reason = error if isinstance(error, PayloadError) else "not JSON of the documented shape"
            detail = f"{reason}{self._excerpt(response, info.path)}"
            raise BadPayload(info.path, status=response.status_code, detail=detail) from error

    def _raise_for_status(self, response: Response, info: RequestInfo) -> None:
        status, path = response.status_code, info.path
        if status == codes.ok:
            return
        if status == codes.too_many_requests:
            raise RateLimited(path, retry_after=retry_after(response), status=status)
        raise_if_paused(self.breaker, info, status)
        error = self.error_of(response)
        if status == codes.unauthorized and info.is_application:
            error = ApplicationRefused
        raised = error(path, status=status, detail=f"HTTP {status}{self._excerpt(response, path)}")
        if isinstance(raised, Unavailable):
            raised.retry_after = retry_after(response, default=0.0)
        raise raised

    def document_of(self, response: Response) -> Any:
        """Return what a 200 holds. Raises PayloadError. An API with an envelope overrides it."""
        return parse_object(response.content)

    def error_of(self, response: Response) -> ErrorFactory:
        """Return the error of any other response. An API whose errors are in an envelope overrides it."""
        return self.error_for(response.status_code, response.content)

    def _excerpt(self, response: Response, path: str) -> str:
        """The beginning of the body, as the end of an error message."""
        if path.startswith(self.private):
            return ""
        authorization = str(response.request.headers.get("Authorization", ""))
        words = excerpt(response.content, [*authorization.split(), *self.secrets])
        return f": {words}" if words else ""


def if_modified_since(since: datetime | None) -> dict[str, str]:
    """Return the header that asks for changes since this time only; none without a time."""
    return {} if since is None else {"If-Modified-Since": format_datetime(since.astimezone(UTC), usegmt=True)}


def _last_modified(response: Response) -> datetime | None:
    # Some APIs do not pad the day ("7 Mar"), which strict parsers refuse.
    text = response.headers.get("Last-Modified")
    if not text:
        return None
    try:
        parsed = parsedate_to_datetime(text)
        moment = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # Nothing would ever be newer than a time far in the future.
    return moment if moment < datetime.now(UTC) + LARGEST_CLOCK_DIFFERENCE else None
