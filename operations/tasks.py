"""The Celery tasks of operations."""

import logging

from celery import shared_task
from django.conf import settings

from operations.backup import retention
from operations.backup.errors import BackupError
from operations.backup.history import back_up_and_record

logger = logging.getLogger(__name__)


@shared_task
def back_up() -> None:
    """Back up the database, and delete the backups that are old enough."""
    try:
        file = back_up_and_record(settings.BACKUP_DIR)
    except BackupError as error:
        logger.error("backup: %s", error)
        return
    logger.info("backup: %s, %d old ones deleted", file, len(retention.delete_old(settings.BACKUP_DIR)))
