"""A person's export: one JSON file of everything that the apps store about them."""

import json
import logging
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import personal_data, security_log
from accounts.data_requests import EXPORT_KEPT
from accounts.models import DataExport, User

logger = logging.getLogger(__name__)

# More rows than this are collected by a worker, so that no request takes seconds.
MOST_AT_ONCE = 1_000


class WorkersUnavailable(Exception):
    """The export cannot be given to the workers now."""


def is_small(person: User) -> bool:
    """Return whether the export can be made while the person waits."""
    return sum(section.count(person) for section in personal_data.sections()) <= MOST_AT_ONCE


def document_of(person: User) -> str:
    """Return the whole export as JSON, read from one moment's database."""
    with transaction.atomic():
        parts = {name: part for section in personal_data.sections() for name, part in section.export(person).items()}
    document = {"site": settings.SITE_URL, "exported_at": timezone.now(), **parts}
    return json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def current_export(person: User) -> DataExport | None:
    """Return the person's export that is being made or can be downloaded, without the document."""
    export = DataExport.objects.filter(user=person).defer("document").first()
    return None if export is None or export.is_expired else export


def request_export(*, person: User) -> DataExport:
    """Have the person's export made by a worker, in place of an earlier one. Raises WorkersUnavailable."""
    with transaction.atomic():
        DataExport.objects.filter(user=person).delete()
        export = DataExport.objects.create(user=person)
    try:
        # By its name, so that this module need not know the tasks, which know it.
        current_app.send_task("accounts.tasks.make_export", (str(export.pk),), queue="interactive")
    except OperationalError as error:
        export.delete()
        raise WorkersUnavailable from error
    return export


def make_export(export_id: UUID) -> None:
    """Fill in a requested export. Does nothing when the person deleted it, or the account, meanwhile."""
    export = DataExport.objects.select_related("user").filter(pk=export_id, ready_at=None).first()
    if export is not None:
        document = document_of(export.user)
        DataExport.objects.filter(pk=export.pk).update(document=document, ready_at=timezone.now())


def record_export(person: User) -> None:
    """Write into the security log that the person received their data."""
    security_log.record(security_log.Event.DATA_EXPORTED, user=person, actor=person)


def delete_expired() -> int:
    """Delete exports that are no longer offered; returns how many."""
    return DataExport.objects.filter(created_at__lte=timezone.now() - EXPORT_KEPT).delete()[0]
