"""The linter refuses migrations that processes of the last release would not survive."""

from functools import partial
from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from guilds.models import Guild
from releases.migrations import problems

pytestmark = pytest.mark.django_db

TEXT = models.TextField
NUMBER = models.PositiveSmallIntegerField
ALLY = partial(models.ForeignKey[Guild | None, Guild | None], "guilds.Guild", models.SET_NULL, null=True)


def found(*planted: Operation, **attributes: Any) -> list[str]:
    """Return what the check finds in a new migration of the guilds."""
    is_atomic = not any(isinstance(one, AddIndexConcurrently) for one in planted)
    attributes |= {"operations": planted, "atomic": is_atomic}
    migration = type("Planted", (Migration,), attributes)("planted", "guilds")
    with connection.schema_editor(collect_sql=True, atomic=is_atomic) as editor:
        migration.apply(MigrationLoader(connection).project_state(), editor, collect_sql=True)
    statements = [line for line in editor.collected_sql or [] if not line.startswith("--")]
    return list(problems(migration, statements))


def index(name: str) -> models.Index:
    return models.Index(fields=["name"], name=name)


def unique() -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["description"], name="planted_unique")


def check() -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(name__gt=""), name="planted_check")


@pytest.mark.parametrize(
    ("operation", "problem"),
    [
        (migrations.AddField("guild", "motto", TEXT(default="")), 'adds column "motto" NOT NULL without a database'),
        (migrations.RemoveField("guild", "description"), "drops a column"),
        (migrations.RenameField("guild", "description", "text"), "renames a column"),
        (migrations.RenameModel("Guild", "Clan"), "renames the table"),
        (migrations.DeleteModel("OfficerNote"), "drops the table"),
        (migrations.AlterField("guild", "name", NUMBER()), "changes a column's type"),
        (migrations.AddConstraint("guild", unique()), "adds a unique constraint"),
        (migrations.AddConstraint("guild", check()), "adds a check constraint"),
        (migrations.AddField("guild", "ally", ALLY()), "creates an index that blocks writes"),
        (migrations.AddIndex("guild", index("planted_index")), "creates an index that blocks writes"),
        (
            migrations.RunSQL(['ALTER TABLE "guilds_guild" ADD "x" int', "UPDATE \"guilds_guild\" SET name = ''"]),
            "writes rows while the table is locked",
        ),
    ],
)
def test_what_the_last_release_does_not_survive_is_found(operation: Operation, problem: str) -> None:
    assert problem in " / ".join(found(operation))


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("guild", "motto", TEXT(null=True)),
        migrations.AddField("guild", "motto", TEXT(default="", db_default="")),
        migrations.AddField("guild", "size", NUMBER(default=0, db_default=0)),
        migrations.AddField("guild", "ally", ALLY(db_index=False)),
        migrations.CreateModel("Motto", [("id", models.BigAutoField(primary_key=True)), ("text", TEXT(unique=True))]),
        migrations.AlterField("guild", "description", TEXT(blank=True, help_text="Another text.")),
    ],
)
def test_what_the_last_release_survives_is_let_through(operation: Operation) -> None:
    assert found(operation) == []


@pytest.mark.django_db(transaction=True)
def test_an_index_that_blocks_no_writes_is_let_through() -> None:
    assert found(AddIndexConcurrently("guild", index("planted_index"))) == []


def test_a_column_with_a_default_hides_none_without() -> None:
    motto = migrations.AddField("guild", "motto", TEXT(default=""))
    size = migrations.AddField("guild", "size", NUMBER(default=0, db_default=0))
    for operations in ([motto, size], [size, motto]):
        assert [line for line in found(*operations) if '"motto"' in line]


def test_a_column_is_dropped_after_a_release_that_does_not_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drop = migrations.RemoveField("guild", "description")
    assert found(drop, unused_since="0.2.0") == ["unused_since names 0.2.0, which is no release"]
    monkeypatch.setattr("releases.changelog.released", lambda: ["0.2.0", "0.1.0"])
    assert found(drop, unused_since="0.2.0") == []


def test_a_reason_answers_for_a_lock_and_not_for_a_dropped_column() -> None:
    small = migrations.AddIndex("guild", index("planted_index"))
    drop = migrations.RemoveField("guild", "description")
    assert found(small, harmless_because="guilds has a row per guild") == []
    assert found(drop, harmless_because="nobody reads it") == ["guilds_guild: drops a column"]
