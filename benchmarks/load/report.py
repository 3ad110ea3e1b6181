"""The tables of a run."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import quantiles

from benchmarks.load.resources import MEGABYTE
from benchmarks.load.stages import Stage
from benchmarks.load.visits import Answer
from benchmarks.report import seconds, show


def show_all(run: Iterable[Stage]) -> None:
    """Print pages and processes of each stage as soon as it is over, then a summary of all."""
    stages: list[Stage] = []
    for stage in run:
        for error, count in Counter(one.error for one in stage.answers if one.error).items():
            print(f"\n{_title(stage)}: {count} × {error}")
        _show_pages(stage)
        _show_processes(stage)
        stages.append(stage)
    show(
        "Players who open a page, think 5 s and open the next one, while a full sync runs",
        (
            "players and options",
            "requests",
            "errors",
            "a second",
            "p50",
            "p95",
            "p99",
            "longest",
            "CPU a page",
            "synced a second",
            "load",
        ),
        [_summary(stage) for stage in stages],
        (
            "Goal: no error; p95 below 1 s at 200 players. "
            "CPU a page: processor time of the web processes, without PostgreSQL. "
            "Synced: requests to Battle.net. "
            "Load: the machine's average load before the stage.",
        ),
    )


def _title(stage: Stage) -> str:
    return f"{stage.players} players {stage.web_options}".rstrip()


def _summary(stage: Stage) -> tuple[str, ...]:
    return (
        _title(stage),
        *_cells(stage.answers, stage.seconds),
        seconds(max(one.seconds for one in stage.answers)),
        seconds(_web_cpu(stage) / len(stage.answers)),
        f"{stage.battlenet_requests / stage.seconds:.0f}",
        f"{stage.load_before:.1f}",
    )


def _web_cpu(stage: Stage) -> float:
    return sum(usage.cpu for name, usage in stage.usage.items() if name.startswith("web"))


def _show_pages(stage: Stage) -> None:
    names = dict.fromkeys(one.page for one in stage.answers)
    show(
        f"{_title(stage)}: pages",
        ("page", "requests", "errors", "a second", "p50", "p95", "p99"),
        [(name, *_cells([one for one in stage.answers if one.page == name], stage.seconds)) for name in sorted(names)],
    )


def _cells(answers: Sequence[Answer], elapsed: float) -> tuple[str, ...]:
    """Return requests, errors, requests a second, and percentiles of the waiting time."""
    errors = sum(1 for one in answers if one.error)
    # Of a single request, all percentiles are its own time.
    waits = [one.seconds for one in answers] * (2 if len(answers) == 1 else 1)
    cuts = quantiles(waits, n=100, method="inclusive")
    return (
        f"{len(answers):,}",
        str(errors),
        f"{len(answers) / elapsed:.1f}",
        *(seconds(cuts[percent - 1]) for percent in (50, 95, 99)),
    )


def _show_processes(stage: Stage) -> None:
    show(
        f"{_title(stage)}: memory in MB, and processors used",
        ("process", "at the start", "half-way", "at the end", "most", "processors"),
        [
            (
                name,
                *(
                    f"{size / MEGABYTE:.0f}"
                    for size in (usage.memory[0], usage.memory[len(usage.memory) // 2], usage.memory[-1])
                ),
                f"{max(usage.memory) / MEGABYTE:.0f}",
                f"{usage.cpu / stage.seconds:.2f}",
            )
            for name, usage in stage.usage.items()
        ],
    )
