"""A server that replays recorded Battle.net responses."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

NOT_FOUND = {"code": 404, "type": "BLZWEBAPI00000404", "detail": "Not Found"}
TOKEN = {"access_token": "recorded", "token_type": "bearer", "expires_in": 86399, "sub": "recorded"}


def recorded(folder: Path, name: str) -> Any:
    """Return the only recorded response whose file name begins with ``name``."""
    (file,) = folder.glob(f"{name}*.json")
    return json.loads(file.read_text())


def address_of(body: Any) -> str:
    """Return a response's own path; an index links to itself without its last segment."""
    path = unquote(urlsplit(body["_links"]["self"]["href"]).path)
    return f"{path}index" if path.endswith("/") else path


def documents(folder: Path) -> dict[str, Any]:
    """Return all recorded responses by path, with generated ones for what the services request and nobody recorded."""
    bodies = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]
    known = {address_of(body): body for body in bodies if "_links" in body}
    return _derived(known) | known


def _derived(known: dict[str, Any]) -> dict[str, Any]:
    # One detail of each kind was recorded; the others are generated from the recorded index, with arbitrary faction,
    # class and role. The list of connected realms is cut to those with a recorded detail.
    some_class = known["/data/wow/playable-class/index"]["classes"][0]
    races = known["/data/wow/playable-race/index"]["races"]
    specs = known["/data/wow/playable-specialization/index"]["character_specializations"]
    index = known["/data/wow/connected-realm/index"]
    index["connected_realms"] = [one for one in index["connected_realms"] if urlsplit(one["href"]).path in known]
    made: dict[str, Any] = {"/profile/user/wow/collections/toys": {"toys": []}}
    for race in races:
        made[f"/data/wow/playable-race/{race['id']}"] = race | {"faction": {"type": "NEUTRAL"}}
    for spec in specs:
        detail = spec | {"playable_class": some_class, "role": {"type": "DAMAGE"}}
        made[f"/data/wow/playable-specialization/{spec['id']}"] = detail
    return made


@contextmanager
def replayed(folder: Path) -> Iterator[str]:
    """Serve these documents within the block; yield the address."""
    answers = documents(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = answers.get(unquote(urlsplit(self.path).path))
            self._answer(NOT_FOUND if body is None else body, HTTPStatus.OK if body else HTTPStatus.NOT_FOUND)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(TOKEN, HTTPStatus.OK)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

        def _answer(self, body: Any, status: HTTPStatus) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
