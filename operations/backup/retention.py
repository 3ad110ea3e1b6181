"""Which backups are kept: the newest of each of the last days, and of each of the weeks before."""

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from operations.backup.dump import NAME, PATTERN

DAYS, WEEKS = 7, 4


def to_keep(times: Iterable[datetime]) -> set[datetime]:
    """Return the times to keep.

    Days and weeks without a backup do not count, so that backups that have failed for a month delete none.
    """
    newest_first = sorted(times, reverse=True)
    daily = _newest_of_each(newest_first, lambda one: one.date(), DAYS)
    earlier = [one for one in newest_first if one.date() < daily[-1].date()]
    return {*daily, *_newest_of_each(earlier, lambda one: one.isocalendar()[:2], WEEKS)}


def delete_old(folder: Path) -> list[Path]:
    """Delete the backups that are not kept any more; returns them."""
    files = {}
    for file in folder.glob(PATTERN):
        try:
            files[datetime.strptime(file.name, NAME).replace(tzinfo=UTC)] = file
        except ValueError:
            # Somebody named it, and somebody wants to keep it.
            continue
    kept = to_keep(files)
    old = [file for time, file in files.items() if time not in kept]
    for file in old:
        file.unlink(missing_ok=True)
    return old


def _newest_of_each(newest_first: list[datetime], period: Callable[[datetime], Hashable], most: int) -> list[datetime]:
    newest: dict[Hashable, datetime] = {}
    for time in newest_first:
        newest.setdefault(period(time), time)
    return list(newest.values())[:most]
