"""Guardians as the first page shows them, with the words of the game."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from destiny import game
from destiny.manifest.readers import Manifest
from destiny.models import DestinyMembership, Guardian, Item

RACES, STATS, ACTIVITIES = "DestinyRaceDefinition", "DestinyStatDefinition", "DestinyActivityDefinition"
RECORDS, ITEMS = "DestinyRecordDefinition", "DestinyInventoryItemDefinition"
# Where the game draws its bars to.
MOST_OF_A_STAT = 200


@dataclass(frozen=True, slots=True)
class GuardianCard:
    """A guardian. `activity` is empty in orbit, and while nobody plays. `lost` counts what is at the postmaster."""

    guardian: Guardian
    race: str
    title: str
    emblem: str
    activity: str
    stats: list[tuple[str, int, int]]
    lost: int

    @property
    def symbol(self) -> str:
        return {0: "titan", 1: "hunter", 2: "warlock"}.get(self.guardian.class_type, "item")

    @property
    def hours_played(self) -> int:
        return self.guardian.minutes_played // 60

    @property
    def is_postmaster_full(self) -> bool:
        """Return whether the next things that it loses push out the oldest ones soon."""
        return self.lost >= game.WARN_FROM


def cards_of(memberships: Sequence[DestinyMembership], manifest: Manifest | None) -> dict[UUID, list[GuardianCard]]:
    """Return the cards of all guardians by membership, those played last first."""
    guardians = list(Guardian.objects.filter(membership__in=memberships))
    words = _names(guardians, manifest)
    lost, titles = _lost(guardians), _titles(guardians, manifest)
    found: dict[UUID, list[GuardianCard]] = {one.pk: [] for one in memberships}
    for one in guardians:
        stats = [
            (words[STATS, stat], value, min(100, 100 * value // MOST_OF_A_STAT))
            for stat in game.GUARDIAN_STATS
            if (value := one.stats.get(str(stat))) is not None and (STATS, stat) in words
        ]
        race = words.get((RACES, game.RACES.get(one.race_type, 0)), "")
        activity = words.get((ACTIVITIES, one.activity_hash), "")
        title, emblem = titles.get(one.pk, ""), words.get((ITEMS, one.emblem_hash), "")
        found[one.membership_id].append(GuardianCard(one, race, title, emblem, activity, stats, lost.get(one.pk, 0)))
    return found


def _lost(guardians: Iterable[Guardian]) -> dict[UUID, int]:
    rows = Item.objects.filter(guardian__in=guardians, bucket_hash=game.LOST_ITEMS).order_by()
    return dict(rows.values_list("guardian").annotate(n=Count("pk")))


def _titles(guardians: Sequence[Guardian], manifest: Manifest | None) -> dict[UUID, str]:
    """Return the titles that guardians have chosen, in the form of their body type. They are in records."""
    chosen = {one.title_hash for one in guardians if one.title_hash}
    if manifest is None or not chosen:
        return {}
    records = manifest.definitions(RECORDS, chosen)
    forms = {one.pk: records.get(one.title_hash or 0, {}).get("titleInfo", {}) for one in guardians}
    return {
        one.pk: (forms[one.pk].get("titlesByGender") or {}).get("Female" if one.gender_type == 1 else "Male", "")
        for one in guardians
    }


def _names(guardians: Sequence[Guardian], manifest: Manifest | None) -> dict[tuple[str, int], str]:
    """Return the names of what the guardians are and do, in one statement for each table at most."""
    if manifest is None:
        return {}
    wanted = {
        RACES: {game.RACES[one.race_type] for one in guardians if one.race_type in game.RACES},
        STATS: set(game.GUARDIAN_STATS),
        ACTIVITIES: {one.activity_hash for one in guardians} - {0},
        ITEMS: {one.emblem_hash for one in guardians} - {0},
    }
    return {
        (table, found): name
        for table, hashes in wanted.items()
        if hashes
        for found, name in manifest.names(table, hashes).items()
    }
