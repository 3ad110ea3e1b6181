"""Exports of everything that the apps store about a user, and the deletion of accounts."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from celery import current_app
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import personal_data, security_log
from accounts.models import EXPORT_KEPT, DataExport, DeletedAccount, User

logger = logging.getLogger(__name__)

# Exports of more rows are left to a worker, so that no request takes seconds.
MAX_IMMEDIATE_ROWS = 1_000


class WorkersUnavailable(Exception):
    """The export could not be sent to a worker."""


def is_small(person: User) -> bool:
    """Return True if the export is small enough to prepare during the request."""
    return sum(section.count(person) for section in personal_data.sections()) <= MAX_IMMEDIATE_ROWS


def document_of(person: User) -> str:
    """Return the whole export as JSON, read in one transaction."""
    with transaction.atomic():
        parts = {name: part for section in personal_data.sections() for name, part in section.export(person).items()}
    document = {"site": settings.SITE_URL, "exported_at": timezone.now(), **parts}
    return json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def current_export(person: User) -> DataExport | None:
    """Return the user's pending or finished export, without the document."""
    export = DataExport.objects.filter(user=person).defer("document").first()
    return None if export is None or export.is_expired else export


def request_export(*, person: User) -> DataExport:
    """Replace the user's export by a new one that a worker prepares. Raises WorkersUnavailable."""
    with transaction.atomic():
        DataExport.objects.filter(user=person).delete()
        export = DataExport.objects.create(user=person)
    try:
        # By name: the tasks import this module.
        current_app.send_task("accounts.tasks.make_export", (str(export.pk),), queue="interactive")
    except OperationalError as error:
        export.delete()
        raise WorkersUnavailable from error
    return export


def make_export(export_id: UUID) -> None:
    """Prepare a requested export. Does nothing if the export or the account was deleted meanwhile."""
    export = DataExport.objects.select_related("user").filter(pk=export_id, ready_at=None).first()
    if export is not None:
        document = document_of(export.user)
        DataExport.objects.filter(pk=export.pk).update(document=document, ready_at=timezone.now())


def delete_expired_exports() -> int:
    """Delete expired exports. Returns how many."""
    return DataExport.objects.filter(created_at__lte=timezone.now() - EXPORT_KEPT).delete()[0]


PROOF_KEPT = timedelta(days=365)


@transaction.atomic
def delete_account(*, person: User, actor: User) -> bool:
    """Delete the user and what each app stores about them. Returns False if the account was already deleted.

    The locks taken first keep a running sync from restoring anything. `actor` is the user or a site admin.
    See docs/decisions/0025-deleting-an-account.md.
    """
    sections = list(reversed(personal_data.sections()))
    for section in sections:
        section.lock(person)
    if not User.objects.filter(pk=person.pk).exists():
        return False
    proofs = [DeletedAccount.of(one) for one in _identities(person)]
    for proof in proofs:
        proof.save()
    # The first is that of Battle.net, if there is one.
    first = proofs[0].pk if proofs else None
    security_log.record(security_log.Event.ACCOUNT_DELETED, user=person, actor=actor, proof=first)
    for section in sections:
        section.erase(person)
    return True


def _identities(person: User) -> Iterator[int | str]:
    """Yield the ids with which the person can ask for the proof."""
    if person.battlenet_id is not None:
        yield person.battlenet_id
    bungie = SocialAccount.objects.filter(user=person, provider="bungie")
    yield from (f"bungie/{uid}" for uid in bungie.values_list("uid", flat=True))


def proofs_of_deletion(identity: int | str) -> Iterator[DeletedAccount]:
    """Yield the proofs that an account with this Battle.net id, or "bungie/ID", was deleted."""
    return (one for one in DeletedAccount.objects.all().iterator() if one.is_of(identity))


def delete_expired_proofs() -> int:
    """Delete proofs that are older than PROOF_KEPT; returns how many."""
    return DeletedAccount.objects.filter(deleted_at__lt=timezone.now() - PROOF_KEPT).delete()[0]
