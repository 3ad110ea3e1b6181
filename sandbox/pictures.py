"""Generated pictures: small patterns derived from their paths."""

import re
import struct
import zlib
from functools import lru_cache
from hashlib import sha256

from aiohttp import web

from sandbox.responses import empty_response

PREFIX = "/render/"
_CELLS = 8
# Paths of pictures, with width and height.
_SIZES = (
    (re.compile(r"icons/56/[a-z-]+-\d+\.png"), (56, 56)),
    (re.compile(r"zones/\d+-small\.png"), (256, 128)),
    (re.compile(r"npcs/zoom/\d+\.png"), (128, 128)),
    (re.compile(r"guild/tabards/(emblem|border)_\d\d+\.png"), (128, 128)),
    (re.compile(r"(us|eu|kr|tw)/character/[^/]+/\d+/\d+-avatar\.png"), (84, 84)),
    (re.compile(r"(us|eu|kr|tw)/character/[^/]+/\d+/\d+-inset\.png"), (230, 116)),
    (re.compile(r"(us|eu|kr|tw)/character/[^/]+/\d+/\d+-main-raw\.png"), (320, 240)),
)


async def respond(request: web.BaseRequest) -> web.Response:
    """Return the picture, or an empty 404 if no document links to this path. No token is needed."""
    path = request.path.removeprefix(PREFIX)
    size = next((size for pattern, size in _SIZES if pattern.fullmatch(path)), None)
    if size is None or request.method not in ("GET", "HEAD"):
        return empty_response(404)
    return web.Response(body=draw(path, *size), content_type="image/png", headers={"Cache-Control": "max-age=86400"})


@lru_cache(maxsize=512)
def draw(name: str, width: int, height: int) -> bytes:
    """Draw a PNG whose pattern and colors are derived from the name, symmetric left and right."""
    seed = sha256(name.encode()).digest()
    palette = (
        bytes((24, 26, 34)) + bytes(96 + part // 2 for part in seed[:3]) + bytes(64 + part // 2 for part in seed[3:6])
    )
    rows = []
    for cell in range(_CELLS):
        half = [seed[(8 + cell * 4 + place) % len(seed)] % 3 for place in range(_CELLS // 2)]
        line = half + half[::-1]
        rows.append(bytes(line[x * _CELLS // width] for x in range(width)))
    # Each row of a PNG begins with its filter type: 0, none.
    raw = b"".join(b"\0" + rows[y * _CELLS // height] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", palette)
        + _chunk(b"IDAT", zlib.compress(raw, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
