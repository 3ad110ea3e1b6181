"""A character's Mythic+ runs and ratings."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.documents.characters import spec_entry
from sandbox.documents.context import DocumentContext, Json, character_path
from sandbox.documents.keystones import affix_entry, dungeon_entry, period_entry, season_entry
from sandbox.documents.ratings import dungeon_rating, run_rating, season_rating
from sandbox.world.content.keystones import (
    DUNGEONS,
    WEEK,
    KeystoneDungeon,
    affixes_of,
    period_at,
    period_start,
    periods_of,
    season_of,
)
from sandbox.world.gamedata import MAX_LEVEL, RACES
from sandbox.world.models import Character

_LOWEST, _LEVELS = 4, 12


@dataclass(frozen=True, slots=True)
class Group:
    """A character with its companions in dungeons."""

    subject: Character
    companions: tuple[Character, ...]

    @property
    def snapshot(self) -> int:
        """Return the character's snapshot."""
        return self.subject.snapshot


@dataclass(frozen=True, slots=True)
class Run:
    """A completed Mythic+ run."""

    dungeon: KeystoneDungeon
    period: int
    level: int
    is_timed: bool
    salt: int

    @property
    def rating(self) -> float:
        """Return the run's rating."""
        return run_rating(self.level, is_timed=self.is_timed, salt=self.salt)

    @property
    def duration(self) -> int:
        """Return the run's duration (ms)."""
        limit = self.dungeon.time_limit
        return limit * (80 + self.salt % 18) // 100 if self.is_timed else limit * (103 + self.salt % 20) // 100


def plays_endgame(subject: Character) -> bool:
    """Return whether the character plays max-level content."""
    return subject.level == MAX_LEVEL and subject.spec_id is not None and subject.id % 4 != 0


def seasons_played(subject: Character) -> list[int]:
    """Return the seasons in which the character has a rating, unordered. Some characters skip the current season."""
    if not plays_endgame(subject):
        return []
    current = season_of(period_at(subject.region, subject.snapshot))
    if _has_paused(subject):
        return [current - 1, current - 3]
    return [current, *([current - 2] if subject.id % 3 == 0 else []), current - 1]


def _has_paused(subject: Character) -> bool:
    return subject.id % 8 == 1


def season_runs(subject: Character, season: int) -> list[Run]:
    """Return the best runs of a season: for each dungeon at most one timed and one untimed."""
    periods = [one for one in periods_of(season) if period_start(subject.region, one) <= subject.snapshot]
    runs = []
    for place, dungeon in enumerate(DUNGEONS.values()):
        salt = subject.id * 31 + season * 17 + place * 101
        period, level = periods[-1 - salt % min(5, len(periods))], _LOWEST + salt // 7 % _LEVELS
        if salt % 5:
            runs.append(Run(dungeon, period, level, is_timed=True, salt=salt))
        if salt % 3 == 0:
            runs.append(Run(dungeon, period, level + salt % 2, is_timed=False, salt=salt + 1))
    return runs


def profile(context: DocumentContext, group: Group) -> Json:
    """Render the keystone profile as of the last login, whose period can be over.

    Runs, seasons and rating are absent if there are none. Each season links to the character's own document.
    """
    subject = group.subject
    period = period_at(subject.region, subject.snapshot)
    current, played = season_of(period), seasons_played(subject)
    runs = season_runs(subject, current) if current in played else []
    of_period: Json = {"period": period_entry(context, period)}
    if best := [run for run in runs if run.period == period]:
        of_period["best_runs"] = [_run(context, group, run) | _map_rating(runs, run) for run in best]
    document: Json = {
        "_links": {"self": context.profile(f"{character_path(subject)}/mythic-keystone-profile")},
        "current_period": of_period,
    }
    if played:
        document["seasons"] = [_own_season(context, subject, season) for season in played]
    document["character"] = context.character(subject)
    if runs:
        document["current_mythic_rating"] = season_rating(_season_rating(runs))
    return document


def _own_season(context: DocumentContext, subject: Character, season: int) -> Json:
    path = f"{character_path(subject)}/mythic-keystone-profile/season/{season}"
    return {"key": context.profile(path), "id": season}


def _map_rating(runs: list[Run], run: Run) -> Json:
    """Return the dungeon's rating: that of its best run of the season."""
    return {"map_rating": dungeon_rating(max(one.rating for one in runs if one.dungeon is run.dungeon))}


def _season_rating(runs: list[Run]) -> float:
    best: dict[int, float] = {}
    for run in runs:
        best[run.dungeon.id] = max(run.rating, best.get(run.dungeon.id, 0))
    return sum(best.values())


def season(context: DocumentContext, subject: tuple[Group, int]) -> Json:
    """Render the character's own document of a season."""
    group, number = subject
    runs = season_runs(group.subject, number)
    path = f"{character_path(group.subject)}/mythic-keystone-profile/season/{number}"
    return {
        "_links": {"self": context.profile(path)},
        "season": season_entry(context, number),
        "best_runs": [_run(context, group, run) for run in runs],
        "character": context.character(group.subject),
        "mythic_rating": season_rating(_season_rating(runs)),
    }


def _run(context: DocumentContext, group: Group, run: Run) -> Json:
    return {
        "completed_timestamp": _completed(group.subject, run) * 1000,
        "duration": run.duration,
        "keystone_level": run.level,
        "keystone_affixes": [affix_entry(context, number) for number in affixes_of(run.period, run.level)],
        "members": [_participant(context, one) for one in _participants(group, run)],
        "dungeon": dungeon_entry(context, run.dungeon),
        "is_completed_within_time": run.is_timed,
        "mythic_rating": dungeon_rating(run.rating),
    }


def _completed(subject: Character, run: Run) -> int:
    """Return a time within the run's period and before the last login."""
    start = period_start(subject.region, run.period)
    return start + run.salt * 60 % max(1, min(WEEK, subject.snapshot - start))


def _participants(group: Group, run: Run) -> Iterator[Character]:
    """Return the character and four companions, which vary between runs."""
    yield group.subject
    first = run.salt % max(1, len(group.companions))
    yield from (group.companions * 2)[first : first + min(4, len(group.companions))]


def _participant(context: DocumentContext, subject: Character) -> Json:
    realm = context.nameless_realm(subject.realm)
    return {
        "character": {"name": subject.name, "id": subject.id, "realm": realm},
        "specialization": spec_entry(context, subject.spec_id or 0),
        "race": context.entry("playable-race", subject.race_id, RACES[subject.race_id].name),
        "equipped_item_level": subject.equipped_item_level,
    }
