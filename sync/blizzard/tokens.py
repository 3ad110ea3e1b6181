"""The application's token at Battle.net, from its id and secret."""

import threading
import time
from dataclasses import dataclass, field

from requests import codes

from sync.engine.errors import ApplicationRefused
from sync.engine.http import Transport
from sync.engine.protocols import RequestInfo
from sync.engine.responses import ResponseReader

PATH = "/token"
# A new token is fetched this many seconds before the old one expires.
MARGIN = 300


@dataclass(frozen=True, slots=True)
class Credentials:
    """The application's id and secret at Battle.net."""

    client_id: str
    client_secret: str = field(repr=False)


class ApplicationToken:
    """One token for all threads, fetched when there is none or the old one is about to expire."""

    def __init__(self, *, credentials: Credentials, url: str, transport: Transport, reader: ResponseReader) -> None:
        self._credentials = credentials
        self._url = url
        self._transport = transport
        self._reader = reader
        self._lock = threading.Lock()
        self._token = ""
        self._expires = 0.0

    def get(self, probes: frozenset[str] = frozenset()) -> str:
        """Return a token; a request for one belongs to the same `probes` as the request that needs it."""
        with self._lock:
            if time.monotonic() >= self._expires:
                self._token, lifetime = self._fetch(probes)
                self._expires = time.monotonic() + max(lifetime - MARGIN, 30)
            return self._token

    def discard(self, token: str) -> None:
        """Drop a token that was refused."""
        with self._lock:
            # If many threads were refused, one fetches the new token for all.
            if self._token == token:
                self._expires = 0.0

    def _fetch(self, probes: frozenset[str]) -> tuple[str, int]:
        info = RequestInfo(PATH, PATH, is_application=True, has_new_token=True, fetches_token=True, probes=probes)
        response = self._transport.send(
            "POST",
            self._url + PATH,
            info,
            data={"grant_type": "client_credentials"},
            auth=(self._credentials.client_id, self._credentials.client_secret),
        )
        if codes.bad_request <= response.status_code < codes.too_many_requests:
            # A 404 here means a wrong address, not that the subject does not exist.
            detail = f"HTTP {response.status_code}: Battle.net refuses the application's id and secret"
            raise ApplicationRefused(info.path, status=response.status_code, detail=detail)
        return self._reader.parsed(response, info, lambda body: (str(body["access_token"]), int(body["expires_in"])))
