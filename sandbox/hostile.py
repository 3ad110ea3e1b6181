"""Responses that attack their reader: huge, compressed bombs, a slow drip, deep nesting, hostile values."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from sandbox.responses import JSON_TYPE
from sandbox.world.rng import SeededRandom

BODIES = ("huge", "gzip_bomb", "deflate_bomb", "drip", "nested", "mutated")
MEGABYTE = b" " * 2**20
MEGABYTES = 500
NESTING = 100_000
# Seconds between two bytes.
DRIP = 0.02
# Window sizes of zlib for its two formats.
_FORMATS = {"gzip": 31, "deflate": 15}

TEXTS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 }}{% now %}", "javascript:alert(1)",
    '=HYPERLINK("https://evil.example")', "@SUM(1+1)*cmd|' /C calc'!A0", "+1", "-1",
    "\u202egnp.exe", "a\u2066b\u200fc", "\u200b", "\ufeff", "a\x00b", "\r\nSet-Cookie: a=b", "\x1b[31m", "\ud800",
    "../../admin", "/", "..", "?", "%2e%2e", "", " ", "A" * 10_000, "e" + "\u0301" * 60,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    *TEXTS, 0, -1, 1.5, 2**15, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, 1e300, float("nan"), float("inf"),
    True, False, None, [], {}, [[]], {"id": 1}, {"type": "ALLIANCE"},
)  # fmt: skip
_GONE = object()


def response(kind: str, document: bytes, status: int, rng: SeededRandom) -> web.Response:
    """Return a hostile response in place of the document."""
    headers = {"Content-Type": JSON_TYPE}
    if kind in ("gzip_bomb", "deflate_bomb"):
        coding = kind.partition("_")[0]
        return web.Response(body=_bomb(coding), status=status, headers={**headers, "Content-Encoding": coding})
    body: Any
    if kind == "huge":
        body = _huge()
    elif kind == "drip":
        body = _drip(document)
    elif kind == "nested":
        body = b'{"a":' + b"[" * NESTING + b"]" * NESTING + b"}"
    else:
        body = json.dumps(mutated(json.loads(document or b"{}"), rng)).encode()
    return web.Response(body=body, status=status, headers=headers)


async def _huge() -> AsyncIterator[bytes]:
    for _ in range(MEGABYTES):
        yield MEGABYTE


async def _drip(document: bytes) -> AsyncIterator[bytes]:
    for byte in document:
        yield bytes((byte,))
        await asyncio.sleep(DRIP)


def _bomb(coding: str) -> bytes:
    """Return half a megabyte that becomes MEGABYTES. Its checksum is wrong, which nobody gets to see."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, _FORMATS[coding])
    first, other = (compressor.compress(MEGABYTE) + compressor.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + other * (MEGABYTES - 1) + compressor.flush()


def mutated(document: Any, rng: SeededRandom) -> Any:
    """Change the document at one to three places: another value, or none at all."""
    for _ in range(rng.between(1, 3)):
        places = list(_places(document))
        if not places:
            break
        container, key = rng.pick(places)
        value = rng.pick((*VALUES, _GONE))
        if value is _GONE:
            del container[key]
        else:
            container[key] = json.loads(json.dumps(value))
    return document


def _places(value: Any) -> list[tuple[Any, Any]]:
    keys = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in keys for place in ((value, key), *_places(inner))]
