"""Databases for one check, on the server of DATABASE_URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def scratch_database(url: str, name: str, *, template: str = "template0") -> Iterator[str]:
    """Create a database, yield its URL, and drop it. One of the same name that was left behind is replaced."""
    with psycopg.connect(url, autocommit=True) as server:
        # Not WITH (FORCE), by which only a superuser may end an autovacuum worker: this ends one that is in the way.
        drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            server.execute(drop)
