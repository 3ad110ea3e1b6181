"""Milestones as pages and the API show them: names, rewards, and the progress of each guardian."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from destiny.manifest.readers import Json, Manifest
from destiny.models import Guardian, GuardianProgress, Milestone, VendorStock
from destiny.vendors.reset import week_began

MILESTONES, ACTIVITIES, VENDORS = "DestinyMilestoneDefinition", "DestinyActivityDefinition", "DestinyVendorDefinition"


@dataclass(frozen=True, slots=True)
class Done:
    """How far a guardian is: `done` of `needed`; `needed` is 0 if Bungie does not say."""

    guardian: Guardian
    done: int
    needed: int

    @property
    def is_complete(self) -> bool:
        return 0 < self.needed <= self.done


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """A milestone of the week."""

    milestone_hash: int
    name: str
    description: str
    activities: list[str]
    # Hash and name, and whether there is a public page about the vendor.
    vendors: list[tuple[int, str, bool]]
    rewards: list[str]
    starts_at: datetime | None
    ends_at: datetime | None
    guardians: list[Done]


def milestone_lines(manifest: Manifest, guardians: Sequence[Guardian]) -> list[MilestoneLine]:
    """Return the milestones that have a name, with the progress of these guardians; a constant number of statements."""
    now = timezone.now()
    rows = [one for one in Milestone.objects.all() if one.ends_at is None or one.ends_at > now]
    definitions = manifest.definitions(MILESTONES, [one.milestone_hash for one in rows])
    activities = manifest.names(ACTIVITIES, {found for one in rows for found, _ in one.activities})
    vendors = manifest.names(VENDORS, {found for one in rows for found in one.vendors})
    public = set(
        VendorStock.objects.filter(guardian=None, vendor_hash__in=vendors).values_list("vendor_hash", flat=True)
    )
    items = manifest.items({found for one in definitions.values() for found in _reward_items(one)})
    names = {found: one.name for found, one in items.items()}
    progress = _progress(guardians, now)
    lines = []
    for row in rows:
        definition = definitions.get(row.milestone_hash, {})
        name, description = _display(definition, row.quests)
        sellers = [(found, vendors[found], found in public) for found in row.vendors if found in vendors]
        if not (name or sellers):
            continue
        lines.append(
            MilestoneLine(
                milestone_hash=row.milestone_hash,
                name=name or sellers[0][1],
                description=description,
                activities=list(dict.fromkeys(activities[one] for one, _ in row.activities if one in activities)),
                vendors=sellers,
                rewards=_rewards(definition, names),
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                guardians=[_done(one, progress.get(one.pk, {}).get(str(row.milestone_hash))) for one in guardians],
            )
        )
    return lines


def _progress(guardians: Sequence[Guardian], now: datetime) -> dict[Any, Mapping[str, Any]]:
    """Return what the guardians have done, by guardian and milestone; nothing that was read last week."""
    rows = GuardianProgress.objects.filter(guardian__in=guardians, read_at__gte=week_began(now))
    return {one.guardian_id: one.milestones for one in rows}


def _done(guardian: Guardian, progress: Mapping[str, Any] | None) -> Done:
    """Return how many rewards a guardian has earned, or how many objectives are done where there are no rewards."""
    if progress is None:
        return Done(guardian, 0, 0)
    earned = [is_earned or is_redeemed for _, _, is_earned, is_redeemed in progress["rewards"]]
    complete = [is_complete for *_, is_complete in progress["objectives"]]
    counted = earned or complete
    return Done(guardian, sum(counted), len(counted))


def _display(definition: Json, quests: Sequence[int]) -> tuple[str, str]:
    """Return name and description: of the milestone itself, or of the quest that it offers."""
    listed = definition.get("quests") or {}
    offered = [listed[str(one)] for one in quests if str(one) in listed]
    for one in (definition, *offered):
        shown = one.get("displayProperties") or {}
        if shown.get("name"):
            return str(shown["name"]), str(shown.get("description", ""))
    return "", ""


def _entries(definition: Json) -> Iterator[Json]:
    for category in (definition.get("rewards") or {}).values():
        yield from (category.get("rewardEntries") or {}).values()


def _reward_items(definition: Json) -> Iterator[int]:
    for entry in _entries(definition):
        yield from (one["itemHash"] for one in entry.get("items") or () if isinstance(one.get("itemHash"), int))


def _rewards(definition: Json, items: Mapping[int, str]) -> list[str]:
    """Return the names of the rewards: of their items, or of the entry if it has none."""
    found = []
    for entry in _entries(definition):
        names = [items[one["itemHash"]] for one in entry.get("items") or () if items.get(one.get("itemHash"))]
        shown = entry.get("displayProperties") or {}
        found += names or [str(shown.get("name", ""))]
    return [one for one in dict.fromkeys(found) if one]
