"""Daily cleaning. Glue between Celery and the services."""

import logging

from celery import shared_task

from accounts import security_log
from accounts.session_store import SessionStore

logger = logging.getLogger(__name__)


@shared_task
def clean_security_log() -> None:
    """Delete security events that are older than a year."""
    logger.info("security log: %d expired events deleted", security_log.delete_expired())


@shared_task
def clear_expired() -> None:
    """Delete expired sessions, as `manage.py clearsessions` does."""
    SessionStore.clear_expired()
    logger.info("expired sessions deleted")
