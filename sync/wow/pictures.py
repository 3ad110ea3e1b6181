"""Fetched pictures: checked, and written where they differ."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from characters.images import NotAPicture, content_type_of
from characters.models import Picture
from sync.blizzard.client import BlizzardClient
from sync.engine.errors import BadPayload, NotFound
from sync.engine.protocols import Subject

logger = logging.getLogger(__name__)


class Unusable(Exception):
    """Something came that is no picture, or from a host that is not known; the picture that we have stays."""


def fetch_picture(
    client: BlizzardClient, region: str, address: str, modified: datetime | None, *, subject: Subject | None = None
) -> Picture | None:
    """Return the picture at the address, not saved and without a subject; None if there is none. Raises Unusable."""
    if not address:
        return None
    try:
        fetched = client.picture(region, address, subject=subject)
        if not fetched.content_type.startswith("image/"):
            raise Unusable("its content type is no picture's")
        kind = content_type_of(fetched.content)
    except NotFound:
        return None
    except (BadPayload, NotAPicture) as error:
        raise Unusable(str(error)) from None
    return Picture(content=fetched.content, content_type=kind, last_modified=modified)


def write_pictures(field: str, pictures: Mapping[Any, Picture | None]) -> int:
    """Store the pictures by the id of their subject, in a constant number of statements; returns how many differ.

    `field` is "character", "playable_class" or "specialization". None deletes the picture. One with the same bytes
    keeps its address.
    """
    stored = {getattr(one, f"{field}_id"): one for one in Picture.objects.filter(**{f"{field}__in": pictures})}
    same = [pk for pk, one in pictures.items() if _is_same(stored.get(pk), one)]
    changed = pictures.keys() - same
    Picture.objects.filter(**{f"{field}__in": changed & stored.keys()}).delete()
    new = {pk: one for pk in changed if (one := pictures[pk]) is not None}
    for pk, one in new.items():
        setattr(one, f"{field}_id", pk)
    Picture.objects.bulk_create(new.values())
    return len(changed)


def _is_same(stored: Picture | None, fetched: Picture | None) -> bool:
    if stored is None or fetched is None:
        return stored is fetched
    return bytes(stored.content) == fetched.content
