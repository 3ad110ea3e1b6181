"""Writes of many rows in one statement, however many they are."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection, models
from django.utils import timezone

M = TypeVar("M", bound=models.Model)


def update_rows(rows: Sequence[M], fields: Sequence[str]) -> None:
    """Write `fields` and `updated_at` of all rows, of one model, in a single UPDATE.

    Django's bulk_update spells out a CASE for each row and column, which at 1,000 members costs more than the rest of a
    sync; PostgreSQL takes the columns as arrays.
    """
    if not rows:
        return
    now = timezone.now()
    for row in rows:
        row.updated_at = now  # type: ignore[attr-defined]
    meta = rows[0]._meta
    columns = [meta.pk, *_columns(type(rows[0]), fields), *_columns(type(rows[0]), ["updated_at"])]
    quote = connection.ops.quote_name
    names = [quote(str(field.column)) for field in columns]
    # Names come from our own models, values are parameters.
    sql = (
        f"UPDATE {quote(meta.db_table)} AS t SET {', '.join(f'{name} = v.{name}' for name in names[1:])}"  # noqa: S608
        f" FROM unnest({', '.join(f'%s::{field.db_type(connection)}[]' for field in columns)}) AS v({', '.join(names)})"
        f" WHERE t.{names[0]} = v.{names[0]}"
    )
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in columns]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def values_of(row: models.Model, fields: Sequence[str]) -> tuple[Any, ...]:
    """The row's values in these fields, as stored: ids instead of the objects that foreign keys point to."""
    return tuple(getattr(row, field.attname) for field in _columns(type(row), fields))


def _columns(model: type[models.Model], names: Sequence[str]) -> list["models.Field[Any, Any]"]:
    by_name = {field.name: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in names]
