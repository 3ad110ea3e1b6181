"""A copy of osv.dev's advisories for PyPI, and a local server that answers pip-audit from it."""

import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from releases.errors import ReleaseError


class Advisories:
    """Advisories by package, in the format of https://ossf.github.io/osv-schema/."""

    def __init__(self, documents: list[dict[str, Any]]) -> None:
        self.newest = max(datetime.fromisoformat(document["modified"]) for document in documents)
        self._by_package: dict[str, list[dict[str, Any]]] = {}
        for document in documents:
            for name in {_name(affected) for affected in document.get("affected", ())}:
                self._by_package.setdefault(name, []).append(document)
        self._count = len(documents)

    @classmethod
    def read(cls, file: Path) -> "Advisories":
        """Read a zip of JSON files. Raises ReleaseError, also for an empty one: it would look like "nothing found"."""
        try:
            with zipfile.ZipFile(file) as archive:
                names = [name for name in archive.namelist() if name.endswith(".json")]
                documents = [json.loads(archive.read(name)) for name in names]
            return cls(documents)
        except (OSError, zipfile.BadZipFile, ValueError, KeyError) as error:
            raise ReleaseError(f"{file} is not a zip of OSV advisories ({error}).") from error

    def __len__(self) -> int:
        return self._count

    def of(self, name: str, version: str) -> list[dict[str, Any]]:
        """Return the advisories that affect this version of a package."""
        package, parsed = canonicalize_name(name), Version(version)
        return [
            document
            for document in self._by_package.get(package, ())
            if any(_name(one) == package and _is_affected(one, parsed) for one in document["affected"])
        ]


def _name(affected: dict[str, Any]) -> str:
    package = affected.get("package", {})
    return canonicalize_name(package["name"]) if package.get("ecosystem") == "PyPI" else ""


def _is_affected(affected: dict[str, Any], version: Version) -> bool:
    listed = any(_parsed(text) == version for text in affected.get("versions", ()))
    ranges = [one["events"] for one in affected.get("ranges", ()) if one["type"] == "ECOSYSTEM"]
    return listed or any(_is_in_range(events, version) for events in ranges)


def _is_in_range(events: list[dict[str, str]], version: Version) -> bool:
    affected = False
    for kind, text in sorted((pair for event in events for pair in event.items()), key=_by_version):
        bound = _parsed(text)
        if kind == "introduced" and version >= bound:
            affected = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            affected = False
    return affected


def _by_version(event: tuple[str, str]) -> Version:
    return _parsed(event[1])


def _parsed(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


@contextmanager
def serve(advisories: Advisories) -> Iterator[str]:
    """Answer osv.dev's queries on a port of this machine; yield the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = advisories.of(query["package"]["name"], query["version"])
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Print nothing: pip-audit does."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
