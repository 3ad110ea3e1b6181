"""Writes of many rows in one statement, however many they are."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection, models
from django.utils import timezone

from accounts.models import User

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


def lock_identities(region: str) -> None:
    """Let one transaction at a time decide who is who among a region's characters.

    Two syncs that meet the same new character must not both insert it. The lock ends with the transaction, so a killed
    worker leaves nothing behind.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"characters of {region}"])


def lock_account(user: User) -> None:
    """Let one transaction at a time write to a person's account: its regions share the mains of the person.

    To be called before `lock_identities`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"account of {user.pk}"])


def lock_roles(*, to_correct: bool = False) -> None:
    """Let those who read specializations to write roles finish before somebody corrects roles, and the other way round.

    Whoever corrects would not see roles that another transaction read before and commits after. To be called before
    any row is locked.
    """
    lock = "pg_advisory_xact_lock" if to_correct else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtext('roles of characters'))")
