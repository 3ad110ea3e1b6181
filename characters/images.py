"""Checks of pictures from another site before ours serves them: only small PNGs and JPEGs, by their own headers.

Nothing is decoded. SVG, which can hold scripts, and every other format are refused.
"""

import struct
from collections.abc import Iterator

MOST_BYTES = 2**18
MOST_PIXELS_A_SIDE = 1_024
PNG, JPEG = "image/png", "image/jpeg"
_PNG_BEGINS, _PNG_ENDS = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"IEND\xaeB`\x82"
_JPEG_BEGINS = b"\xff\xd8\xff"
# The segments with the size: C0 to CF, without tables of other kinds.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class NotAPicture(ValueError):
    """The bytes are no picture that the site serves; the message says why, never what they hold."""


def content_type_of(content: bytes) -> str:
    """Return the content type that the bytes themselves show. Raises NotAPicture."""
    if len(content) > MOST_BYTES:
        raise NotAPicture(f"larger than {MOST_BYTES} bytes")
    kind, size = PNG, _size_of_png(content)
    if size is None:
        kind, size = JPEG, _size_of_jpeg(content)
    if size is None:
        raise NotAPicture("neither PNG nor JPEG")
    if not all(0 < side <= MOST_PIXELS_A_SIDE for side in size):
        raise NotAPicture(f"not between 1 and {MOST_PIXELS_A_SIDE} pixels a side")
    return kind


def _size_of_png(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_PNG_BEGINS) or not content.endswith(_PNG_ENDS) or len(content) < 33:
        return None
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _size_of_jpeg(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_JPEG_BEGINS):
        return None
    for marker, place in _segments(content):
        if marker in _FRAMES and place + 9 <= len(content):
            height, width = struct.unpack_from(">HH", content, place + 5)
            return width, height
    return None


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the marker of each segment before the pixels of a JPEG, and where it begins."""
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        yield marker, place
        place += 2 + int(struct.unpack_from(">H", content, place + 2)[0])
