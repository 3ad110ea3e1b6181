"""Editions of the manifest: which one an index of Bungie's is, which one pages read, and which ones are kept."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from destiny.manifest import partitions
from destiny.manifest.models import LONGEST_PROBLEM, Edition
from sync.bungie.manifest import ManifestIndex
from sync.destiny.manifest import file_store
from sync.engine.claims import Claim

State = Edition.State


def current_edition() -> Edition | None:
    """Return the edition that pages read."""
    return Edition.objects.filter(state=State.CURRENT).first()


def edition_of(index: ManifestIndex, claim: Claim) -> Edition:
    """Return the edition with the paths of the index; a new one is loading."""
    with transaction.atomic():
        claim.ensure_held()
        known = Edition.objects.filter(paths=index.paths).order_by("pk").last()
        return known or Edition.objects.create(version=index.version, paths=index.paths)


def make_current(edition: Edition, claim: Claim) -> None:
    """Let all pages read the edition from now on."""
    with transaction.atomic():
        claim.ensure_held()
        Edition.objects.filter(state=State.CURRENT).update(state=State.PREVIOUS)
        edition.state, edition.problem, edition.current_since = State.CURRENT, "", timezone.now()
        edition.save(update_fields=["state", "problem", "current_since"])


def refuse(edition: Edition, problem: str, claim: Claim) -> None:
    """Note why the edition can't be used. What is current stays so."""
    with transaction.atomic():
        claim.ensure_held()
        edition.problem = problem[:LONGEST_PROBLEM]
        if edition.state == State.LOADING:
            edition.state = State.REFUSED
        edition.save(update_fields=["state", "problem"])


def remove_old(claim: Claim) -> None:
    """Remove all but the current edition and the one before it. Raises StorageUnavailable."""
    latest = Edition.objects.exclude(current_since=None).order_by(F("current_since").desc())
    kept = list(latest[:2])
    old = Edition.objects.exclude(pk__in=[one.pk for one in kept])
    for edition in old.prefetch_related("files"):
        file_store.delete(edition.files.all())
    with transaction.atomic():
        claim.ensure_held()
        old.delete()
    partitions.drop_all_but(kept)
