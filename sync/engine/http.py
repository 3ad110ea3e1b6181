"""Sends requests to Battle.net: through the gate, counted, and again when they are refused with 429."""

import random
import threading
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from sync.engine.errors import NothingSent, RateLimited, Unavailable
from sync.engine.protocols import Breaker, Gate, Meter, RequestInfo, WaitTooLong

# Seconds to connect and between two bytes of an answer.
TIMEOUT = (5, 20)
CONNECTIONS_PER_HOST = 64
# A 429 holds for the rest of the second in which it came; a request is sent at most so often in spite of it.
REFUSAL_LASTS = 1.0
MOST_REFUSALS = 5
# The shortest wait (seconds) of a request that was refused while others were not.
SHORTEST_WAIT = 0.1
# Seconds of Retry-After that a request sleeps; when it is told to wait longer, the work is handed back. No answer can
# put work off for more than the longest.
PATIENCE = 2.0
LONGEST_RETRY_AFTER = 3600.0


class Transport:
    """The one way out. Threads may share it."""

    def __init__(self, *, gate: Gate, longest_wait: float, meter: Meter | None, breaker: Breaker | None) -> None:
        """A wait above `longest_wait` seconds at the gate raises RateLimited instead of sleeping.

        `requests` counts what was sent since then.
        """
        self._gate = gate
        self._longest_wait = longest_wait
        self._meter = meter
        self._breaker = breaker
        self._local = threading.local()
        self._count_lock = threading.Lock()
        self.requests = 0

    def send(self, method: str, url: str, info: RequestInfo, **kwargs: Any) -> requests.Response:
        """Send when the gate opens; what Battle.net refuses with 429 is sent again, a few times."""
        session = self._session()
        # Everything that takes time is done before the gate, so that the request leaves when its turn comes.
        request = session.prepare_request(requests.Request(method, url, **kwargs))
        for attempt in range(1, MOST_REFUSALS + 1):
            waited = self._pass_gate(info.path)
            if self._breaker is not None:
                self._breaker.check(info)
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
        """Seconds until the request may go through the gate again. The gate itself holds everybody up when it must."""
        try:
            is_closed = self._gate.refused()
        except ConnectionError:
            # Without Redis the gate lets nobody through anyway.
            is_closed = True
        if not is_closed and self._meter is not None:
            self._meter.refused_alone()
        if "Retry-After" in response.headers:
            return retry_after(response)
        return 0.0 if is_closed else random.uniform(SHORTEST_WAIT, REFUSAL_LASTS)

    def _pass_gate(self, path: str) -> float:
        """Returns the seconds that it took."""
        began = time.monotonic()
        try:
            self._gate.enter(self._longest_wait)
        except WaitTooLong as error:
            if self._meter is not None:
                self._meter.handed_back()
            raise RateLimited(path, retry_after=error.seconds) from error
        except ConnectionError as error:
            raise NothingSent(path, detail="the throttle cannot be reached, so nothing was sent") from error
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
            # The message of the original may hold the address with its query; its name says enough.
            raise Unavailable(info.path, detail=type(error).__name__) from None
        finally:
            if self._meter is not None:
                self._meter.sent(info, status, waited)
        return response

    def _session(self) -> requests.Session:
        # A requests.Session is not promised to be safe for threads, so each thread has its own.
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
    """Seconds that an answer of 429 asks for; the rest of the second when it says nothing that can be understood."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(max(float(text[:9]), SHORTEST_WAIT), LONGEST_RETRY_AFTER)
    return REFUSAL_LASTS
