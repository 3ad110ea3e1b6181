"""Mythic+: dungeons, affixes, and the calendar of periods (weeks) and seasons."""

from dataclasses import dataclass

from sandbox.world.content.journal import DUNGEON, INSTANCES, Instance

WEEK = 7 * 86_400
# A period begins with the region's week: Tuesday 15:00, Wednesday 04:00, Wednesday 23:00 (UTC). Period numbers are
# real, the length of a season is not.
FIRST_PERIOD = 641
_FIRST_STARTS = {"us": 1_523_372_400, "eu": 1_523_419_200, "kr": 1_523_487_600, "tw": 1_523_487_600}
_PERIODS_PER_SEASON = 26
_PERIOD_BEFORE_SEASONS = 636
FIRST_SEASON = 1

TYRANNICAL, FORTIFIED, HARDEST = 9, 10, 147
# Name and description of each affix. One has no name in any language, like one of the real ones.
AFFIXES: dict[int, tuple[str | None, str]] = {
    TYRANNICAL: ("Tyrannical", "Bosses have more health and deal more damage."),
    FORTIFIED: ("Fortified", "Enemies that are no bosses have more health and deal more damage."),
    148: ("The Hourglass's Bargain: Rising", "Sand falls upwards at times."),
    158: ("The Hourglass's Bargain: Still", "Sand stands still at times."),
    153: (None, "It has not been used yet."),
    HARDEST: ("The Hourglass's Guile", "Each death costs fifteen seconds."),
}


@dataclass(frozen=True, slots=True)
class KeystoneDungeon:
    """A dungeon as played with a keystone, with its time limit (ms)."""

    id: int
    instance: Instance
    time_limit: int

    @property
    def name(self) -> str:
        """Return the name of the dungeon."""
        return self.instance.name

    @property
    def upgrades(self) -> tuple[int, int, int]:
        """Return the times (ms) for upgrades by one, two and three levels."""
        return self.time_limit, self.time_limit * 8 // 10, self.time_limit * 6 // 10


_DUNGEONS = [instance for instance in INSTANCES.values() if instance.category == DUNGEON]
DUNGEONS = {
    561 + place: KeystoneDungeon(561 + place, instance, (30 + place) * 60_000)
    for place, instance in enumerate(_DUNGEONS)
}


def period_at(region: str, moment: int) -> int:
    """Return the period of a moment (epoch seconds)."""
    return FIRST_PERIOD + (moment - _FIRST_STARTS[region]) // WEEK


def period_start(region: str, period: int) -> int:
    """Return the start of the period (epoch seconds)."""
    return _FIRST_STARTS[region] + (period - FIRST_PERIOD) * WEEK


def season_of(period: int) -> int:
    """Return the season of the period."""
    return (period - _PERIOD_BEFORE_SEASONS) // _PERIODS_PER_SEASON


def periods_of(season: int) -> range:
    """Return all periods of the season, including future ones."""
    first = max(FIRST_PERIOD, _PERIOD_BEFORE_SEASONS + season * _PERIODS_PER_SEASON)
    return range(first, _PERIOD_BEFORE_SEASONS + (season + 1) * _PERIODS_PER_SEASON)


def affixes_of(period: int, level: int) -> tuple[int, ...]:
    """Return the affixes of a keystone of this level in the period; higher levels have more."""
    order = (TYRANNICAL, FORTIFIED) if period % 2 else (FORTIFIED, TYRANNICAL)
    if level >= 12:
        return (*order, HARDEST)
    bargain = (148, 158)[period // 2 % 2]
    return (bargain, *order) if level >= 10 else (bargain, order[0])
