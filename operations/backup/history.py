"""Which backups were made or failed.

A table says so, because pages and metrics can be served by another machine than the one that makes the backups.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django_celery_beat.models import PeriodicTask

from operations.backup.dump import back_up
from operations.backup.errors import BackupError

logger = logging.getLogger(__name__)

TASK = "operations.tasks.back_up"
# The schedule is daily.
OLD = timedelta(hours=30)
KEPT = timedelta(days=90)
LONGEST_ERROR = 500


class BackupRun(models.Model):
    """A backup that was made, or one that failed, with the reason."""

    finished_at = models.DateTimeField(default=timezone.now)
    file = models.CharField(max_length=500, blank=True)
    size = models.BigIntegerField(default=0, help_text=gettext_lazy("In bytes."))
    error = models.CharField(max_length=LONGEST_ERROR, blank=True)

    class Meta:
        verbose_name = gettext_lazy("backup")
        verbose_name_plural = gettext_lazy("backups")
        ordering = ("-finished_at",)

    def __str__(self) -> str:
        return self.error or self.file


@dataclass(frozen=True, slots=True)
class BackupStatus:
    """The state of the backups."""

    newest_at: datetime | None
    # Why the last one failed; empty if it did not.
    error: str
    # False if the schedule is disabled: something else makes the backups.
    is_scheduled: bool
    is_old: bool

    @property
    def age(self) -> timedelta | None:
        return None if self.newest_at is None else timezone.now() - self.newest_at


def back_up_and_record(folder: Path) -> Path:
    """Make a backup and note it, or note why it failed. Raises BackupError."""
    try:
        file = back_up(folder)
    except BackupError as error:
        _note(error=str(error)[:LONGEST_ERROR])
        raise
    _note(file=str(file), size=file.stat().st_size)
    return file


def _note(**columns: Any) -> None:
    """Note a run, and forget old ones. An update makes its backup before the migration that creates the table."""
    try:
        with transaction.atomic():
            BackupRun.objects.create(**columns)
            BackupRun.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()
    except DatabaseError as error:
        logger.warning("The backup could not be noted in the database: %s", type(error.__cause__ or error).__name__)


def read_status() -> BackupStatus:
    """Read how backups are doing, in three statements at most."""
    last = newest = BackupRun.objects.first()
    if last and last.error:
        newest = BackupRun.objects.filter(error="").first()
    newest_at = newest.finished_at if newest else None
    # Without any backup, the time since the schedule exists counts.
    schedule = PeriodicTask.objects.filter(task=TASK, enabled=True).first()
    since = newest_at or (schedule.date_changed if schedule else None)
    return BackupStatus(
        newest_at=newest_at,
        error=last.error if last else "",
        is_scheduled=schedule is not None,
        is_old=since is not None and since < timezone.now() - OLD,
    )
