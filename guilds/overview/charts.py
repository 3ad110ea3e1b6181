"""Charts as SVG, drawn on the server, each with its numbers as a table.

The shapes get their colors from classes in overview.css: the content security policy forbids inline styles. A unit of
the drawing is about a CSS pixel, as a chart is as wide as a phone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.formats import localize
from django.utils.html import escape
from django.utils.safestring import SafeString

from guilds.overview.statistics import Week

WIDTH = 360
BARS_HEIGHT, LABEL_HEIGHT = 120, 20
# A label below a bar needs this much room; if there is less, some bars have none.
LABEL_WIDTH = 36
WIDEST_BAR = 40
LINE_HEIGHT, CHANGES_HEIGHT = 80, 56
HEAT_LEVELS = 5
HOURS, DAYS = 24, 7
CELL, CELL_GAP, DAY_LABELS = 11.5, 2, 34
SEPARATED_FROM = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its short label below, its full one in the table, and the class of its color."""

    label: str
    title: str
    count: int
    css: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its title, a note that says what is counted, and the same numbers as a table."""

    key: str
    title: str
    note: str
    drawing: SafeString
    table: SafeString


def bars(values: Sequence[Bar]) -> SafeString:
    """Draw a bar for each value, with its number above."""
    slot = WIDTH / max(len(values), 1)
    width = min(slot * 0.8, WIDEST_BAR)
    scale = (BARS_HEIGHT - LABEL_HEIGHT) / max([1, *(one.count for one in values)])
    every = -(-LABEL_WIDTH // slot)
    shapes = []
    for place, one in enumerate(values):
        middle, height = place * slot + slot / 2, one.count * scale
        shapes.append(_rect(middle - width / 2, BARS_HEIGHT - height, width, height, one.css))
        if one.count:
            shapes.append(_text(middle, BARS_HEIGHT - height - 5, one.count, "count"))
        if place % every == 0:
            shapes.append(_text(middle, BARS_HEIGHT + 15, one.label))
    shapes.append(f'<path class="axis" d="M0 {BARS_HEIGHT}.5H{WIDTH}"/>')
    return _svg(BARS_HEIGHT + LABEL_HEIGHT, shapes)


def stack(parts: Iterable[tuple[str, int]]) -> SafeString:
    """Draw one bar of parts side by side, each with the class of its color and its size."""
    shapes, before = [], 0
    for css, size in parts:
        shapes.append(f'<rect class="{css}" x="{before}" width="{size}" height="1"/>')
        before += size
    head = f'<svg class="stack" viewBox="0 0 {before} 1" preserveAspectRatio="none" aria-hidden="true">'
    return SafeString(f"{head}{''.join(shapes)}</svg>")


def heat_map(counts: Sequence[int], days: Iterable[str]) -> SafeString:
    """Draw a cell for each hour of the week, darker the more it counts; `counts` begin on Monday at 0:00."""
    step, most = CELL + CELL_GAP, max(1, *counts)
    cells: list[list[str]] = [[] for _ in range(HEAT_LEVELS)]
    for hour, count in enumerate(counts):
        day, hour_of_day = divmod(hour, HOURS)
        level = -(-count * (HEAT_LEVELS - 1) // most)
        cells[level].append(f"M{DAY_LABELS + hour_of_day * step:g} {day * step:g}h{CELL}v{CELL}h-{CELL}z")
    # One path for all cells of a color: a fifth of the bytes of a rectangle for each.
    shapes = [f'<path class="heat-{level}" d="{"".join(paths)}"/>' for level, paths in enumerate(cells) if paths]
    shapes += [_text(0, day * step + CELL - 1, label, "start") for day, label in enumerate(days)]
    bottom = DAYS * step + 13
    shapes += [_text(DAY_LABELS + hour * step, bottom, f"{hour}:00", "start") for hour in range(0, HOURS, 6)]
    return _svg(bottom + 5, shapes)


def week_chart(values: Sequence[Week], labels: Sequence[str]) -> SafeString:
    """Draw the members as a line; below it, for each week, a bar up for who joined and one down for who left."""
    slot = WIDTH / len(values)
    shapes = _line(values, slot)
    middle = LINE_HEIGHT + CHANGES_HEIGHT // 2
    scale = (CHANGES_HEIGHT / 2) / max([1, *(max(one.joined, one.left) for one in values)])
    width = min(slot * 0.7, WIDEST_BAR)
    for place, one in enumerate(values):
        x = place * slot + (slot - width) / 2
        shapes.append(_rect(x, middle - one.joined * scale, width, one.joined * scale, "joined"))
        shapes.append(_rect(x, middle, width, one.left * scale, "left"))
    shapes.append(f'<path class="axis" d="M0 {middle}H{WIDTH}"/>')
    bottom = LINE_HEIGHT + CHANGES_HEIGHT
    shapes.append(_text(0, bottom + 15, labels[0], "start"))
    if len(values) > 1:
        shapes.append(_text(WIDTH, bottom + 15, labels[-1], "end"))
    return _svg(bottom + LABEL_HEIGHT, shapes)


def _line(values: Sequence[Week], slot: float) -> list[str]:
    """Draw the line between the fewest and the most members, with the first and the last number."""
    fewest, most = min(one.members for one in values), max(one.members for one in values)
    scale = (LINE_HEIGHT - 36) / max(1, most - fewest)
    points = [
        (place * slot + slot / 2, LINE_HEIGHT - 16 - (one.members - fewest) * scale) for place, one in enumerate(values)
    ]
    shapes = [f'<path class="line" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in points)}"/>']
    x, y = points[-1]
    shapes += [
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>',
        _text(WIDTH, y - 8, values[-1].members, "end count"),
    ]
    if len(values) > 1:
        shapes.append(_text(0, points[0][1] - 8, values[0].members, "start count"))
    return shapes


def table(headings: Iterable[object], rows: Iterable[Sequence[object]]) -> SafeString:
    """Return a table; the first cell of each row is its heading."""
    head = "".join(f'<th scope="col">{_shown(one)}</th>' for one in headings)
    body = "".join(
        f'<tr><th scope="row">{_shown(first)}</th>{"".join(f"<td>{_shown(one)}</td>" for one in rest)}</tr>'
        for first, *rest in rows
    )
    return SafeString(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def _svg(height: float, shapes: Iterable[str]) -> SafeString:
    return SafeString(
        f'<svg class="drawing" viewBox="0 0 {WIDTH} {height:g}" aria-hidden="true">{"".join(shapes)}</svg>'
    )


def _rect(x: float, y: float, width: float, height: float, css: str) -> str:
    shape = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{css or "plain"}" {shape}/>' if height else ""


def _text(x: float, y: float, text: object, css: str = "") -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}">{_shown(text)}</text>'


def _shown(value: object) -> str:
    """Return the value for HTML; only large numbers have separators, and looking these up takes time."""
    return escape(localize(value) if isinstance(value, int) and value >= SEPARATED_FROM else value)
