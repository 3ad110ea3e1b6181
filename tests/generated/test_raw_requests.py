"""Bytes that no HTTP library would send, straight to gunicorn: no 500, no long line of log, and it keeps working."""

import os
import socket
from collections.abc import Iterator

import requests
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.generated.hostile import CHARSETS, CONTENT_TYPES, TEXTS, raw
from tests.generated.strategies import HEADER_VALUES, HEADERS
from tests.stack import Stack

COUNT = int(os.environ.get("GENERATED_REQUESTS", "300")) // 10
SEED = int(os.environ.get("GENERATED_SEED", "1"))
LINES = (
    *(
        b"GET / HTTP/1.1",
        b"GET / HTTP/1.0",
        b"GET /",
        b"GET / HTTP/9.9",
        b"GET / HTTP/2",
        b"GET  /  HTTP/1.1",
        b"\0 / HTTP/1.1",
    ),
    *(
        b"GET /nowhere/\0 HTTP/1.1",
        b"GET /\xff\xfe HTTP/1.1",
        b"GET /?\xff=\0 HTTP/1.1",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1",
    ),
    *(
        b"GET http://evil.example/ HTTP/1.1",
        b"GET http://[ HTTP/1.1",
        b"GET //evil.example/%2e%2e HTTP/1.1",
        b"GET * HTTP/1.1",
    ),
    *(
        b"OPTIONS * HTTP/1.1",
        b"CONNECT a:1 HTTP/1.1",
        b"TRACE / HTTP/1.1",
        b"get / HTTP/1.1",
        b"G\xffT / HTTP/1.1",
        b"",
        b"\r\n",
    ),
    *(
        b"POST /accounts/logout/ HTTP/1.1",
        b"POST /accounts/battlenet/login/ HTTP/1.1",
        b"GET /guilds/eu/%00/x/ HTTP/1.1",
    ),
    *(
        b"GET /characters/?%00=%ed%a0%80 HTTP/1.1",
        b"GET /static/..%2f..%2f.env HTTP/1.1",
        b"GET /admin/?q=%00 HTTP/1.1",
    ),
)
FRAMES = (
    *(
        b"",
        b"Content-Length: 5",
        b"Content-Length: -1",
        b"Content-Length: 5, 5",
        b"Content-Length: 99999999999999999999",
    ),
    *(b"Content-Length: 5\r\nContent-Length: 6", b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked"),
    *(b"Transfer-Encoding: chunked\r\nContent-Length: 3", b"Transfer-Encoding: \x0bchunked", b"Expect: 100-continue"),
    *(
        b"Connection: upgrade\r\nUpgrade: h2c",
        b"Content-Length: \xb2",
        b" folded: yes",
        b"NoColon",
        b"Na me: x",
        b": x",
    ),
)
BODIES = (b"", b"a=1&b", b"5\r\na=1&b\r\n0\r\n\r\n", b"zz\r\na=1\r\n", b"5;x=\0\r\na=1&b\r\n0\r\n\r\n", b"\0" * 50)


@st.composite
def sent(draw: st.DrawFn) -> bytes:
    """Return the bytes of a request, most of them valid."""
    content_types = st.sampled_from(CONTENT_TYPES).map(raw)
    charsets = st.sampled_from(CHARSETS).map(lambda one: b"application/x-www-form-urlencoded; charset=" + raw(one))
    values = st.one_of(st.sampled_from(HEADER_VALUES), st.sampled_from(TEXTS)).map(raw)
    headers = [b"Host: 127.0.0.1"] if draw(st.integers(0, 9)) else []
    headers += [f"{name}: ".encode() + draw(values) for name in draw(st.lists(st.sampled_from(HEADERS), max_size=2))]
    headers.append(draw(st.sampled_from(FRAMES)))
    if draw(st.booleans()):
        headers.append(b"Content-Type: " + draw(st.one_of(content_types, charsets)))
    if not draw(st.integers(0, 9)):
        headers.append(
            draw(st.sampled_from((b'Cookie: sessionid="\\000"', b"Cookie: " + b"a=b; " * 2000, b"X: " + b"y" * 9000)))
        )
    lines = [draw(st.sampled_from(LINES)), *[one for one in headers if one], b"", draw(st.sampled_from(BODIES))]
    return b"\r\n".join(lines)


def answers(stack: Stack, request: bytes) -> Iterator[int]:
    """Return the statuses of all responses on one connection."""
    port = int(stack.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        # Tell gunicorn that nothing more comes.
        connection.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while block := connection.recv(65_536):
                received += block
        except ConnectionResetError:
            # It closed the connection before it had read everything. What it sent before counts.
            pass
    for part in received.split(b"HTTP/1.1 ")[1:]:
        yield int(part[:3])


def test_the_server_survives_malformed_requests(stack: Stack) -> None:
    already, statuses = len(stack.log()), dict[int, int]()

    @seed(SEED)
    @hypothesis_settings(
        max_examples=max(COUNT, 30),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(sent())
    def send(request: bytes) -> None:
        for status in answers(stack, request):
            statuses[status] = statuses.get(status, 0) + 1
            # gunicorn responds with 501 to an unknown transfer encoding.
            assert status < 500 or status == 501, request

    send()
    print(f"{max(COUNT, 30)} raw requests of seed {SEED}: {dict(sorted(statuses.items()))}")
    assert requests.get(f"{stack.url}/healthz", timeout=10).ok
    log = stack.log()[already:]
    assert "Traceback" not in log
    assert max(map(len, log.encode().split(b"\n"))) <= 1000
