"""The format of the log: short lines that hold no secrets, whatever was sent to the site."""

import copy
import logging
import re

LONGEST_LINE = 1000
LONGEST_PATH = 300
LONGEST_REASON = 300
LONGEST_TRACEBACK = 60
# Where gunicorn quotes a request, codes and tokens of its query string stay out of the log.
QUERY_STRING = re.compile(r"\?[^\s'\"]+")


class ShortLines(logging.Formatter):
    """Writes lines of at most 1,000 bytes: one for a refused request, and a bounded traceback for an error.

    A refused request is logged as status, method, path and reason; its query string is not logged.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        if hasattr(record, "request") and hasattr(record, "status_code"):
            record = _of_request(record)
        elif record.name.startswith("gunicorn"):
            record = _changed(record, QUERY_STRING.sub("?...", record.getMessage()))
        text = super().format(record).encode("utf-8", "backslashreplace").decode()
        return "\n".join(_shortened(line, LONGEST_LINE) for line in text.splitlines())

    def formatException(self, ei: object) -> str:  # noqa: N802  # logging's own name
        """The traceback; of a long one its beginning and the end, which says what went wrong."""
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        left_out = len(lines) - LONGEST_TRACEBACK
        if left_out <= 0:
            return "\n".join(lines)
        return "\n".join([lines[0], f"  ... {left_out} lines left out ...", *lines[1 - LONGEST_TRACEBACK :]])


def _of_request(record: logging.LogRecord) -> logging.LogRecord:
    """The record that Django made of an answer, in our words; with a traceback only for our own errors."""
    request, status = record.request, record.status_code  # type: ignore[attr-defined]
    # As Django writes it behind its own words.
    path = getattr(request, "path", "").encode("unicode_escape").decode("ascii")
    reason = _escaped(record.getMessage()).removesuffix(f": {path}")
    method = _shortened(_escaped(str(getattr(request, "method", ""))), 20)
    message = f"{status} {method} {_shortened(path, LONGEST_PATH)}: {_shortened(reason, LONGEST_REASON)}"
    changed = _changed(record, message)
    if status < 500:
        changed.exc_info = changed.exc_text = None
    return changed


def _changed(record: logging.LogRecord, message: str) -> logging.LogRecord:
    changed = copy.copy(record)
    changed.msg, changed.args = message, ()
    return changed


def _escaped(text: str) -> str:
    return text if text.isascii() and text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _shortened(text: str, length: int) -> str:
    raw = text.encode()
    return text if len(raw) <= length else raw[: length - 3].decode(errors="ignore") + "..."
