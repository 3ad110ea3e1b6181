"""The details of active members: portrait, and the specializations for which talents are chosen.

They cost two or three requests a character, so they are fetched once a week, after everything else, and only for
characters in a guild that are played.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from characters.models import HIDDEN, Character, CharacterQuerySet, Picture
from sync.blizzard.client import BlizzardClient
from sync.blizzard.game_data import NamedId
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, Forbidden, NotFound, Postponed
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.wow.game_data import ensure_game_data
from sync.wow.jobs import create_details_jobs
from sync.wow.pictures import Unusable, fetch_picture, write_pictures
from sync.wow.provider import subject_of

logger = logging.getLogger(__name__)

EVERY = timedelta(days=7)
# A member that was played this recently is active.
ACTIVE = timedelta(days=14)
# Jobs that one run of the schedule adds, so that a large new guild does not take it all.
ADDED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class FetchedDetails:
    """A character's fetched details. `portrait` is None without one, and is to be left alone if `keeps_portrait`."""

    character: Character
    specializations: tuple[NamedId, ...] = ()
    portrait: Picture | None = None
    keeps_portrait: bool = True
    is_unusable: bool = False
    error: ApiError | None = None


def interval() -> timedelta:
    """Return how often the details of a character are fetched."""
    return EVERY


def due_details() -> BlizzardJobQuerySet:
    """Return the jobs of active members whose details were not fetched this week."""
    due = BlizzardJob.objects.filter(
        Q(attempted_at=None) | Q(attempted_at__lt=timezone.now() - EVERY),
        kind=BlizzardJob.Kind.DETAILS,
        character__in=_active_members(),
    )
    return due if settings.BLIZZARD_MEDIA_URLS else due.none()


def add_missing_jobs() -> None:
    """Create the jobs of active members that have none."""
    if settings.BLIZZARD_MEDIA_URLS:
        jobs = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.DETAILS, character=OuterRef("pk"))
        found = _active_members().exclude(Exists(jobs)).order_by().values_list("pk", flat=True)
        create_details_jobs(found[:ADDED_AT_ONCE])


def run_details(client: BlizzardClient, claim: Claim) -> None:
    """Fetch the details of the claim's characters one after the other, and write them together."""
    wanted = Character.objects.select_related("realm", "membership", "picture").defer("picture__content")
    batch: list[FetchedDetails] = []
    for character in wanted.filter(pk__in=claim.held.values("character")):
        postponed = batch[-1].error if batch and isinstance(batch[-1].error, Postponed) else None
        batch.append(FetchedDetails(character, error=postponed) if postponed else _fetch(client, character))
    _apply(batch, claim)


def _fetch(client: BlizzardClient, character: Character) -> FetchedDetails:
    where = (character.region, character.realm.slug, character.name)
    subject, stored = subject_of(character), getattr(character, "picture", None)
    try:
        specializations = client.character_specializations(*where, subject=subject)
        media = client.character_media(*where, since=stored.last_modified if stored else None, subject=subject)
        ids = {specializations.id, media.payload.id if media.payload else specializations.id}
        if ids != {character.blizzard_id}:
            # Another character has the name now, or ours has a new id: a roster or an account tells.
            return FetchedDetails(character, error=NotFound("/character-media", detail="of another character"))
        if media.payload is None:
            return FetchedDetails(character, specializations.chosen)
        picture = fetch_picture(client, character.region, media.payload.portrait, media.last_modified, subject=subject)
    except Unusable as error:
        logger.warning("A portrait is not used: %s", error)
        return FetchedDetails(character, specializations.chosen, is_unusable=True)
    except ApiError as error:
        return FetchedDetails(character, error=error)
    return FetchedDetails(character, specializations.chosen, picture, keeps_portrait=False)


@transaction.atomic
def _apply(batch: Sequence[FetchedDetails], claim: Claim) -> None:
    # Jobs are deleted with their characters, so each of these has a row to the end of the transaction.
    held = claim.lock("character")
    batch = [one for one in batch if one.character.pk in held]
    answered = [one for one in batch if one.error is None]
    _write_specializations(answered)
    write_pictures("character", {one.character.pk: one.portrait for one in answered if not one.keeps_portrait})
    for is_unusable in (False, True):
        if ids := [one.character.pk for one in answered if one.is_unusable is is_unusable]:
            transitions.succeed(_jobs(ids), claim=claim, changed=True, unreadable_entries=int(is_unusable))
    for one in batch:
        if one.error is not None:
            normal = isinstance(one.error, NotFound | Forbidden)
            note = transitions.finish_without_data if normal else transitions.fail
            note(_jobs([one.character.pk]), one.error, claim=claim)


def _write_specializations(answered: Sequence[FetchedDetails]) -> None:
    if not answered:
        return
    specs = {(spec.id, spec.name, one.character.playable_class_id) for one in answered for spec in one.specializations}
    ensure_game_data(
        region=answered[0].character.region,
        specs=[(pk, name, class_id) for pk, name, class_id in specs if class_id is not None],
    )
    table = Character.specializations.through
    wanted = {(one.character.pk, spec.id) for one in answered for spec in one.specializations}
    rows = table.objects.filter(character__in=[one.character.pk for one in answered])
    stored = {(row.character_id, row.specialization_id): row.pk for row in rows}
    table.objects.filter(pk__in=[stored[pair] for pair in stored.keys() - wanted]).delete()
    missing = sorted(wanted - stored.keys())
    table.objects.bulk_create([table(character_id=who, specialization_id=spec) for who, spec in missing])


def _active_members() -> CharacterQuerySet:
    played = Character.objects.filter(membership__isnull=False, last_login_at__gte=timezone.now() - ACTIVE)
    return played.filter(membership__guild__deleted_at=None).exclude(profile_state__in=HIDDEN)


def _jobs(characters: Sequence[UUID]) -> BlizzardJobQuerySet:
    return BlizzardJob.objects.filter(character__in=characters, kind=BlizzardJob.Kind.DETAILS)
