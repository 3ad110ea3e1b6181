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
        return [_plain_id(self.model, name) if _is_id(self.model, name) else name for name in names]


def _is_id(model: type[models.Model], name: Any) -> bool:
    fields = {field.name: field for field in model._meta.fields}
    return (name == "id" or str(name).endswith("_id")) and isinstance(fields.get(name), models.IntegerField)


@cache
def _plain_id(model: Any, name: str) -> Any:
    @admin.display(description=model._meta.get_field(name).verbose_name, ordering=name)
    def plain_id(row: Any) -> str | None:
        value = getattr(row, name)
        return None if value is None else str(value)

    return plain_id
