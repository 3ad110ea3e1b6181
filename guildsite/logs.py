"""Log formatter: short lines without secrets, whatever a request contains."""

import copy
import logging
import re

LONGEST_LINE = 1000
LONGEST_PATH = 300
LONGEST_REASON = 300
LONGEST_TRACEBACK = 60
# gunicorn quotes requests: codes and tokens of the query string must not be logged.
QUERY_STRING = re.compile(r"\?[^\s'\"]+")


class ShortLines(logging.Formatter):
    """Formats lines of at most 1,000 bytes, with tracebacks of limited length.

    A refused request becomes one line with status, method, path and reason, but without its query string.
    """

    def format(self, record: logging.LogRecord) -> str:
        if hasattr(record, "request") and hasattr(record, "status_code"):
            record = _of_request(record)
        elif record.name.startswith("gunicorn"):
            record = _changed(record, QUERY_STRING.sub("?...", record.getMessage()))
        text = super().format(record).encode("utf-8", "backslashreplace").decode()
        return "\n".join(_shortened(line, LONGEST_LINE) for line in text.splitlines())

    def formatException(self, ei: object) -> str:  # noqa: N802  # logging's own name
        """Return the traceback; the middle of a long one is left out."""
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        left_out = len(lines) - LONGEST_TRACEBACK
        if left_out <= 0:
            return "\n".join(lines)
        return "\n".join([lines[0], f"  ... {left_out} lines left out ...", *lines[1 - LONGEST_TRACEBACK :]])


def _of_request(record: logging.LogRecord) -> logging.LogRecord:
    """Return Django's record of a response in our format; only server errors keep their traceback."""
    request, status = record.request, record.status_code  # type: ignore[attr-defined]
    # Django appends the path in this form.
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
