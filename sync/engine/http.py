"""HTTP for API clients: requests through the rate limiter, counted, and sent again after a 429."""

import random
import threading
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from sync.engine.errors import NothingSent, RateLimited, Unavailable
from sync.engine.protocols import Breaker, Limiter, Metrics, RequestInfo, WaitTooLong

# Seconds to connect, and between two bytes of a response.
TIMEOUT = (5, 20)
CONNECTIONS_PER_HOST = 64
# A 429 holds for the rest of the second in which it came; a request is sent at most so often in spite of it.
REFUSAL_LASTS = 1.0
MOST_REFUSALS = 5
# The shortest wait (seconds) of a request that was refused while others were not.
SHORTEST_WAIT = 0.1
# Seconds of Retry-After that a request sleeps; for longer ones the work is deferred. No response can defer work for
# more than the longest.
PATIENCE = 2.0
LONGEST_RETRY_AFTER = 3600.0


class Transport:
    """The only way to send requests to a provider. Threads may share it."""

    def __init__(
        self,
        *,
        limiter: Limiter,
        longest_wait: float,
        metrics: Metrics | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        """A wait above `longest_wait` seconds for a slot raises RateLimited instead of sleeping.

        `requests` is the number of requests that were sent.
        """
        self._limiter = limiter
        self._longest_wait = longest_wait
        self._metrics = metrics
        self.breaker = breaker
        self._local = threading.local()
        self._count_lock = threading.Lock()
        self.requests = 0

    def send(self, method: str, url: str, info: RequestInfo, **kwargs: Any) -> requests.Response:
        """Send the request at its slot, and a few times more if it is answered with 429."""
        session = self._session()
        # Everything that takes time is done before, so that the request leaves when its slot comes.
        request = session.prepare_request(requests.Request(method, url, **kwargs))
        for attempt in range(1, MOST_REFUSALS + 1):
            waited = self._wait_for_slot(info)
            if self.breaker is not None:
                self.breaker.check(info)
            response = self._transmit(session, request, info, waited)
            if response.status_code != requests.codes.too_many_requests:
                break
            wait = self._wait_after_refusal(response)
            if wait > PATIENCE:
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
            self._metrics.refused_alone()
        if "Retry-After" in response.headers:
            return retry_after(response)
        return 0.0 if is_blocked else random.uniform(SHORTEST_WAIT, REFUSAL_LASTS)

    def _wait_for_slot(self, info: RequestInfo) -> float:
        """Return the seconds that it took."""
        began = time.monotonic()
        try:
            self._limiter.acquire(self._longest_wait, info.pause)
        except WaitTooLong as error:
            if self._metrics is not None:
                self._metrics.deferred()
            raise RateLimited(info.path, retry_after=error.seconds) from error
        except ConnectionError as error:
            raise NothingSent(info.path, detail="the rate limiter cannot be reached, so nothing was sent") from error
        return time.monotonic() - began

    def _transmit(
        self, session: requests.Session, request: requests.PreparedRequest, info: RequestInfo, waited: float
    ) -> requests.Response:
        with self._count_lock:
            self.requests += 1
        status: int | None = None
        try:
            response = session.send(request, timeout=TIMEOUT, allow_redirects=False)
            status = response.status_code
        except requests.RequestException as error:
            # The original message may contain the URL with its query; its name says enough.
            raise Unavailable(info.path, detail=type(error).__name__) from None
        finally:
            if self._metrics is not None:
                self._metrics.sent(info, status, waited)
        return response

    def _session(self) -> requests.Session:
        # requests.Session does not promise thread safety, so each thread has its own.
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # a stray .netrc must not replace our Authorization header
            adapter = HTTPAdapter(pool_connections=8, pool_maxsize=CONNECTIONS_PER_HOST)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            self._local.session = session
        return session


def retry_after(response: requests.Response) -> float:
    """Return the seconds of a 429's Retry-After header; the rest of the second without a valid one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(max(float(text[:9]), SHORTEST_WAIT), LONGEST_RETRY_AFTER)
    return REFUSAL_LASTS
