"""Rules for the SQL of a migration: while it runs, and after it, processes of the last release still serve.

They read and write the columns they know, and wait for no lock that lasts as long as a table is large.
"""

import re
from collections.abc import Iterator, Sequence

TABLE = r'(?:"?\w+"?\.)?"(\w+)"'
CREATED = re.compile(rf"CREATE TABLE (?:IF NOT EXISTS )?{TABLE}")
ALTERED = re.compile(rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{TABLE} (.*)", re.DOTALL)
WRITTEN = re.compile(rf"(?:UPDATE|DELETE FROM|INSERT INTO) {TABLE}")
NEW_INDEX = re.compile(rf"CREATE (UNIQUE )?INDEX (CONCURRENTLY )?.*? ON {TABLE}", re.DOTALL)
NEW_COLUMN = re.compile(r'ADD COLUMN (?:IF NOT EXISTS )?"(\w+)" (.*)', re.DOTALL)
LOST_DEFAULT = re.compile(r'ALTER COLUMN "(\w+)" DROP DEFAULT')

# What the last release's code can still use, unless the migration says since which release none does.
REMOVALS = (
    (re.compile(r"DROP COLUMN"), "drops a column"),
    (re.compile(r"RENAME COLUMN"), "renames a column"),
    (re.compile(r"RENAME TO"), "renames the table"),
)
CHANGES = (
    (re.compile(r"ALTER COLUMN .* TYPE", re.DOTALL), "changes a column's type"),
    (re.compile(r"ALTER COLUMN .* SET NOT NULL", re.DOTALL), "forbids NULL in a column that could be NULL"),
    (re.compile(r"ADD CONSTRAINT .* UNIQUE", re.DOTALL), "adds a unique constraint"),
    (re.compile(r"ADD CONSTRAINT .* EXCLUDE", re.DOTALL), "adds an exclusion constraint"),
    (re.compile(r"ADD CONSTRAINT .* CHECK", re.DOTALL), "adds a check constraint"),
    (
        re.compile(r"ADD CONSTRAINT .* FOREIGN KEY (?!.*NOT VALID)", re.DOTALL),
        "adds a foreign key",
    ),
)


def removals(statements: Sequence[str]) -> Iterator[str]:
    """Yield what takes columns and tables from the last release's code."""
    for table, change in _alterations(statements):
        yield from (f"{table}: {text}" for pattern, text in REMOVALS if pattern.search(change))
    for statement in statements:
        if dropped := re.match(rf"DROP TABLE (?:IF EXISTS )?{TABLE}", statement):
            yield f"{dropped[1]}: drops the table"


def changes(statements: Sequence[str]) -> Iterator[str]:
    """Yield what refuses rows that the last release's code writes, or locks a table for long."""
    for table, change in _alterations(statements):
        yield from (f"{table}: {text}" for pattern, text in CHANGES if pattern.search(change))
    yield from _columns_without_default(statements)
    yield from _indexes(statements)
    yield from _rows_written_under_lock(statements)


def _alterations(statements: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each table that existed before the migration, and what an ALTER TABLE does to it."""
    created = _created(statements)
    for statement in statements:
        if (altered := ALTERED.match(statement)) and altered[1] not in created:
            yield altered[1], altered[2]


def _created(statements: Sequence[str]) -> set[str]:
    return {created[1] for statement in statements if (created := CREATED.match(statement))}


def _columns_without_default(statements: Sequence[str]) -> Iterator[str]:
    """Django adds a column with the default of Python and drops that default at once."""
    alterations = list(_alterations(statements))
    lost = {(table, found[1]) for table, change in alterations for found in LOST_DEFAULT.finditer(change)}
    for table, change in alterations:
        if not (added := NEW_COLUMN.match(change)) or "NOT NULL" not in added[2]:
            continue
        filled = re.search(r"\bDEFAULT\b|\bGENERATED\b", added[2]) and (table, added[1]) not in lost
        if not filled:
            yield f'{table}: adds column "{added[1]}" NOT NULL without a database default (db_default)'


def _indexes(statements: Sequence[str]) -> Iterator[str]:
    created = _created(statements)
    for statement in statements:
        if not (index := NEW_INDEX.match(statement)) or index[3] in created:
            continue
        if index[1]:
            yield f"{index[3]}: adds a unique index"
        elif not index[2]:
            yield f"{index[3]}: creates an index that blocks writes (AddIndexConcurrently does not)"


def _rows_written_under_lock(statements: Sequence[str]) -> Iterator[str]:
    altered = dict(_alterations(statements))
    written = [match[1] for statement in statements if (match := WRITTEN.match(statement))]
    for table in dict.fromkeys(written):
        if table in altered:
            yield f"{table}: writes rows while the table is locked by ALTER TABLE (use two migrations)"
