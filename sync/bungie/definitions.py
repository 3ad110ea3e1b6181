"""Definitions of the manifest: one JSON object each, as content files have them."""

import json
import re
from dataclasses import dataclass
from typing import Any

from sync.bungie.content_file import ContentError

# What JSON can say and PostgreSQL's jsonb can't store: a zero byte, and half of a surrogate pair.
_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
LONGEST_NAME, LONGEST_KEY = 300, 120


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition. `key` is that of Bungie's JSON tables: the unsigned hash as text, or the name of a statistic.

    `json` is what the file has, as text that PostgreSQL can store.
    """

    key: str
    hash: int | None
    name: str
    json: str


def unsigned(number: int) -> int:
    """Return a hash as the API has it, for one as SQLite has it."""
    return number & 0xFFFF_FFFF


def parse_definition(table: str, key: int | str, body: bytes | str) -> Definition:
    """Read a row of a content file. Raises ContentError, which names the table and the key."""
    try:
        # Old files end each text with a zero byte, as C does.
        text = (body.decode() if isinstance(body, bytes) else body).rstrip("\0")
        values = json.loads(text, parse_constant=_refuse)
        if not isinstance(values, dict):
            raise TypeError("not an object")
        if _UNSTORABLE.search(text):
            values = _storable(values)
            text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ContentError(f"{table} {key!r} is not a JSON object") from error
    if isinstance(key, str) and len(key) <= LONGEST_KEY:
        return Definition(key, None, _name(values), text)
    if not isinstance(key, int) or not -(2**31) <= key < 2**32:
        raise ContentError(f"{table} has a key that is no hash")
    found = unsigned(key)
    if values.get("hash", found) != found:
        raise ContentError(f"{table} {key!r} has the hash of another definition")
    return Definition(str(found), found, _name(values), text)


def _name(values: dict[str, Any]) -> str:
    display = values.get("displayProperties")
    name = display.get("name") if isinstance(display, dict) else None
    # Statistics have names of their own.
    name = name or values.get("statName")
    return " ".join(name.split())[:LONGEST_NAME] if isinstance(name, str) else ""


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list) else value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
