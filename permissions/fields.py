"""The column of rights."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Model

from permissions.rights import EVERY_RIGHT, Rights


class RightsField(ArrayField):  # type: ignore[type-arg]  # takes no argument at run time
    """An array of names of rights, read as a set. Names that the code doesn't know are ignored.

    A new right therefore needs no migration, and one that was removed gives nothing.
    """

    _pyi_private_set_type: Iterable[str]  # type: ignore[assignment]
    _pyi_private_get_type: Rights  # type: ignore[assignment]

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"base_field": CharField(max_length=64), "default": frozenset, "blank": True, **options})

    def from_db_value(self, value: list[str] | None, expression: object, connection: object) -> Rights | None:
        return None if value is None else EVERY_RIGHT.intersection(value)

    def to_python(self, value: Any) -> Rights:
        return EVERY_RIGHT.intersection(super().to_python(value))

    def value_from_object(self, obj: Model) -> list[str]:
        # A list, since forms don't recognize a set as several choices.
        return sorted(super().value_from_object(obj))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        names = sorted(set(value)) if isinstance(value, Iterable) else value
        return super().get_db_prep_value(names, connection, prepared)
