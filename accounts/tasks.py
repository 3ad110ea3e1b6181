"""Celery tasks: daily cleanup, and large exports."""

import logging
from uuid import UUID

from celery import shared_task

from accounts import data_requests, security_log
from accounts.session_store import SessionStore

logger = logging.getLogger(__name__)


@shared_task
def clean_security_log() -> None:
    """Delete security events that are older than a year."""
    logger.info("security log: %d expired events deleted", security_log.delete_expired())


@shared_task
def clear_expired() -> None:
    """Delete expired sessions, as `manage.py clearsessions` does, expired exports, and old proofs of deletion."""
    SessionStore.clear_expired()
    proofs, files = data_requests.delete_expired_proofs(), data_requests.delete_expired_exports()
    logger.info("expired: sessions, %d exports, %d proofs of deletion deleted", files, proofs)


@shared_task
def make_export(export_id: str) -> None:
    """Prepare a user's export."""
    data_requests.make_export(UUID(export_id))
