"""HTTP responses within bounds: bytes, before and after decompression, and seconds.

`requests` has neither bound: its timeout starts again with each byte, and a small compressed body can fill the memory.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import IO, Any

from requests import PreparedRequest, RequestException, Response, Session, codes
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

_CHUNK = 2**16
# Bytes of the status line, the headers and the marks between chunks, besides the body.
_HEADERS = 2**18
# What comes instead of a file.
_LARGEST_ERROR = 2**20


@dataclass(frozen=True, slots=True)
class Bounds:
    """The largest body in bytes, and the longest time in seconds, from the request to the response's last byte."""

    size: int
    seconds: float


class ResponseTooLarge(RequestException):
    """The response's body is larger than the bounds; the rest of it was not read. `status` is the HTTP status."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__("the response is too large")


class BoundedAdapter(HTTPAdapter):
    """Reads the whole response within the bounds: into a file if it has one and the status is 200, else into memory.

    Raises ResponseTooLarge, and for a response that takes too long ReadTimeout or ConnectionError, as after a timeout.
    """

    def __init__(self, bounds: Bounds, *, file: IO[bytes] | None = None, **options: Any) -> None:
        self.bounds = bounds
        self._file = file
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _bounded(HTTPConnectionPool, self.bounds),
            "https": _bounded(HTTPSConnectionPool, self.bounds),
        }

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        response = super().send(request, *args, **kwargs)
        try:
            response._content = self._received(response)
        except BaseException:
            response.close()
            raise
        return response

    def _received(self, response: Response) -> bytes:
        """Read the body; returns it, unless it goes into the file."""
        body = bytearray()
        if self._file is None:
            _read(response, self.bounds.size, body.extend)
        elif response.status_code == codes.ok:
            _read(response, self.bounds.size, self._file.write)
        else:
            _read(response, min(self.bounds.size, _LARGEST_ERROR), body.extend)
        return bytes(body)


def bounded_session(bounds: Bounds) -> Session:
    """Return a session that reads within the bounds, and uses no proxy and no password of this machine."""
    session = Session()
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter(bounds))
    return session


def _read(response: Response, size: int, write: Callable[[bytes], object]) -> None:
    """Read the body, decompressed piece by piece."""
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared[:20]) > size:
        raise ResponseTooLarge(response.status_code)
    count = 0
    for piece in response.iter_content(_CHUNK):
        count += len(piece)
        if count > size:
            raise ResponseTooLarge(response.status_code)
        write(piece)


def _bounded(pool: type[HTTPConnectionPool], bounds: Bounds) -> type[HTTPConnectionPool]:
    """Return a class of connections whose responses have these bounds."""
    reading = {"response_class": staticmethod(partial(_BoundedResponse, bounds=bounds))}
    connection = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), reading)
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class _BoundedResponse(HTTPResponse):
    """A response that is read from its socket within the bounds, from the status line on."""

    def __init__(self, sock: socket, *args: Any, bounds: Bounds, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = BufferedReader(_BoundedReader(self.fp.detach(), sock, bounds))


class _BoundedReader(RawIOBase):
    def __init__(self, raw: RawIOBase, sock: socket, bounds: Bounds) -> None:
        self._raw, self._socket = raw, sock
        self._left = bounds.size + _HEADERS
        self._ends = time.monotonic() + bounds.seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        timeout, remaining = self._socket.gettimeout(), self._ends - time.monotonic()
        if remaining <= 0 or self._left <= 0:
            raise TimeoutError("the response is too slow or too large")
        self._socket.settimeout(remaining if timeout is None else min(timeout, remaining))
        try:
            count = self._raw.readinto(buffer)
        finally:
            self._socket.settimeout(timeout)
        self._left -= count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
