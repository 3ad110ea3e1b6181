"""`make compatibility`: the last release's rows and code meet this checkout's migrations.

1. The last release's code makes a database and fills it. This checkout migrates it: each value is as it was.
2. This checkout migrates the last release's empty schema. The last release's tests marked `smoke` pass on it: sign-in,
   every page and form, the sync of a roster and of profiles. Arguments go to pytest.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import psycopg
from psycopg import sql

from releases.databases import scratch_database
from releases.requirements import CHECKOUT

# Rows of a table by what they held, as JSON. Columns that the earlier schema did not have are left out.
Rows = dict[str, Counter[str]]
Columns = dict[str, list[str]]

COLUMNS = """
    SELECT table_name, array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    GROUP BY table_name
"""


def main() -> int:
    """Return 0 if nothing is lost and the last release's code works on the new schema."""
    tag = last_tag()
    if tag is None:
        print("NOT CHECKED: there is no release yet, so no earlier code to run on this schema.")
        return 0
    with tempfile.TemporaryDirectory(prefix=f"guildsite-{tag}-") as folder:
        earlier = Path(folder)
        archive = subprocess.run(["git", "archive", tag], cwd=CHECKOUT, check=True, capture_output=True)
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
            files.extractall(earlier, filter="data")
        return check(tag, earlier, os.environ["DATABASE_URL"])


def last_tag() -> str | None:
    """Return the newest release in this checkout's history."""
    command = ["git", "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]
    found = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def check(tag: str, earlier: Path, server: str) -> int:
    """Migrate the release's rows, then run its smoke tests; print what came of it."""
    name = f"compatibility_{os.getpid()}"
    with scratch_database(server, name) as filled:
        _manage(earlier, filled, "migrate", "--verbosity", "0")
        # With the name that pytest-django gives to the database of tests.
        with scratch_database(server, f"test_{name}", template=name) as empty:
            _run(earlier, filled, "tests.releases.fill")
            columns = _columns(filled)
            before = rows(filled, columns)
            for database in (filled, empty):
                _manage(CHECKOUT, database, "migrate", "--verbosity", "0")
            lost = differences(before, rows(filled, columns))
            pytest = ("-m", "smoke", "-q", "-n", "0", "--reuse-db", *sys.argv[1:])
            smoke = _run(earlier, filled, "pytest", *pytest, must_work=False)
    for line in lost:
        print(f"{line} after the migrations of this checkout", file=sys.stderr)
    if smoke:
        print(f"The code of {tag} does not work on the schema of this checkout: see above.", file=sys.stderr)
    if lost or smoke:
        return 1
    count = sum(held.total() for held in before.values())
    print(f"{count} rows of {tag} in {sum(map(bool, before.values()))} tables are unchanged; its smoke tests passed.")
    return 0


def rows(url: str, columns: Columns) -> Rows:
    """Return what the tables hold in these columns; a dropped column or table is left out."""
    now = _columns(url)
    with psycopg.connect(url) as connection:
        found: Rows = {}
        for table in columns.keys() & now.keys():
            kept = [sql.Identifier(name) for name in columns[table] if name in now[table]]
            query = sql.SQL("SELECT row_to_json(t)::text FROM (SELECT {} FROM {}) t")
            cursor = connection.execute(query.format(sql.SQL(", ").join(kept), sql.Identifier(table)))
            found[table] = Counter(row for (row,) in cursor)
    return found


def differences(before: Rows, after: Rows) -> list[str]:
    """Return a line for each table whose rows are not what they were. New rows are no difference."""
    return [
        f"{table}: {lost.total()} of {before[table].total()} rows changed"
        for table in sorted(before.keys() & after.keys())
        if (lost := before[table] - after[table])
    ]


def _columns(url: str) -> Columns:
    with psycopg.connect(url) as connection:
        return dict(connection.execute(COLUMNS).fetchall())


def _manage(checkout: Path, url: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=checkout, env=_environment(url), check=True)


def _run(checkout: Path, url: str, module: str, *arguments: str, must_work: bool = True) -> int:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=checkout, env=_environment(url), check=must_work).returncode


def _environment(url: str) -> dict[str, str]:
    # A run of tests within one of several processes of another: it uses the database that it is told to.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return inherited | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "guildsite.settings"}


if __name__ == "__main__":
    sys.exit(main())
