"""Querysets whose SQL is written once in each process.

Django writes the SQL of a queryset again each time it is evaluated, which costs more processor time than the rest of
the statement: up to four milliseconds for those that every page needs.
"""

import copy
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.signals import setting_changed
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

Row = TypeVar("Row")
# What must be an argument: as part of the SQL it would stay as it was when the SQL was written.
CHANGING = (datetime, date, UUID)


class CompiledQuery(Generic[Row]):
    """A queryset with arguments that is compiled on its first call.

    `build` gets a stand-in of each argument's type, and must not depend on anything else that changes. A call returns
    the rows as the queryset would, from the default database.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], **arguments: type) -> None:
        self._build = build
        self._stand_ins = {name: _stand_in(kind, number) for number, (name, kind) in enumerate(arguments.items())}
        # Only tests change settings.
        setting_changed.connect(self._forget)

    def __call__(self, **arguments: Any) -> list[Row]:
        return self._compiled.rows(arguments)

    @cached_property
    def _compiled(self) -> "_Compiled":
        return _Compiled(self._build(**self._stand_ins), self._stand_ins)

    def _forget(self, **kwargs: Any) -> None:
        self.__dict__.pop("_compiled", None)


class _Compiled:
    """A queryset with its statement, and the place of each argument among the parameters."""

    def __init__(self, queryset: QuerySet[Any, Any], stand_ins: Mapping[str, Any]) -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        self._sql, self._parameters = self._compiler.as_sql()
        self._names = _names(self._parameters, stand_ins)
        self._converters = self._compiler.get_converters([column for column, *_ in self._compiler.select])

    def rows(self, arguments: Mapping[str, Any]) -> list[Any]:
        """Return the rows in the form of the queryset: Django's own code makes them."""
        parameters = list(self._parameters)
        for place, name in self._names.items():
            parameters[place] = arguments[name]
        compiler = copy.copy(self._compiler)
        # Connections belong to threads.
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda: (self._sql, parameters)
        compiler.get_converters = lambda expressions: self._converters
        query = _Instead(self._queryset.query, get_compiler=lambda using: compiler)
        rows: Any = self._queryset._iterable_class
        return [*rows(_Instead(self._queryset, query=query))]


class _Instead:
    """An object of which some attributes are replaced."""

    def __init__(self, replaced: object, **attributes: Any) -> None:
        self._replaced = replaced
        self.__dict__.update(attributes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._replaced, name)


def _stand_in(kind: type, number: int) -> Any:
    """Return a value that no queryset has."""
    if kind is UUID:
        return UUID(int=number)
    if kind is datetime:
        return datetime(1, 1, 1 + number, tzinfo=UTC)
    if kind is date:
        return date(1, 1, 1 + number)
    if kind is str:
        return f"\ufdd0{number}"
    raise TypeError(f"No stand-in for {kind.__name__}")


def _names(parameters: tuple[Any, ...], stand_ins: Mapping[str, Any]) -> dict[int, str]:
    """Return the name of the argument at each place that has one. Raises ValueError if there can be others."""
    name_of = {(type(value), value): name for name, value in stand_ins.items()}
    found = {
        place: name_of[type(one), one]
        for place, one in enumerate(parameters)
        if isinstance(one, (*CHANGING, str)) and (type(one), one) in name_of
    }
    if missing := stand_ins.keys() - found.values():
        raise ValueError(f"Not in the statement as they are: {', '.join(sorted(missing))}")
    if frozen := [one for place, one in enumerate(parameters) if isinstance(one, CHANGING) and place not in found]:
        raise ValueError(f"Values that can change are part of the statement: {frozen}")
    return found
