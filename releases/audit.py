"""`make audit`: look for known vulnerabilities in the locked requirements, with pip-audit.

It asks osv.dev. On a machine without internet, ADVISORIES= names a copy of the advisories, which this process serves.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from releases.advisories import Advisories, serve
from releases.errors import ReleaseError
from releases.requirements import LOCKS

SERVICE = "https://api.osv.dev/v1/query"
COPY = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
NOT_CHECKED = 2


def main() -> int:
    """Return 0 if nothing was found, 1 if something was, 2 if nothing was checked."""
    try:
        with _service(os.environ.get("ADVISORIES", "")) as url:
            return _audit(url)
    except ReleaseError as error:
        print(f"Not checked: {error}", file=sys.stderr)
        return NOT_CHECKED


@contextmanager
def _service(file: str) -> Iterator[str]:
    """Yield where pip-audit asks."""
    if file:
        advisories = Advisories.read(Path(file))
        print(f"{len(advisories)} advisories, the newest of {advisories.newest:%d %b %Y}.", flush=True)
        with serve(advisories) as url:
            yield url
    else:
        _require_internet()
        yield SERVICE


def _require_internet() -> None:
    try:
        urlopen("https://api.osv.dev/docs/", timeout=10).close()
    except (URLError, TimeoutError) as error:
        raise ReleaseError(
            f"api.osv.dev can't be reached ({getattr(error, 'reason', error)}). "
            f"Download {COPY} elsewhere, and run: make audit ADVISORIES=all.zip"
        ) from None


def _audit(url: str) -> int:
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    command += ["--vulnerability-service", "osv", "--osv-url", url]
    for lock in LOCKS:
        command += ["--requirement", str(lock)]
    # Proxies are for the internet.
    return subprocess.run([*command, *sys.argv[1:]], env=os.environ | {"NO_PROXY": "127.0.0.1"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
