"""Pages are compressed for browsers that accept it."""

import gzip

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_page_is_compressed_for_a_browser_that_accepts_it(client: Client) -> None:
    plain = client.get("/")
    compressed = client.get("/", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in compressed.headers["Vary"]
    assert len(compressed.content) < len(plain.content) / 2
    assert b"Guildsite" in gzip.decompress(compressed.content)


def test_the_same_page_never_has_the_same_size_for_long(client: Client) -> None:
    sizes = {len(client.get("/", headers={"accept-encoding": "gzip"}).content) for _ in range(40)}
    assert len(sizes) > 5
