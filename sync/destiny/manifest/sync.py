"""Fetch the manifest when Bungie has a new one, put it into the stores, and let pages read it."""

import logging

from django.conf import settings

from destiny.manifest.models import Edition
from sync.bungie.client import BungieClient
from sync.bungie.content_file import ContentError
from sync.destiny.manifest import definition_store, file_store
from sync.destiny.manifest.content import fetched
from sync.destiny.manifest.editions import current_edition, edition_of, make_current, refuse, remove_old
from sync.destiny.manifest.file_store import StorageUnavailable
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, BadPayload

logger = logging.getLogger(__name__)


def sync_manifest(*, client: BungieClient, claim: Claim) -> bool:
    """Bring the manifest up to date; returns whether the pages read another edition now.

    Raises ApiError, which is noted on the job, and then pages go on reading the edition that they read before.
    """
    try:
        has_changed = _sync(client, claim)
    except ApiError as error:
        transitions.fail(claim.jobs, error, claim=claim)
        raise
    transitions.succeed(claim.jobs, claim=claim, changed=has_changed)
    return has_changed


def _sync(client: BungieClient, claim: Claim) -> bool:
    edition = edition_of(client.manifest(settings.MANIFEST_LANGUAGES), claim)
    try:
        problem = _store(edition, client, claim)
        if settings.MANIFEST_IN_POSTGRESQL:
            definition_store.make_readable(edition)
    except ContentError as error:
        refuse(edition, str(error), claim)
        raise BadPayload("manifest", detail=str(error)) from error
    # Pages don't wait for an object store.
    is_usable = problem is None or settings.MANIFEST_IN_POSTGRESQL
    has_changed = is_usable and edition != current_edition()
    if has_changed:
        make_current(edition, claim)
        logger.info("manifest %s is current", edition.version)
    if problem is not None:
        raise problem
    remove_old(claim)
    return has_changed


def _store(edition: Edition, client: BungieClient, claim: Claim) -> StorageUnavailable | None:
    """Put into each store what it lacks; returns the problem of the content files' store, if it has one."""
    problem = None
    for language, path in edition.paths.items():
        lacks_definitions = settings.MANIFEST_IN_POSTGRESQL and not definition_store.has(edition, language)
        lacks_file = settings.MANIFEST_IN_FILES and problem is None and not file_store.has(edition, language)
        if not (lacks_definitions or lacks_file):
            continue
        with fetched(client, path) as (file, database):
            if lacks_definitions:
                definition_store.load(edition, language, database, claim)
            if lacks_file:
                try:
                    file_store.store(edition, language, file, claim)
                except StorageUnavailable as error:
                    problem = error
    return problem
