"""Writes of loadouts: saved, deleted, shared by a link, no longer shared."""

import hashlib
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from destiny.loadouts.build import Build
from destiny.models import BungieAccount, DestinyMembership, Loadout, LoadoutShare

MOST_LOADOUTS = 500
TOKEN_BYTES = 32


class TooManyLoadouts(Exception):
    """The membership has as many as it can have."""


class SavedMeanwhile(Exception):
    """Another window or person saved the loadout after the form was opened."""


@transaction.atomic
def add_loadouts(*, membership: DestinyMembership, builds: Sequence[Build]) -> list[Loadout]:
    """Store new loadouts, all or none. Raises TooManyLoadouts."""
    # Whoever deletes the account, or adds loadouts in another window, waits.
    list(BungieAccount.objects.select_for_update(of=("self",)).filter(pk=membership.account_id).values_list("pk"))
    if Loadout.objects.filter(membership=membership).count() + len(builds) > MOST_LOADOUTS:
        raise TooManyLoadouts
    return Loadout.objects.bulk_create([Loadout(membership=membership, **one.columns()) for one in builds])


def change_loadout(*, loadout: Loadout, build: Build, revision: int) -> None:
    """Save a loadout over the revision that the form was based on. Raises SavedMeanwhile if it has another one now."""
    unchanged = Loadout.objects.filter(pk=loadout.pk, revision=revision)
    if not unchanged.update(**build.columns(), revision=F("revision") + 1, updated_at=timezone.now()):
        raise SavedMeanwhile


def delete_loadout(*, loadout: Loadout) -> None:
    """Delete a loadout; its link stops working."""
    Loadout.objects.filter(pk=loadout.pk).delete()


@transaction.atomic
def share_loadout(*, loadout: Loadout, shows_name: bool) -> str:
    """Give the loadout a new link, and return its token, which is not stored. An earlier link stops working."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Loadout.objects.select_for_update(of=("self",)).get(pk=loadout.pk)
    LoadoutShare.objects.filter(loadout=loadout).delete()
    LoadoutShare.objects.create(loadout=loadout, token_hash=hash_of(token), shows_name=shows_name)
    return token


def stop_sharing(*, loadout: Loadout) -> None:
    """Delete the link of the loadout."""
    LoadoutShare.objects.filter(loadout=loadout).delete()


def shared_loadout(token: str) -> LoadoutShare | None:
    """Return what is shared by the link with this token."""
    shares = LoadoutShare.objects.select_related("loadout__membership")
    return shares.filter(token_hash=hash_of(token)).first()


def hash_of(token: str) -> str:
    """Return what is stored of a token. It is random and long, so it needs neither salt nor a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
