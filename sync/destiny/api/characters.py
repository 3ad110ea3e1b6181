"""The characters of all of the reader's memberships."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from api.errors import ERRORS
from api.problem import Problem
from destiny.door import OwnDestiny
from destiny.models import DestinyMembership, Guardian
from sync.destiny.api.own import Freshness, freshness_by_membership, names_of, own_or_none, picture
from sync.destiny.refresh import refresh_profile

router = Router(tags=["characters"])
STATS, ACTIVITIES = "DestinyStatDefinition", "DestinyActivityDefinition"
Names = dict[tuple[str, int], str]


class Named(BaseModel):
    """A definition of the manifest: its hash, and its name in the language of Accept-Language."""

    hash: int
    name: str = Field(description="Empty if it has none, or before the manifest is loaded.")


class Stat(Named):
    """A stat and its value."""

    value: int


class Activity(Named):
    """A character's current activity."""

    since: datetime | None


class Character(BaseModel):
    """A character. Ids are texts, since they are too large for the numbers of some programs."""

    id: str
    class_type: int = Field(description="0 Titan, 1 Hunter, 2 Warlock.")
    class_name: str
    race_type: int
    gender_type: int
    power: int
    stats: list[Stat]
    emblem: str | None = Field(description="The address of its picture.")
    emblem_background: str | None
    title_hash: int | None = Field(description="The record of the title that it shows.")
    minutes_played: int
    last_played_at: datetime | None
    activity: Activity | None = Field(description="null in orbit, and while nobody plays it.")


class Membership(BaseModel):
    """A membership with its characters, latest played first."""

    id: str
    type: int = Field(description="Bungie's number of the platform.")
    platform: str
    name: str
    is_current: bool = Field(description="Whether it is the one that you play, by cross save or your choice.")
    is_replaced: bool = Field(description="Whether cross save uses another one instead of it.")
    last_played_at: datetime | None
    freshness: Freshness
    characters: list[Character]


class Characters(BaseModel):
    """All memberships of your Bungie account; empty without one."""

    memberships: list[Membership]


@router.get("/characters", response={200: Characters, 304: None, ERRORS: Problem}, url_name="characters")
def characters(request: HttpRequest) -> Characters:
    """List your characters by membership: first the one that you play, last those that cross save replaced."""
    own = own_or_none(request)
    if own is None:
        return Characters(memberships=[])
    for one in own.memberships:
        refresh_profile(one)
    found = own.all_memberships
    guardians = [guardian for one in found for guardian in one.guardians.all()]
    names, ages = names_of(request, _wanted(guardians)), freshness_by_membership(found)
    return Characters(memberships=[_membership(one, own, ages[one], names) for one in found])


def _wanted(guardians: Sequence[Guardian]) -> dict[str, set[int]]:
    return {
        STATS: {int(one) for guardian in guardians for one in guardian.stats},
        ACTIVITIES: {one.activity_hash for one in guardians if one.activity_hash},
    }


def _membership(one: DestinyMembership, own: OwnDestiny, freshness: Freshness, names: Names) -> Membership:
    return Membership(
        id=str(one.membership_id),
        type=one.membership_type,
        platform=one.platform,
        name=one.name or one.platform_name,
        is_current=one == own.membership,
        is_replaced=one not in own.memberships,
        last_played_at=one.last_played_at,
        freshness=freshness,
        characters=[_character(guardian, names) for guardian in one.guardians.all()],
    )


def _character(guardian: Guardian, names: Names) -> Character:
    return Character(
        id=str(guardian.character_id),
        class_type=guardian.class_type,
        class_name=guardian.class_name,
        race_type=guardian.race_type,
        gender_type=guardian.gender_type,
        power=guardian.light,
        stats=[_stat(int(one), value, names) for one, value in sorted(guardian.stats.items())],
        emblem=picture(guardian.emblem_path),
        emblem_background=picture(guardian.background_path),
        title_hash=guardian.title_hash,
        minutes_played=guardian.minutes_played,
        last_played_at=guardian.last_played_at,
        activity=_activity(guardian, names),
    )


def _stat(found: int, value: int, names: Names) -> Stat:
    return Stat(hash=found, name=names.get((STATS, found), ""), value=value)


def _activity(guardian: Guardian, names: Names) -> Activity | None:
    found = guardian.activity_hash
    if not found:
        return None
    return Activity(hash=found, name=names.get((ACTIVITIES, found), ""), since=guardian.activity_started_at)
