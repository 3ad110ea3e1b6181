"""Ids in the admin, without the thousands separators that numbers have."""

from functools import cache
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest


class PlainIdsAdmin(admin.ModelAdmin):
    """Shows integer fields named `id` or `…_id` as plain digits."""

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._with_plain_ids(super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._with_plain_ids(super().get_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._with_plain_ids(super().get_readonly_fields(request, obj))

    def _with_plain_ids(self, names: Any) -> list[Any]:
        fields = {field.name: field for field in self.model._meta.fields}
        return [_plain_id(name, str(fields[name].verbose_name)) if _is_id(fields.get(name)) else name for name in names]


def _is_id(field: Any) -> bool:
    is_named_so = field is not None and (field.name == "id" or field.name.endswith("_id"))
    return is_named_so and isinstance(field, models.IntegerField)


# Cached, because Django compares the columns of a form.
@cache
def _plain_id(name: str, label: str) -> Any:
    @admin.display(description=label, ordering=name)
    def plain_id(row: Any) -> str | None:
        value = getattr(row, name)
        return None if value is None else str(value)

    return plain_id
