"""Draw the pictures of docs/architecture.md from the code.

    python docs/architecture/draw.py TRACE

TRACE is the file that `trace.py` prints; `make architecture` runs both. Writes three SVG files beside this one.
"""

import ast
import graphlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
# The layers of pyproject.toml, from the top; what is beside each other doesn't know each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("guildsite",),
    ("permissions", "operations"),
    ("guilds", "sync.wow"),
    ("characters", "sync.blizzard"),
    ("accounts", "sync.engine"),
    ("outgoing",),
)
BOX_WIDTH, BOX_HEIGHT, GAP, MARGIN = 300, 64, 72, 24
LINE_HEIGHT, NAME_WIDTH = 30, 330
COLORS = {
    "guildsite": "#eceff4",
    "permissions": "#fbe3d6",
    "guilds": "#fdf0cf",
    "characters": "#e2f2dc",
    "accounts": "#dcecf7",
    "operations": "#e9e2f5",
    "sync.wow": "#d9d3f0",
    "sync.blizzard": "#cfd8f3",
    "sync.engine": "#c7cdee",
    "sync": "#e9e2f5",
    "outgoing": "#e3e6ea",
}
STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1d2430}.small{font-size:12px;fill:#4a5568}.bold{font-weight:600}"
    "line,path,polyline{stroke:#5b6678;stroke-width:1.5;fill:none}rect{stroke:#5b6678;stroke-width:1}"
)


def main() -> None:
    """Write packages.svg, roster-path.svg and permission-path.svg."""
    trace = json.loads(Path(sys.argv[1]).read_text())
    (HERE / "packages.svg").write_text(_packages())
    (HERE / "roster-path.svg").write_text(_path(trace["roster"], "A roster entry, from JSON to a table row"))
    (HERE / "permission-path.svg").write_text(_path(trace["right"], "A permission, from a rank to a button"))


def _packages() -> str:
    """The packages, layer by layer, with the imports between them.

    An import that follows from others (what the guilds import, permissions can import, too) has no arrow.
    """
    places = {
        name: (MARGIN + column * (BOX_WIDTH + GAP), MARGIN + row * (BOX_HEIGHT + GAP))
        for row, layer in enumerate(LAYERS)
        for column, name in enumerate(layer)
    }
    width = 2 * BOX_WIDTH + GAP
    imports = _imports()
    parts = [_arrow(places[one], places[other], imports[one, other]) for one, other in sorted(_direct(set(imports)))]
    alone = {layer[0] for layer in LAYERS if len(layer) == 1}
    parts += [_box(name, *place, width if name in alone else BOX_WIDTH) for name, place in places.items()]
    height = 2 * MARGIN + len(LAYERS) * (BOX_HEIGHT + GAP) - GAP
    return _svg(2 * MARGIN + width + GAP // 2, height, "Packages and their imports", parts)


def _direct(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges between packages of which no longer way leads from the one to the other."""
    order = list(graphlib.TopologicalSorter(_targets(edges)).static_order())
    reachable: dict[str, set[str]] = {}
    for name in order:
        targets = _targets(edges).get(name, set())
        reachable[name] = targets.union(*(reachable[one] for one in targets))
    return {
        (one, other) for one, other in edges if not any(other in reachable[middle] for middle in _targets(edges)[one])
    }


def _targets(edges: set[tuple[str, str]]) -> dict[str, set[str]]:
    targets: dict[str, set[str]] = {}
    for one, other in edges:
        targets.setdefault(one, set()).add(other)
    return targets


def _box(name: str, x: int, y: int, width: int) -> str:
    files = list(_files_of(name))
    lines = sum(len(path.read_text().splitlines()) for path in files)
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{BOX_HEIGHT}" rx="8" fill="{COLORS[name]}"/>'
        f'<text class="bold" x="{x + 14}" y="{y + 26}">{name}</text>'
        f'<text class="small" x="{x + 14}" y="{y + 48}">{len(files)} files, {lines:,} lines</text>'
    )


def _arrow(source: tuple[int, int], target: tuple[int, int], imports: int) -> str:
    """From the edge of a box to that of another, with the number of imports; past the boxes between them."""
    (x1, y1), (x2, y2) = source, target
    if y1 == y2:
        points = [(x1, y1 + BOX_HEIGHT // 2), (x2 + BOX_WIDTH, y2 + BOX_HEIGHT // 2)]
    elif y2 - y1 == BOX_HEIGHT + GAP:
        points = [(x2 + BOX_WIDTH // 2, y1 + BOX_HEIGHT), (x2 + BOX_WIDTH // 2, y2)]
    else:
        beside = x2 + BOX_WIDTH + (GAP // 4 if x1 == x2 else GAP // 8)
        start, end = (x2 + BOX_WIDTH, y1 + BOX_HEIGHT // 2), (x2 + BOX_WIDTH, y2 + BOX_HEIGHT // 3)
        points = [start, (beside, start[1]), (beside, end[1]), end]
    (xa, ya), (xb, yb) = points[len(points) // 2 - 1], points[len(points) // 2]
    way = " ".join(f"{x},{y}" for x, y in points)
    return (
        f'<polyline points="{way}" marker-end="url(#arrow)"/>'
        f'<text class="small" x="{(xa + xb) // 2 + 6}" y="{(ya + yb) // 2 - 4}">{imports}</text>'
    )


def _imports() -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    names = [name for layer in LAYERS for name in layer]
    for source in names:
        for path in _files_of(source):
            for module in _imported(path):
                target = _package_of(module)
                if target in names and target != source:
                    found[source, target] += 1
    return found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _files_of(package: str) -> Iterator[Path]:
    folder = ROOT / package.replace(".", "/")
    return (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def _package_of(module: str) -> str:
    first, _, rest = module.partition(".")
    second = f"{first}.{rest.partition('.')[0]}"
    return second if second in COLORS else first


def _path(modules: Sequence[str], title: str) -> str:
    """One line for each module in the order of its first call, with what its docstring says."""
    parts = [f'<text class="bold" x="{MARGIN}" y="{MARGIN + 8}">{escape(title)}: {len(modules)} modules</text>']
    for number, module in enumerate(modules):
        y = MARGIN + 28 + number * LINE_HEIGHT
        parts.append(
            f'<rect x="{MARGIN}" y="{y}" width="{NAME_WIDTH}" height="22" rx="5" fill="{COLORS[_package_of(module)]}"/>'
            f'<text class="small" x="{MARGIN + 8}" y="{y + 15}">{module}</text>'
            f'<text class="small" x="{MARGIN + NAME_WIDTH + 14}" y="{y + 15}">{escape(_summary(module))}</text>'
        )
        if number:
            x = MARGIN + 20
            parts.append(f'<line x1="{x}" y1="{y - LINE_HEIGHT + 22}" x2="{x}" y2="{y}" marker-end="url(#arrow)"/>')
    return _svg(MARGIN * 2 + NAME_WIDTH + 620, MARGIN + 40 + len(modules) * LINE_HEIGHT, title, parts)


def _summary(module: str) -> str:
    path = ROOT / f"{module.replace('.', '/')}.py"
    path = path if path.exists() else ROOT / module.replace(".", "/") / "__init__.py"
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    first = " ".join(docstring.split("\n\n")[0].split())
    return first if len(first) <= 95 else f"{first[:94].rsplit(' ', 1)[0]} …"


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    arrow = '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{escape(title)}">'
        f"<style>{STYLE}</style><defs>{arrow}"
        '<path d="M0 0 8 4 0 8z" style="fill:#5b6678;stroke:none"/></marker></defs>'
        f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>{"".join(parts)}</svg>\n'
    )


if __name__ == "__main__":
    main()
