"""Milestones as frozen dataclasses: those of the week for everybody, and how far each character has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.bungie.components import Component, by_id, component, entries_by_id
from sync.bungie.fields import flag, hash_of, moment, optional_enum
from sync.engine.errors import PayloadError
from sync.engine.fields import Entries, Json, as_object, list_of, part

# CharacterProgressions, Collectibles.
COMPONENTS = (202, 800)
MOST_MILESTONES, MOST_PARTS, MOST_CHARACTERS = 1_000, 200, 20
# The flag of a collectible that nobody of the account has. The list of flags is not in Bungie's recorded answers [?].
NOT_ACQUIRED = 1


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity of a milestone, and the objectives in it."""

    hash: int
    objectives: tuple[int, ...]

    @classmethod
    def from_json(cls, json: Json) -> "Activity":
        return cls(hash_of(json, "activityHash"), _hashes(json, "challengeObjectiveHashes"))


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone as it is for everybody. Everything but its hash can be missing."""

    hash: int
    order: int
    starts_at: datetime | None
    ends_at: datetime | None
    activities: Entries[Activity]
    quests: tuple[int, ...]
    vendors: tuple[int, ...]

    @classmethod
    def from_json(cls, json: Json) -> "Milestone":
        return cls(
            hash=hash_of(json, "milestoneHash"),
            order=optional_enum(json, "order"),
            starts_at=moment(json, "startDate"),
            ends_at=moment(json, "endDate"),
            activities=Entries.read(list_of(json, "activities", optional=True), Activity.from_json, "activities"),
            quests=_hashes_of(json, "availableQuests", "questItemHash"),
            vendors=tuple(dict.fromkeys((*_hashes(json, "vendorHashes"), *_hashes_of(json, "vendors", "vendorHash")))),
        )


def parse_milestones(response: Json) -> Mapping[int, Milestone]:
    """Return the milestones of the public answer by their hashes."""
    return entries_by_id(as_object(response, "milestones"), "milestones", Milestone.from_json, MOST_MILESTONES)


@dataclass(frozen=True, slots=True)
class Objective:
    """A character's progress in one thing to do."""

    hash: int
    progress: int
    needed: int
    is_complete: bool

    @classmethod
    def from_json(cls, json: Json) -> "Objective":
        return cls(
            hash_of(json, "objectiveHash"),
            optional_enum(json, "progress"),
            optional_enum(json, "completionValue"),
            flag(json, "complete"),
        )


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward of a milestone, by category and entry of its definition."""

    category: int
    entry: int
    is_earned: bool
    is_redeemed: bool


@dataclass(frozen=True, slots=True)
class MilestoneProgress:
    """A character's progress in a milestone. An objective counts once, although each activity lists it."""

    hash: int
    objectives: tuple[Objective, ...]
    rewards: tuple[Reward, ...]

    @classmethod
    def from_json(cls, json: Json) -> "MilestoneProgress":
        listed = [*_objectives_of_activities(json), *_objectives_of_quests(json)]
        return cls(
            hash=hash_of(json, "milestoneHash"),
            objectives=tuple({one.hash: one for one in listed}.values()),
            rewards=tuple(_rewards(json)),
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """A membership's progress: milestones by character and hash, and the collectibles that it does not have yet."""

    minted_at: datetime | None
    milestones: Component[Mapping[int, Mapping[int, MilestoneProgress]]]
    missing: Component[frozenset[int]]

    @classmethod
    def from_json(cls, json: Json) -> "Progress":
        return cls(
            minted_at=moment(json, "responseMintedTimestamp"),
            milestones=by_id(json, "characterProgressions", _milestones, most=MOST_CHARACTERS),
            missing=_missing(json),
        )


def _milestones(data: Json) -> Mapping[int, MilestoneProgress]:
    if data.get("milestones") is None:
        return {}
    return entries_by_id(part(data, "milestones"), "milestones", MilestoneProgress.from_json, MOST_MILESTONES)


def _objectives_of_activities(json: Json) -> list[Objective]:
    activities = [as_object(one, "activities[]") for one in _few(json, "activities")]
    challenges = [as_object(one, "challenges[]") for activity in activities for one in _few(activity, "challenges")]
    return [Objective.from_json(part(one, "objective")) for one in challenges if one.get("objective") is not None]


def _objectives_of_quests(json: Json) -> list[Objective]:
    quests = [as_object(one, "availableQuests[]") for one in _few(json, "availableQuests")]
    states = [as_object(one["status"], "status") for one in quests if one.get("status") is not None]
    steps = [as_object(one, "stepObjectives[]") for state in states for one in _few(state, "stepObjectives")]
    return [Objective.from_json(one) for one in steps]


def _rewards(json: Json) -> list[Reward]:
    found = []
    for category in (as_object(one, "rewards[]") for one in _few(json, "rewards")):
        for entry in (as_object(one, "entries[]") for one in _few(category, "entries")):
            where = hash_of(category, "rewardCategoryHash"), hash_of(entry, "rewardEntryHash")
            found.append(Reward(*where, flag(entry, "earned"), flag(entry, "redeemed")))
    return found


def _missing(json: Json) -> Component[frozenset[int]]:
    """Return the collectibles that neither the account nor one of its characters has."""
    nothing: frozenset[int] = frozenset()
    found = component(json, "profileCollectibles", lambda data: _not_acquired(data)[0], nothing)
    by_character = by_id(json, "characterCollectibles", _not_acquired, most=MOST_CHARACTERS).data.values()
    acquired = {one for _, some in by_character for one in some}
    missing = {one for some, _ in by_character for one in some} - acquired
    return Component(frozenset(found.data | missing) - acquired, found.shown)


def _not_acquired(data: Json) -> tuple[frozenset[int], frozenset[int]]:
    """Return the collectibles that are missing, and those that are there."""
    states = entries_by_id(part(data, "collectibles"), "collectibles", lambda one: optional_enum(one, "state"))
    missing = frozenset(one for one, state in states.items() if state & NOT_ACQUIRED)
    return missing, frozenset(states) - missing


def _hashes(json: Json, field: str) -> tuple[int, ...]:
    return tuple(hash_of({field: one}, field) for one in _few(json, field))


def _hashes_of(json: Json, field: str, name: str) -> tuple[int, ...]:
    """Return the hashes with this name in a list of objects, without those that lack it."""
    listed = [as_object(one, f"{field}[]") for one in _few(json, field)]
    return tuple(hash_of(one, name) for one in listed if one.get(name) is not None)


def _few(json: Json, field: str) -> list[Any]:
    values = list_of(json, field, optional=True)
    if len(values) > MOST_PARTS:
        raise PayloadError(f"{field} has {len(values)} entries, more than {MOST_PARTS}")
    return values
