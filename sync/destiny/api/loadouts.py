"""Loadouts: those that the player built here, and the game's own."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from api.errors import ERRORS
from api.problem import Problem
from destiny.door import OwnDestiny
from destiny.loadouts import dim
from destiny.loadouts.build import Build, BuildItem
from destiny.loadouts.game import Identifiers, identifiers
from destiny.manifest.readers import manifest_of
from destiny.models import Guardian
from destiny.models import Loadout as Row
from sync.destiny.api.own import own_or_404, own_or_none

router = Router(tags=["loadouts"])


class LoadoutItem(BaseModel):
    """An item. Without an id, any item with the hash. `plugs` are hashes by socket."""

    id: str | None = Field(description="The instance id, as text: it is larger than JavaScript's numbers.")
    hash: int
    plugs: dict[str, int]
    is_worn: bool = Field(description="Others are carried along.")
    amount: int

    @classmethod
    def of(cls, item: BuildItem) -> "LoadoutItem":
        """Return the item of a build."""
        return cls(
            id=str(item.instance_id) if item.instance_id else None,
            hash=item.hash,
            plugs={str(socket): plug for socket, plug in item.plugs.items()},
            is_worn=item.is_worn,
            amount=item.amount,
        )


class Loadout(BaseModel):
    """A loadout that the player built here. Classes: 0 Titan, 1 Hunter, 2 Warlock, 3 any."""

    id: UUID
    name: str
    notes: str
    class_type: int
    items: list[LoadoutItem]
    mods: list[int]
    is_shared: bool
    revision: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Row) -> "Loadout":
        """Return the loadout of a row."""
        build = Build.of(row)
        return cls(
            id=row.pk,
            name=build.name,
            notes=build.notes,
            class_type=build.class_type,
            items=[LoadoutItem.of(one) for one in build.items],
            mods=list(build.mods),
            is_shared=getattr(row, "share", None) is not None,
            revision=row.revision,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class GameLoadout(BaseModel):
    """A loadout of the game that is not empty. `index` counts from 0, as Bungie's API does."""

    character_id: str
    index: int
    name: str
    name_hash: int
    icon_hash: int
    color_hash: int
    items: list[LoadoutItem]


class Loadouts(BaseModel):
    """All loadouts of the membership that counts."""

    membership_id: str | None = Field(description="null without a Bungie account.")
    loadouts: list[Loadout]
    in_game: list[GameLoadout]


@router.get("", response={200: Loadouts, 304: None, ERRORS: Problem}, url_name="loadouts")
def loadouts(request: HttpRequest) -> Loadouts:
    """Return the player's loadouts and the game's own."""
    own = own_or_none(request)
    if own is None:
        return Loadouts(membership_id=None, loadouts=[], in_game=[])
    return Loadouts(
        membership_id=str(own.membership.membership_id),
        loadouts=[Loadout.of(one) for one in own.loadouts.select_related("share")],
        in_game=list(_in_game(own, identifiers(manifest_of(request)))),
    )


@router.get("/{uuid:loadout_id}", response={200: Loadout, 304: None, ERRORS: Problem}, url_name="loadout")
def loadout(request: HttpRequest, loadout_id: UUID) -> Loadout:
    """Return one of the player's loadouts."""
    return Loadout.of(own_or_404(request).loadout(loadout_id))


@router.get(
    "/{uuid:loadout_id}/dim", response={200: dict[str, Any], 304: None, ERRORS: Problem}, url_name="loadout_for_dim"
)
def loadout_for_dim(request: HttpRequest, loadout_id: UUID) -> dict[str, Any]:
    """Return one of the player's loadouts as Destiny Item Manager has it."""
    return dim.document_of(own_or_404(request).loadout(loadout_id))


def _in_game(own: OwnDestiny, known: Identifiers) -> Iterator[GameLoadout]:
    hashes = dict(own.items.filter(instance_id__isnull=False).values_list("instance_id", "item_hash"))
    for guardian in own.guardians:
        yield from _of_guardian(guardian, dict(known.names), hashes)


def _of_guardian(guardian: Guardian, names: dict[int, str], hashes: dict[Any, int]) -> Iterator[GameLoadout]:
    for index, stored in enumerate(guardian.loadouts):
        if stored is not None:
            items = (
                BuildItem(hashes.get(instance, 0), instance, dict(enumerate(plugs)))
                for instance, plugs in stored["items"]
            )
            yield GameLoadout(
                character_id=str(guardian.character_id),
                index=index,
                name=names.get(stored["name"], ""),
                name_hash=stored["name"],
                icon_hash=stored["icon"],
                color_hash=stored["color"],
                items=[LoadoutItem.of(one) for one in items],
            )
