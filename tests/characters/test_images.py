"""Which bytes of another site are served as a picture."""

import struct

import pytest

from characters.images import MOST_BYTES, NotAPicture, content_type_of
from sandbox.pictures import draw


def jpeg(width: int = 84, height: int = 84) -> bytes:
    """The segments of a JPEG up to its pixels, which nothing looks at."""
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"hall"
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + comment + frame + b"\xff\xda\x00\x02pixels\xff\xd9"


def test_png_and_jpeg_are_known_by_their_bytes() -> None:
    assert content_type_of(draw("x", 84, 84)) == "image/png"
    assert content_type_of(jpeg()) == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\0\0\0\0WEBPVP8 ",
        draw("x", 84, 84)[:-1],
        draw("x", 84, 84) + b"<script>",
        draw("x", 1_025, 1),
        jpeg(width=0),
        jpeg(height=60_000),
        jpeg()[:12],
        b"\xff\xd8\xff\xfe\x00\x00" * 3,
        jpeg() + b"x" * MOST_BYTES,
    ],
)
def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        content_type_of(content)
