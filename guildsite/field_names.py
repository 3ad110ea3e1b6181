"""Translated names of columns in the admin, for fields whose model gives no name of their own."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Field
from django.utils.translation import gettext_lazy

OURS = ("accounts", "api", "characters", "guilds", "operations", "permissions", "sync")


def unnamed_fields() -> Iterator[tuple["Field[Any, Any]", str]]:
    """Yield our models' fields without a name of their own, each with the name that Django made from the column."""
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.concrete_fields:
                # Migrations compare this attribute, so that translating the other one changes none.
                if field._verbose_name is None:  # type: ignore[attr-defined]
                    yield field, field.name.replace("_", " ")


def translate_field_names() -> None:
    """Let these names be translated when a page shows them."""
    for field, name in unnamed_fields():
        field.verbose_name = gettext_lazy(name)
