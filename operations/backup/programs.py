"""PostgreSQL's own programs: which of those installed fit a server, and how they reach the site's database."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from psycopg.pq import Conninfo

from operations.backup.errors import BackupError

# Where Debian and Red Hat install the programs of each version, besides the PATH.
PACKAGED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")


@dataclass(frozen=True, slots=True)
class Program:
    """An installed program, and the major version of PostgreSQL that it is from."""

    path: Path
    major: int


def server_major() -> int:
    """Return the major version of the site's PostgreSQL."""
    with connection.temporary_connection():
        return int(connection.pg_version) // 10_000  # type: ignore[attr-defined, unused-ignore]


def find_program(name: str, major: int) -> Program:
    """Return the program of this major version of PostgreSQL, or of the next newer one. Raises BackupError."""
    found = _installed(name)
    fitting = [version for version in found if version >= major]
    if fitting:
        return Program(found[min(fitting)], min(fitting))
    too_old = f"{name} {max(found)} is too old" if found else f"{name} was not found"
    raise BackupError(
        f"PostgreSQL {major} needs {name} {major} or newer, and {too_old}: install postgresql-client-{major}, "
        f"or add the folder of its programs to PATH."
    )


def client_environment() -> dict[str, str]:
    """Return the environment with which PostgreSQL's programs reach the site's database.

    So no password is on a command line, where every user of the machine could read it.
    """
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"} or name[:2] == "PG"}
    parameters = connection.get_connection_params()
    options = {one.envvar.decode(): one.keyword.decode() for one in Conninfo.get_defaults() if one.envvar}
    variables = {name: parameters[keyword] for name, keyword in options.items() if parameters.get(keyword)}
    return inherited | {name: str(value) for name, value in variables.items()} | {"LC_ALL": "C"}


def _installed(name: str) -> dict[int, Path]:
    """Return the path of the program by major version; of one version, the first that is found."""
    found: dict[int, Path] = {}
    for folder in _folders():
        program = folder / name
        if os.access(program, os.X_OK) and (major := _major_of(program)):
            found.setdefault(major, program)
    return found


def _folders() -> Iterator[Path]:
    yield from map(Path, os.get_exec_path())
    for pattern in PACKAGED:
        yield from Path("/").glob(pattern.lstrip("/"))


def _major_of(program: Path) -> int | None:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    return int(version[1]) if version else None
