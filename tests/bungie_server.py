"""A server in place of Bungie that answers what a test tells it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ApiAnswer = tuple[int, bytes]


def envelope(response: Any = None, code: int = 1, *, seconds: int = 0, word: str = "Word") -> bytes:
    body = {"ErrorCode": code, "ThrottleSeconds": seconds, "ErrorStatus": word, "Message": "…", "MessageData": {}}
    return json.dumps(body if response is None else {"Response": response, **body}).encode()


@dataclass
class Bungie:
    """An API that answers with the next of `answers`, or with the default."""

    answers: list[ApiAnswer] = field(default_factory=list)
    received: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def bungie_server(default: bytes) -> Iterator[Bungie]:
    """Run the API, which answers with `default` when no answer is left."""
    game = Bungie()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            game.received.append((self.path, {name.lower(): text for name, text in self.headers.items()}, body))
            status, answer = game.answers.pop(0) if game.answers else (200, default)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = respond  # noqa: N815 - the names that the library looks for

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    game.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield game
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
