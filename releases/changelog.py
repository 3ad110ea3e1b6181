"""CHANGELOG.md: a section for each release, newest first, below one for what is not released yet."""

import re
from datetime import date
from pathlib import Path

from releases.errors import ReleaseError

CHECKOUT = Path(__file__).resolve().parent.parent
FILE = CHECKOUT / "CHANGELOG.md"
UNRELEASED = "## Unreleased\n"
SECTION = re.compile(r"^## (\d+\.\d+\.\d+), ", re.MULTILINE)


def released(text: str | None = None) -> list[str]:
    """Return the versions, newest first."""
    return SECTION.findall(FILE.read_text() if text is None else text)


def release(text: str, version: str, day: date) -> str:
    """Move what is not released under the version; an empty section stays. Raises ReleaseError."""
    before, heading, after = text.partition(UNRELEASED)
    entries = re.split(r"^## ", after, maxsplit=1, flags=re.MULTILINE)[0]
    if not heading or not re.search(r"^\* ", entries, re.MULTILINE):
        raise ReleaseError('CHANGELOG.md has no entries under "Unreleased": say what changed.')
    return f"{before}{heading}\n## {version}, {day:%Y-%m-%d}\n{after}"
