"""`python -m tests.releases.fill`: put rows into an empty database, by this release's own code.

A later release migrates them and compares (`make compatibility`).
"""

import os
from typing import Any

import django
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

OURS = ("accounts", "api", "characters", "destiny", "guilds", "operations", "permissions", "sync")
VALUES: "dict[type[models.Field[Any, Any]], Any]" = {
    models.CharField: "x",
    models.TextField: "x",
    models.IntegerField: 1,
    models.BooleanField: True,
    models.DateTimeField: timezone.now(),
    models.DateField: timezone.now().date(),
    models.JSONField: {},
    ArrayField: [],
    models.BinaryField: b"x",
}
# Columns that can be NULL, but not in a row with the values above.
SUBJECTS = {"characters.Picture": ("character",), "destiny.Item": ("guardian",)}


def main() -> None:
    """Make a guild, its people, and every kind of data about one of them."""
    from accounts.models import User
    from tests.accounts.full_account import fill_account, log_admin_change
    from tests.factories import make_job, night_watch
    from tests.personas import Personas

    users: dict[str, User] = {}

    def person(name: str) -> User:
        if name not in users:
            users[name] = User.objects.create_user(1_000 + len(users), f"{name}#{1_000 + len(users)}")
        return users[name]

    personas = Personas(night_watch(), person)
    make_job(personas.guild)
    personas.join()
    log_admin_change(fill_account(personas), personas["Ada"])
    add_definition()
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            if not model._default_manager.exists():
                add_row(model)


def add_definition() -> None:
    """Add an edition of the manifest: its definitions have a table of their own."""
    from destiny.manifest import partitions
    from destiny.models import Definition, Edition

    edition = Edition.objects.create(version="x", paths={}, counts={"en": {"x": 1}}, state=Edition.State.CURRENT)
    partitions.create(edition)
    partitions.attach(edition)
    Definition.objects.create(edition=edition, language="en", table="x", key="1", hash=1, name="x", definition={})


def add_row(model: type[models.Model]) -> None:
    """Add a row with some value in each column that must have one."""
    subjects = SUBJECTS.get(model._meta.label, ())
    required = [
        one
        for one in model._meta.concrete_fields
        if one.name in subjects or not (one.null or one.has_default() or one.generated)
    ]
    values = {field.name: _value(field) for field in required if not isinstance(field, models.AutoField)}
    model._default_manager.create(**values)


def _value(field: "models.Field[Any, Any]") -> Any:
    if isinstance(field.remote_field, models.ManyToOneRel):
        return field.remote_field.model._default_manager.first()
    if field.choices:
        return field.flatchoices[0][0]
    return next(value for kind, value in VALUES.items() if isinstance(field, kind))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    django.setup()
    main()
