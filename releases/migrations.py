"""`python -m releases.migrations`: check that the last release survives each migration.

Each migration is applied to a new, empty database, and its statements are checked. Two attributes of a migration
answer for what is found: `unused_since = "0.2.0"`, the release since which no code uses what is removed, and
`harmless_because = "why"`.
"""

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from releases import changelog, migration_rules
from releases.databases import scratch_database

GUIDE = "docs/releasing.md"


def main() -> int:
    """Print what the last release does not survive; the exit status says whether there is any."""
    with scratch_database(os.environ["DATABASE_URL"], f"guildsite_migrations_{os.getpid()}") as url:
        os.environ["DATABASE_URL"] = url
        django.setup()
        found = [f"{migration}: {text}" for migration, sql in apply_all() for text in problems(migration, sql)]
        connection.close()
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        print(f"The last release does not survive these migrations: see {GUIDE}.", file=sys.stderr)
    return 1 if found else 0


def problems(migration: Migration, statements: list[str]) -> Iterator[str]:
    """Yield what no attribute of the migration answers for."""
    unused_since = getattr(migration, "unused_since", None)
    if unused_since is None:
        yield from migration_rules.removals(statements)
    elif unused_since not in changelog.released():
        yield f"unused_since names {unused_since}, which is no release"
    if not getattr(migration, "harmless_because", ""):
        yield from migration_rules.changes(statements)


def apply_all() -> Iterator[tuple[Migration, list[str]]]:
    """Apply all migrations; yield ours with their statements."""
    recorder = Recorder()
    executor = MigrationExecutor(connection, recorder.progress)  # type: ignore[arg-type]
    with connection.execute_wrapper(recorder):
        executor.migrate(executor.loader.graph.leaf_nodes())
    for migration, statements in recorder.statements.items():
        if (settings.BASE_DIR / migration.app_label).is_dir():
            yield migration, statements


class Recorder:
    """Notes the statements of each migration, one per item."""

    def __init__(self) -> None:
        self.statements: dict[Migration, list[str]] = {}
        self._now: list[str] = []

    def progress(self, action: str, migration: Any = None, fake: bool = False) -> None:
        """Note which migration begins or ends."""
        self._now = self.statements.setdefault(migration, []) if action == "apply_start" else []

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Note the statements, then execute them."""
        text = sql if isinstance(sql, str) else sql.as_string(connection.connection)
        self._now += [part.strip() for part in text.split(";") if part.strip()]
        return execute(sql, params, many, context)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    sys.exit(main())
