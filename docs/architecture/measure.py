"""Compare the structure of two checkouts; prints Markdown.

    python docs/architecture/measure.py BEFORE AFTER [--trace-before FILE --trace-after FILE]

The files of the traces are what `trace.py` prints in each checkout.
"""

import argparse
import ast
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

APPS = ("accounts", "api", "characters", "destiny", "guilds", "permissions", "sync", "operations", "guildsite")
FOLDERS = (*APPS, "sandbox", "embedded", "benchmarks", "tests", "templates")
ENDINGS = (".py", ".html")


@dataclass
class Checkout:
    """The files of a checkout with their lines, those of them that are code, and the lines of each function."""

    files: dict[Path, int] = field(default_factory=dict)
    code: dict[Path, int] = field(default_factory=dict)
    functions: list[int] = field(default_factory=list)

    def lines_of(self, *folders: str) -> list[int]:
        """The lines of each file in these folders."""
        return [lines for path, lines in self.files.items() if path.parts[0] in folders]


def main() -> None:
    """Print a table for each question of the issue."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--trace-before", type=Path)
    parser.add_argument("--trace-after", type=Path)
    arguments = parser.parse_args()
    before, after = read(arguments.before), read(arguments.after)
    _print_table(("Files and lines", "before", "after"), _sizes(before, after))
    _print_table(("Length of the app code", "before", "after"), _lengths(before, after))
    if arguments.trace_before and arguments.trace_after:
        traces = [json.loads(path.read_text()) for path in (arguments.trace_before, arguments.trace_after)]
        rows = [(name, *(str(len(trace[name])) for trace in traces)) for name in traces[0]]
        _print_table(("Modules on a path", "before", "after"), rows)


def read(checkout: Path) -> Checkout:
    """Count the files that git knows. Migrations are left out: tools write them."""
    listed = subprocess.run(["git", "ls-files"], cwd=checkout, capture_output=True, text=True, check=True).stdout
    found = Checkout()
    for path in map(Path, listed.splitlines()):
        if path.suffix not in ENDINGS or path.parts[0] not in FOLDERS or "migrations" in path.parts:
            continue
        text = (checkout / path).read_text()
        found.files[path] = len(text.splitlines())
        if path.suffix == ".py" and path.parts[0] in APPS:
            found.functions += _function_lengths(text)
            found.code[path] = _code_lines(text)
    return found


def percentile(values: Sequence[int], share: float) -> int:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _function_lengths(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.end_lineno - node.lineno + 1


def _code_lines(source: str) -> int:
    """Count the lines without docstrings, comments and blank lines."""
    documented = ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            docstrings.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(source.splitlines(), start=1)
    return sum(number not in docstrings and bool(line.strip()) and line.strip()[0] != "#" for number, line in lines)


def _sizes(before: Checkout, after: Checkout) -> Iterator[tuple[str, ...]]:
    yield (
        "**app code** without docstrings, comments, blank lines",
        *(f"{sum(one.code.values()):,} lines" for one in (before, after)),
    )
    for name, folders in [("**app code**", APPS), *((folder, (folder,)) for folder in FOLDERS)]:
        cells = [one.lines_of(*folders) for one in (before, after)]
        yield name, *(f"{len(lines):,} files, {sum(lines):,} lines" for lines in cells)


def _lengths(before: Checkout, after: Checkout) -> Iterator[tuple[str, ...]]:
    files = [one.lines_of(*APPS) for one in (before, after)]
    for name, of_each in (("file", files), ("function", [one.functions for one in (before, after)])):
        for share, label in ((0.5, "median"), (0.95, "p95"), (1.0, "longest")):
            yield f"{name}, {label}", *(str(percentile(lines, share)) for lines in of_each)


def _print_table(head: Sequence[str], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> None:
    print(f"| {' | '.join(head)} |\n|---|---:|---:|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print()


if __name__ == "__main__":
    main()
