"""Deletion of accounts, with the data of every app in one transaction."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import personal_data, security_log
from accounts.models import DeletedAccount, User

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
    proof = DeletedAccount.of(person.battlenet_id)
    proof.save()
    security_log.record(security_log.Event.ACCOUNT_DELETED, user=person, actor=actor, proof=proof.pk)
    for section in sections:
        section.erase(person)
    return True


def proofs_of_deletion(battlenet_id: int) -> Iterator[DeletedAccount]:
    """Yield the proofs that an account with this Battle.net id was deleted."""
    return (one for one in DeletedAccount.objects.all().iterator() if one.is_of(battlenet_id))


def delete_expired_proofs() -> int:
    """Delete proofs that are older than PROOF_KEPT; returns how many."""
    return DeletedAccount.objects.filter(deleted_at__lt=timezone.now() - PROOF_KEPT).delete()[0]
