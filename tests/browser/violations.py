"""The document with what axe-core found on each page."""

import os
from collections.abc import Sequence
from pathlib import Path

TABLE = Path(__file__).parents[2] / "docs" / "accessibility.md"


def check_table(title: str, lines: Sequence[str]) -> None:
    """Assert that the document's table of this title has these lines; WRITE_TABLES=1 writes them."""
    text = TABLE.read_text()
    before, head, rest = text.partition(f"## {title}\n")
    _, following, after = rest.partition("\n## ")
    table = "\n".join(["", "| state | who | status | violations |", "|---|---|--:|--:|", *lines, ""])
    written = f"{before}{head}{table}{following}{after}"
    if os.environ.get("WRITE_TABLES"):
        TABLE.write_text(written)
    assert TABLE.read_text() == written, "docs/accessibility.md is outdated: run the test with WRITE_TABLES=1"
