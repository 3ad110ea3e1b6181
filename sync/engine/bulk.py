"""Compare rows with the columns that an answer gives, write many rows in one statement, and lock names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.utils import timezone

M = TypeVar("M", bound=models.Model)

# Values by attribute name, as stored: `realm_id`, not `realm`.
Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change(Generic[M]):
    """A row, and the columns to write with their new values. The row keeps the old ones until it is written."""

    row: M
    columns: Columns


def diff(row: models.Model, columns: Columns) -> Columns:
    """Return those of the columns in which the row differs."""
    return {name: value for name, value in columns.items() if getattr(row, name) != value}


def assign(row: M, columns: Columns) -> M:
    """Set the columns, unsaved, and return the row."""
    for name, value in columns.items():
        setattr(row, name, value)
    return row


def update_row(row: models.Model, columns: Columns) -> None:
    """Write the columns and `updated_at` of one row. Sends no signals."""
    assign(row, columns)
    type(row)._default_manager.filter(pk=row.pk).update(**columns, updated_at=timezone.now())


def update_rows(changes: Sequence[Change[M]]) -> None:
    """Write all changes, of rows of one model, and `updated_at`, in a single UPDATE.

    A column that changes in one row is written in all of them, so the rows have to be locked since they were read.
    Django's bulk_update spells out a CASE for each row and column, which at 1,000 members costs more than the rest of a
    sync; PostgreSQL takes the columns as arrays.
    """
    if not changes:
        return
    now = timezone.now()
    for one in changes:
        assign(one.row, {**one.columns, "updated_at": now})
    meta = changes[0].row._meta
    changed = dict.fromkeys(name for one in changes for name in one.columns)
    fields = {name: field for field in meta.concrete_fields for name in (field.name, field.attname)}
    columns = [meta.pk, *(fields[name] for name in (*changed, "updated_at"))]
    quote = connection.ops.quote_name
    names = [quote(str(field.column)) for field in columns]
    # Names come from our own models, values are parameters.
    sql = (
        f"UPDATE {quote(meta.db_table)} AS t SET {', '.join(f'{name} = v.{name}' for name in names[1:])}"  # noqa: S608
        f" FROM unnest({', '.join(f'%s::{field.db_type(connection)}[]' for field in columns)}) AS v({', '.join(names)})"
        f" WHERE t.{names[0]} = v.{names[0]}"
    )
    rows = [one.row for one in changes]
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in columns]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def lock_name(name: str, *, is_shared: bool = False) -> None:
    """Take an advisory lock to the end of the transaction, so that a killed worker leaves none behind."""
    function = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s))", [name])
