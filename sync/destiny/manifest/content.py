"""Fetch a content file and unpack it into a temporary folder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.bungie.client import BungieClient
from sync.bungie.content_file import ContentDatabase, ContentError, open_database, unpack
from sync.engine.errors import NotFound, Unavailable


@contextmanager
def fetched(client: BungieClient, path: str) -> Iterator[tuple[Path, ContentDatabase]]:
    """Yield the unpacked database of a content file, and where it is until the end of the block.

    The CDN sometimes has no file, or half of one, under an address that it knows: then the file is fetched once more
    under an address that is new to it. Raises ApiError or ContentError.
    """
    with tempfile.TemporaryDirectory(prefix="guildsite-manifest-") as folder:
        database = Path(folder, "content.sqlite3")
        try:
            _fetch(client, path, database, is_fresh=False)
        except (ContentError, NotFound, Unavailable):
            _fetch(client, path, database, is_fresh=True)
        with open_database(database) as opened:
            yield database, opened


def _fetch(client: BungieClient, path: str, database: Path, *, is_fresh: bool) -> None:
    with tempfile.TemporaryFile(dir=database.parent) as archive:
        client.content_file(path, archive, is_fresh=is_fresh)
        unpack(archive, database)
