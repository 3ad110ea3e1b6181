"""The daily backup: which files are kept, who is told, and what is measured."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.services import grant_admin
from operations.backup import programs
from operations.backup.history import OLD, TASK, BackupRun
from operations.backup.retention import delete_old, to_keep
from operations.health.backups import machine_findings
from operations.tasks import back_up
from tests.html import text_of

OPERATOR = "Ada#1000"


def test_of_a_year_of_daily_backups_seven_days_and_four_weeks_are_kept(tmp_path: Path) -> None:
    today = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
    kept: set[datetime] = set()
    for day in range(365):
        kept = to_keep(kept | {today - timedelta(days=364 - day)})
    newest_first = sorted(kept, reverse=True)
    assert newest_first[:7] == [today - timedelta(days=day) for day in range(7)]
    # 21 Nov 2026 is a Saturday: the Saturday before, and the Sundays of the three weeks before that.
    assert newest_first[7:] == [today - timedelta(days=day) for day in (7, 13, 20, 27)]


@given(st.sets(st.datetimes(timezones=st.just(UTC)), min_size=1))
def test_the_newest_is_always_kept_and_keeping_is_stable(times: set[datetime]) -> None:
    kept = to_keep(times)
    assert max(times) in kept
    assert kept <= times
    assert len(kept) <= 11
    assert to_keep(kept) == kept


def test_files_that_somebody_named_are_left_alone(tmp_path: Path) -> None:
    names = [f"guildsite-202611{day:02}T033000Z.zip" for day in range(1, 22)]
    for name in [*names, "guildsite-before-the-move.zip", "notes.txt"]:
        (tmp_path / name).touch()
    delete_old(tmp_path)
    left = {file.name for file in tmp_path.iterdir()}
    assert {"guildsite-before-the-move.zip", "notes.txt", names[-1]} <= left
    assert len(left) == 2 + 10


@pytest.mark.usefixtures("transactional_db")
def test_the_daily_task_backs_up_and_deletes_old_ones(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_DIR = tmp_path
    for day in range(1, 22):
        (tmp_path / f"guildsite-202511{day:02}T033000Z.zip").touch()
    back_up()
    assert len(list(tmp_path.iterdir())) == 10
    assert BackupRun.objects.get().size > 10_000


@pytest.mark.django_db
def test_the_schedule_is_in_the_admin() -> None:
    schedule = PeriodicTask.objects.get(task=TASK)
    assert schedule.enabled
    assert schedule.crontab.day_of_week == schedule.crontab.day_of_month == "*"


@pytest.mark.django_db
def test_site_admins_are_told_when_backups_are_missing_old_or_failed(
    client: Client, people: Callable[[str], User]
) -> None:
    client.force_login(people("Ada"), "allauth.account.auth_backends.AuthenticationBackend")
    grant_admin(battletag=OPERATOR)

    def page() -> str:
        return text_of(client.get("/admin/status/"))

    assert "There is no backup yet" not in page(), "the schedule is new"
    long_ago = timezone.now() - OLD - timedelta(hours=1)
    PeriodicTask.objects.filter(task=TASK).update(date_changed=long_ago)
    assert "There is no backup yet. Run: python manage.py backup" in page()
    run = BackupRun.objects.create(file="/backups/one.zip")
    assert "manage.py backup" not in page()
    BackupRun.objects.filter(pk=run.pk).update(finished_at=long_ago)
    assert "The newest backup is 1 day old. Run: python manage.py backup" in page()
    BackupRun.objects.create(error="No space left on device")
    assert "The last backup failed: No space left on device" in page()
    PeriodicTask.objects.filter(task=TASK).update(enabled=False)
    assert "The last backup failed" not in page(), "something else makes the backups"


@pytest.mark.django_db
def test_the_age_of_the_newest_backup_is_a_metric(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "x" * 32

    def metrics() -> str:
        return client.get("/metrics", headers={"Authorization": f"Bearer {'x' * 32}"}).content.decode()

    assert "guildsite_backup_age_seconds " not in metrics()
    BackupRun.objects.create(file="/backups/one.zip", finished_at=timezone.now() - timedelta(hours=2))
    BackupRun.objects.create(error="No space left on device")
    (age,) = [line.split()[1] for line in metrics().splitlines() if line.startswith("guildsite_backup_age_seconds ")]
    assert 7200 <= float(age) < 7260
    assert "guildsite_backup_failed 1.0" in metrics()


@pytest.mark.django_db
def test_an_operator_learns_what_keeps_a_machine_from_making_backups(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_DIR = tmp_path / "new"
    assert list(machine_findings()) == []
    (tmp_path / "file").touch()
    settings.BACKUP_DIR = tmp_path / "file" / "backups"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "PACKAGED", ())
    program, folder = machine_findings()
    assert "pg_dump was not found: install postgresql-client-" in program.mend
    assert folder.text == f"{settings.BACKUP_DIR} cannot be written to."
    PeriodicTask.objects.filter(task=TASK).update(enabled=False)
    assert list(machine_findings()) == []
