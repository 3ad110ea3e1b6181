"""JSON within bounds: no more values than fit into memory, no deep nesting, and no number that JSON does not have."""

import json
from typing import Any, NoReturn

from sync.engine.errors import PayloadError

# A value of three bytes takes up to 200 bytes of memory.
MOST_VALUES = 500_000


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object in UTF-8. Raises PayloadError."""
    # Each value but the first of a list or object follows a comma; in texts, commas and brackets count, too.
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise PayloadError(f"more than {MOST_VALUES} values")
    try:
        document = _DECODER.decode(body.decode("utf-8-sig"))
    except RecursionError:
        raise PayloadError("nested too deeply") from None
    except PayloadError:
        raise
    except ValueError:
        raise PayloadError(f"not JSON ({len(body)} bytes)") from None
    if not isinstance(document, dict):
        raise PayloadError("not an object")
    return document


def _refuse(name: str) -> NoReturn:
    raise PayloadError(f"{name} for a number")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
