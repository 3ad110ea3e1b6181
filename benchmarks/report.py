"""Markdown tables, to be pasted into docs/performance.md."""

import os
import platform
import subprocess
import sys
from collections.abc import Sequence

from django.utils import timezone


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[object]], notes: Sequence[str] = ()) -> None:
    """Print a table with the first column left-aligned and the others right-aligned."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in [list(header), *texts]) for column in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    print(f"\n### {title}\n")
    for line in (list(header), rule, *texts):
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        print(f"| {' | '.join(cells)} |")
    for note in notes:
        print(f"\n{note}")
    sys.stdout.flush()


def show_environment(command: str) -> None:
    """Print time, commit, machine and load."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    facts = (
        f"`{command}`",
        f"{timezone.now():%Y-%m-%d %H:%M} UTC",
        f"commit {commit.stdout.strip() or 'unknown'}",
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before",
        f"Python {platform.python_version()}",
    )
    print(", ".join(facts))


def progress(text: str) -> None:
    """Print a line of progress to stderr."""
    print(f"  {text}", file=sys.stderr, flush=True)


def seconds(value: float) -> str:
    """Format seconds with three significant digits."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms" if value >= 0.01 else f"{value * 1000:.1f} ms"
