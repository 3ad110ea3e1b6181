"""Backups that failed or are old, and what keeps this machine from making them."""

import os
from collections.abc import Iterator

from django.conf import settings
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from operations.backup.errors import BackupError
from operations.backup.history import BackupStatus, read_status
from operations.backup.programs import find_program, server_major
from operations.health.finding import Finding, warning


def backup_findings(backups: BackupStatus | None) -> Iterator[Finding]:
    """Yield whether the last backup failed, or the newest is old; nothing if the schedule is switched off."""
    if backups is None or not backups.is_scheduled:
        return
    mend = _("Run: python manage.py backup")
    if backups.error:
        text = _("The last backup failed: %(error)s") % {"error": backups.error}
        yield warning("backup-failed", text, _("Mend that, then run: python manage.py backup"))
    if not backups.is_old:
        return
    if backups.newest_at is None:
        yield warning("backup-old", _("There is no backup yet."), mend)
    else:
        span = timesince(backups.newest_at, depth=1).replace("\xa0", " ")
        yield warning("backup-old", _("The newest backup is %(span)s old.") % {"span": span}, mend)


def machine_findings() -> Iterator[Finding]:
    """Yield what keeps this machine from making backups."""
    if not read_status().is_scheduled:
        return
    try:
        find_program("pg_dump", server_major())
    except BackupError as error:
        yield warning("backup-program", _("This machine cannot make backups."), str(error))
    folder = settings.BACKUP_DIR
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        text = _("%(folder)s cannot be written to.") % {"folder": folder}
        yield warning("backup-folder", text, _("Change its owner, or set BACKUP_DIR."))
