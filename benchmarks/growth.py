"""(f) How dispatch and the schedules grow with the number of jobs: 1,000, 30,000 and 300,000 characters.

The last size is an installation with 1,000 guilds of 300; its capacity is printed, too.
"""

import statistics
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks import database, installation, large_installation, site
from benchmarks.report import progress, seconds, show
from sync.engine.dispatch import dispatch
from sync.engine.kinds import all_kinds, mark_tier_due
from sync.models import BlizzardJob

Kind, State = BlizzardJob.Kind, BlizzardJob.State

SIZES, QUICK_SIZES = (1_000, 30_000, 300_000), (1_000, 6_000, 30_000)
RUNS, QUICK_RUNS = 7, 3
DUE_INDEX = "blizzardjob_due"


@dataclass(frozen=True, slots=True)
class Size:
    """Results for one number of characters; times are medians in seconds, memory is in bytes."""

    characters: int
    dispatch_full: float
    dispatch_idle: float
    memory: int
    index: str
    marking: dict[str, tuple[int, float]]


class Rollback(Exception):
    """Raised to roll back a transaction."""


def main(*, quick: bool = False) -> None:
    """Print a row for each size and for each tier, then the capacity for the last size."""
    runs = QUICK_RUNS if quick else RUNS
    site.load_game_data()
    database.clean()
    sizes = []
    for characters in QUICK_SIZES if quick else SIZES:
        progress(f"{characters:,} characters")
        installation.extend(to=characters)
        database.analyze()
        sizes.append(_measure(characters, runs))
    _show_dispatch(sizes)
    _show_marking(sizes)
    large_installation.show_capacity()
    database.clean()


def _measure(characters: int, runs: int) -> Size:
    marking = {tier: _marking(tier) for tier in _tiers()}
    # The first one finds an empty Redis, and checks for lost messages.
    dispatch()
    idle = statistics.median(_timed(dispatch) for _ in range(10 * runs))
    BlizzardJob.objects.update(state=State.DUE, next_due_at=timezone.now())
    database.analyze()
    full = statistics.median(_full_dispatch() for _ in range(runs))
    memory = _memory()
    index = _index_of_claim()
    BlizzardJob.objects.update(state=State.RESTING)
    database.analyze()
    return Size(characters, full, idle, memory, index, marking)


def _full_dispatch() -> float:
    elapsed = _timed(dispatch)
    _undo_dispatch()
    return elapsed


def _undo_dispatch() -> None:
    BlizzardJob.objects.filter(BlizzardJob.CLAIMED).update(state=State.DUE, claimed_at=None)
    database.clear_queues()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _memory() -> int:
    """Return the peak memory of one dispatch."""
    tracemalloc.start()
    dispatch()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    _undo_dispatch()
    return peak


def _index_of_claim() -> str:
    """Return the index that PostgreSQL uses to find due jobs."""
    with CaptureQueriesContext(connection) as captured:
        dispatch()
    claim = next(query["sql"] for query in captured if "LIMIT" in query["sql"] and "FOR UPDATE" in query["sql"])
    _undo_dispatch()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {claim}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    return f"`{DUE_INDEX}`" if DUE_INDEX in plan else "none"


def _tiers() -> list[str]:
    return [tier.name for kind in all_kinds() for tier in kind.tiers]


def _marking(tier: str) -> tuple[int, float]:
    """Return rows and seconds of marking a tier due, which is rolled back."""
    with suppress(Rollback), transaction.atomic():
        began = time.perf_counter()
        rows = mark_tier_due(tier)
        elapsed = time.perf_counter() - began
        raise Rollback
    return rows, elapsed


def _show_dispatch(sizes: list[Size]) -> None:
    first = sizes[0]
    show(
        "Dispatch as the number of jobs grows: everything due (1,000 jobs claimed and sent), and nothing due",
        ("characters", "everything due", "ratio", "nothing due", "ratio", "memory", "ratio", "index"),
        [
            (
                f"{size.characters:,}",
                seconds(size.dispatch_full),
                f"{size.dispatch_full / first.dispatch_full:.2f}",
                seconds(size.dispatch_idle),
                f"{size.dispatch_idle / first.dispatch_idle:.2f}",
                f"{size.memory / 2**20:.1f} MiB",
                f"{size.memory / first.memory:.2f}",
                size.index,
            )
            for size in sizes
        ],
        ("Goal: no growth. Ratios are to the first line; times are medians; memory is what one dispatch allocates.",),
    )


def _show_marking(sizes: list[Size]) -> None:
    show(
        "Marking a tier due: rows, and time",
        ("tier", *[f"{size.characters:,} characters" for size in sizes], "per row, last to first"),
        [
            (
                tier,
                *[f"{rows:,}: {seconds(elapsed)}" for rows, elapsed in [size.marking[tier] for size in sizes]],
                _ratio_per_row(sizes[0].marking[tier], sizes[-1].marking[tier]),
            )
            for tier in _tiers()
        ],
        ("Goal: grows with the rows at most.",),
    )


def _ratio_per_row(first: tuple[int, float], last: tuple[int, float]) -> str:
    if not first[0] or first[0] == last[0]:
        return "–"
    return f"{last[1] / last[0] / (first[1] / first[0]):.2f}"
