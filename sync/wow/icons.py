"""The icons of classes and specializations: the same in every region, fetched once a month."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from characters.models import GameData, Picture, PlayableClass, Specialization
from sync.blizzard.client import BlizzardClient
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, BadPayload, Forbidden, NotFound
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.wow.pictures import Unusable, fetch_picture, write_pictures

logger = logging.getLogger(__name__)

# Requests for 13 classes and 40 specializations: a document and a picture each.
REQUESTS = 106
EVERY = timedelta(days=28)
RETRIED_EVERY = timedelta(days=1)
# By the field of `Picture`: the model, and its kind in Battle.net's addresses.
KINDS: dict[str, tuple[type[GameData], str]] = {
    "playable_class": (PlayableClass, "playable-class"),
    "specialization": (Specialization, "playable-specialization"),
}


def interval() -> timedelta:
    """Return how often the icons are fetched."""
    return EVERY


def due_icons() -> BlizzardJobQuerySet:
    """Return the job of the icons if a month has passed, or a day while one is missing."""
    now = timezone.now()
    is_one_missing = (
        PlayableClass.objects.filter(picture=None).exists() or Specialization.objects.filter(picture=None).exists()
    )
    before = now - (RETRIED_EVERY if is_one_missing else EVERY)
    due = Q(attempted_at=None) | Q(attempted_at__lt=before)
    jobs = BlizzardJob.objects.filter(due, kind=BlizzardJob.Kind.ICONS)
    return jobs if settings.BLIZZARD_MEDIA_URLS else jobs.none()


def run_icons(client: BlizzardClient, claim: Claim) -> None:
    """Fetch all icons and write those that differ. Raises ApiError, which is noted on the job."""
    region = claim.jobs.get().region or ""
    try:
        icons = {field: dict(_fetch(client, region, field)) for field in KINDS}
    except ApiError as error:
        transitions.fail(claim.jobs, error, claim=claim)
        raise
    with transaction.atomic():
        claim.ensure_held()
        changed = [write_pictures(field, found) for field, found in icons.items()]
        transitions.succeed(claim.jobs, claim=claim, changed=any(changed))


def _fetch(client: BlizzardClient, region: str, field: str) -> Iterator[tuple[int, Picture]]:
    """Yield each icon with the id of its class or specialization; those without a usable one are left out."""
    model, kind = KINDS[field]
    for pk in list(model._default_manager.order_by("pk").values_list("pk", flat=True)):
        try:
            picture = fetch_picture(client, region, client.icon_address(region, kind, pk), None)
        except (NotFound, Forbidden, BadPayload, Unusable) as error:
            logger.warning("The icon of %s %d is not used: %s", kind, pk, error)
        else:
            if picture is not None:
                yield pk, picture
