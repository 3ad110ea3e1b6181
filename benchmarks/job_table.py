"""(g) The table of jobs with 100,000 guilds: its size, claiming from it, and what an update of every row leaves behind.

The rows are in a table of their own with the columns, checks and indexes of the real one, without the characters and
guilds that they refer to: a complete installation of that size would not fit on a small disk.
"""

import time
from dataclasses import dataclass

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from benchmarks import database, installation, site
from benchmarks.growth import Rollback
from benchmarks.report import progress, seconds, show
from characters.models import Character
from guilds.models import Membership
from sync.engine.dispatch import dispatch
from sync.models import BlizzardJob

GUILDS, QUICK_GUILDS = 100_000, 10_000
# Jobs of a guild: its roster and 29 characters. Three million rows need some 2 GB of disk.
JOBS_OF_A_GUILD = 30
DUE = 50_000
# For the size of everything that belongs to a character, of complete rows.
CHARACTERS = 30_000
TABLE, COPY = BlizzardJob._meta.db_table, "benchmark_jobs"
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to the table: statements that run one after another."""

    name: str
    statements: tuple[str, ...]


def main(*, quick: bool = False) -> None:
    """Print a row after each step: how long it took, sizes, dead rows, and the time of a claim."""
    guilds = QUICK_GUILDS if quick else GUILDS
    site.load_game_data()
    database.clean()
    claim = _claim()
    rows = [_row(step, claim) for step in _steps(guilds * JOBS_OF_A_GUILD)]
    _execute(f"DROP TABLE {COPY}")
    show(
        f"The table of jobs of {guilds:,} guilds: {guilds * JOBS_OF_A_GUILD:,} rows",
        ("step", "seconds", "rows, MB", "indexes, MB", "index of due jobs, MB", "claiming 1,000"),
        rows,
        ("Claiming is the statement of a dispatch, after each step.",),
    )
    _show_disk()
    database.clean()


def _show_disk() -> None:
    """Print the sizes of the tables of a complete installation, and what a character needs."""
    installation.extend(to=CHARACTERS)
    database.analyze()
    sizes = [(model, *_sizes_of(model._meta.db_table)) for model in (Character, Membership, BlizzardJob)]
    show(
        f"Disk for {CHARACTERS:,} characters in guilds of {installation.GUILD_SIZE}",
        ("table", "rows, MB", "indexes, MB", "bytes a character"),
        [
            (
                str(model._meta.verbose_name),
                f"{rows / MEGABYTE:.1f}",
                f"{indexes / MEGABYTE:.1f}",
                f"{(rows + indexes) / CHARACTERS:.0f}",
            )
            for model, rows, indexes in sizes
        ],
        ("Without sessions, notes and timelines, which depend on people.",),
    )


def _sizes_of(table: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", [table, table])
        rows, indexes = cursor.fetchone() or (0, 0)
        return rows, indexes


def _steps(jobs: int) -> list[Step]:
    columns = [str(field.column) for field in BlizzardJob._meta.concrete_fields if not field.generated]
    copied = [
        {"id": "gen_random_uuid()", "character_id": "gen_random_uuid()"}.get(name, f"t.{name}") for name in columns
    ]
    insert = (
        f"INSERT INTO {COPY} ({', '.join(columns)}) SELECT {', '.join(copied)} FROM {TABLE} AS t"
        f" CROSS JOIN generate_series(1, {jobs}) WHERE t.id = (SELECT id FROM {TABLE} WHERE kind = 'profile' LIMIT 1)"
    )
    some = f"SELECT id FROM {COPY} LIMIT {DUE}"
    return [
        Step("inserted", (f"CREATE TABLE {COPY} (LIKE {TABLE} INCLUDING ALL)", insert, f"ANALYZE {COPY}")),
        Step(f"{DUE:,} marked due", (f"UPDATE {COPY} SET state = 'DUE', next_due_at = now() WHERE id IN ({some})",)),
        Step("every row updated once", (f"UPDATE {COPY} SET succeeded_at = now(), updated_at = now()",)),
        Step("vacuumed", (f"VACUUM (ANALYZE) {COPY}",)),
    ]


def _row(step: Step, claim: str) -> tuple[str, ...]:
    progress(step.name)
    began = time.perf_counter()
    for statement in step.statements:
        _execute(statement)
    elapsed = time.perf_counter() - began
    return (step.name, f"{elapsed:.1f}", *_sizes(), seconds(_time_of(claim)))


def _sizes() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_table_size(c.oid), pg_indexes_size(c.oid), pg_relation_size(i.indexrelid)"
            " FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid"
            " WHERE c.relname = %s AND pg_get_indexdef(i.indexrelid) LIKE '%%(priority, next_due_at)%%'",
            [COPY],
        )
        return tuple(f"{size / MEGABYTE:,.1f}" for size in cursor.fetchone() or ())


def _claim() -> str:
    """Return the statement with which a dispatch claims due jobs, for the copy."""
    installation.extend(to=installation.GUILD_SIZE)
    BlizzardJob.objects.update(state=BlizzardJob.State.DUE)
    with CaptureQueriesContext(connection) as captured:
        dispatch()
    sql = next(str(query["sql"]) for query in captured if "LIMIT" in query["sql"] and "FOR UPDATE" in query["sql"])
    return sql.replace(f'"{TABLE}"', f'"{COPY}"')


def _time_of(claim: str) -> float:
    """Return the seconds that the statement takes; it is rolled back."""
    try:
        with transaction.atomic():
            began = time.perf_counter()
            _execute(claim)
            elapsed = time.perf_counter() - began
            raise Rollback
    except Rollback:
        return elapsed


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
