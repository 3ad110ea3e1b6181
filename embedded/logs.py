"""Log files that are kept across restarts and have a bounded size."""

import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

# Bytes. A log and its older parts need at most (OLDER_PARTS + 1) * LARGEST, and what is written within a second.
LARGEST = 10 * 2**20
OLDER_PARTS = 4
MARK = "--- "


def mark(log: Path, text: str) -> None:
    """Append a line of the supervisor to a log; it has to work on a full disk, too."""
    with suppress(OSError), log.open("a") as file:
        file.write(f"{MARK}{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}\n")


def last_line(log: Path) -> str:
    """Return the most useful line at the end of a log, since its last mark, as `: text`; or an empty string."""
    try:
        lines = [line for line in log.read_text(errors="replace").splitlines()[-30:] if line.strip()]
    except OSError:
        return ""
    starts = [number for number, line in enumerate(lines) if line.startswith(MARK)]
    lines = lines[starts[-1] + 1 :] if starts else lines
    telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "rror", "No space"))]
    return f": {(telling or lines)[-1].strip()[:200]}" if lines else ""


def start_new(log: Path) -> None:
    """Move an earlier content to `name.log.1`, so that the log has that of one process only."""
    if log.exists():
        _rotate(log, OLDER_PARTS)


def rotate(folder: Path, *, largest: int = LARGEST, older_parts: int = OLDER_PARTS) -> None:
    """Move the content of large logs to `name.log.1`, and older parts to higher numbers; the oldest is deleted.

    The processes keep their files open and append to them, so a file is copied and emptied, not renamed.
    """
    for log in folder.glob("*.log"):
        # On a full disk nothing grows, and the next call tries again.
        with suppress(OSError):
            if log.stat().st_size > largest:
                _rotate(log, older_parts)


def _rotate(log: Path, older_parts: int) -> None:
    parts = [log.with_name(f"{log.name}.{number}") for number in range(1, older_parts + 1)]
    parts[-1].unlink(missing_ok=True)
    for older, newer in zip(reversed(parts), reversed(parts[:-1]), strict=False):
        if newer.exists():
            newer.replace(older)
    with log.open("rb+") as source, parts[0].open("wb") as copy:
        shutil.copyfileobj(source, copy, 2**20)
        # Lines that are written between the last read and this are lost: microseconds.
        source.truncate(0)
