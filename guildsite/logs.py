"""Log formatters: text or JSON, short lines without secrets, whatever a request contains."""

import copy
import json
import logging
import re
import time
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from guildsite.request_ids import current_id

LONGEST_LINE = 1000
LONGEST_PATH = 300
LONGEST_REASON = 300
LONGEST_TRACEBACK = 60
SHORTEST_SECRET = 8
HIDDEN = "..."
# gunicorn quotes requests: codes and tokens of the query string must not be logged.
QUERY_STRING = re.compile(r"\?[^\s'\"]+")
CREDENTIALS = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9+/_=.~-]{8,}", re.IGNORECASE)
# Tokens of the API, wherever they are, and those in the private addresses of feeds and exports.
TOKENS = re.compile(r"\bgs[pe]_[\w-]{20,}|(?<=/feeds/)[\w-]{20,}")
# PostgreSQL quotes rows in the details of its errors.
QUOTED_ROWS = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)


class ShortLines(logging.Formatter):
    """Formats lines of at most 1,000 bytes, with tracebacks of limited length and the id of the request.

    A request becomes one line with status, method, route, time and reason, without its query string.
    """

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(_prepared(record)).encode("utf-8", "backslashreplace").decode()
        return "\n".join(_shortened(line, LONGEST_LINE) for line in redacted(text).splitlines())

    def formatException(self, ei: object) -> str:  # noqa: N802  # logging's own name
        """Return the traceback; the middle of a long one is left out."""
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        left_out = len(lines) - LONGEST_TRACEBACK
        if left_out <= 0:
            return "\n".join(lines)
        return "\n".join([lines[0], f"  ... {left_out} lines left out ...", *lines[1 - LONGEST_TRACEBACK :]])


class JsonLines(ShortLines):
    """Formats each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        prepared = _prepared(record)
        document = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "request_id": current_id(),
            "message": _shortened(redacted(prepared.getMessage()), LONGEST_LINE),
            **_fields(record),
        }
        if prepared.exc_info:
            lines = redacted(self.formatException(prepared.exc_info)).splitlines()
            document["exception"] = "\n".join(_shortened(line, LONGEST_LINE) for line in lines)
        return json.dumps(document)


def redacted(text: str) -> str:
    """Return a text without the site's secrets, credentials of requests, and rows that PostgreSQL quotes.

    Nothing should log them; this is for what a library quotes in an error.
    """
    for secret in _secrets():
        text = text.replace(secret, HIDDEN)
    text = TOKENS.sub(HIDDEN, text)
    return QUOTED_ROWS.sub(rf"\1: {HIDDEN}", CREDENTIALS.sub(rf"\1 {HIDDEN}", text))


def _prepared(record: logging.LogRecord) -> logging.LogRecord:
    """Return a copy in our words, with the attribute `request_id` for the format."""
    if hasattr(record, "request") and hasattr(record, "status_code"):
        changed = _of_request(record)
    elif record.name.startswith("gunicorn"):
        changed = _changed(record, QUERY_STRING.sub("?...", record.getMessage()))
    else:
        changed = copy.copy(record)
    changed.request_id = current_id() or "-"
    return changed


def _of_request(record: logging.LogRecord) -> logging.LogRecord:
    """Return Django's record of a response in our format; only server errors keep their traceback."""
    request, status = record.request, record.status_code  # type: ignore[attr-defined]
    # Django appends the path in this form.
    path = getattr(request, "path", "").encode("unicode_escape").decode("ascii")
    reason = _escaped(record.getMessage()).removesuffix(f": {path}")
    method = _shortened(_escaped(str(getattr(request, "method", ""))), 20)
    place = f"{method} {_shortened(_route(request) or path, LONGEST_PATH)}"
    message = f"{status} {place} {_milliseconds(request)} ms: {_shortened(reason, LONGEST_REASON)}"
    changed = _changed(record, message)
    if status < 500:
        changed.exc_info = changed.exc_text = None
    return changed


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return what programs that read the log look for: of a response, or of a task that ended."""
    if hasattr(record, "request") and hasattr(record, "status_code"):
        request = record.request
        return {"status": record.status_code, "route": _route(request), "milliseconds": _milliseconds(request)}
    task = getattr(record, "data", None)
    if isinstance(task, dict) and record.name == "celery.app.trace":
        return {"task": task.get("name"), "task_id": task.get("id")}
    return {}


def _route(request: Any) -> str:
    """Return the pattern of the page's URL, in which names are placeholders; empty if there is no such page."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else ""


def _milliseconds(request: Any) -> int:
    began = getattr(request, "began", None)
    return round((time.monotonic() - began) * 1000) if began else 0


@cache
def _secrets() -> tuple[str, ...]:
    """Return the secrets of the settings, the longest first."""
    return tuple(sorted({one for one in _all_secrets() if len(one) >= SHORTEST_SECRET}, key=len, reverse=True))


def _all_secrets() -> Iterator[str]:
    yield from (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, *settings.TOKEN_KEYS)
    yield from (settings.BLIZZARD_CLIENT_SECRET, settings.METRICS_TOKEN)
    yield from (settings.EMAIL_HOST_PASSWORD, settings.NOTICE_WEBHOOK)
    yield settings.DATABASES["default"].get("PASSWORD") or ""
    for url in (settings.DATABASE_URL, settings.REDIS_URL):
        yield unquote(urlsplit(url).password or "")
        yield urlsplit(url).password or ""


def _changed(record: logging.LogRecord, message: str) -> logging.LogRecord:
    changed = copy.copy(record)
    changed.msg, changed.args = message, ()
    return changed


def _escaped(text: str) -> str:
    return text if text.isascii() and text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _shortened(text: str, length: int) -> str:
    raw = text.encode("utf-8", "backslashreplace")
    return raw.decode() if len(raw) <= length else raw[: length - 3].decode(errors="ignore") + "..."
