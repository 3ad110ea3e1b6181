"""One migrated database for all processes of a test run. Each copies it: to migrate takes five seconds."""

import os
import subprocess
import sys

import psycopg
from psycopg import sql

from tests.battlenet import CHECKOUT

COMMENT = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"


def migrated_database(url: str, run: str) -> str:
    """Return the name of a database with all tables, beside that of the URL. The first process of a run makes it."""
    name = f"{url.rpartition('/')[2]}_migrated"
    server = url.rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as own:
        # Until the connection is closed.
        own.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if own.execute(COMMENT, [name]).fetchone() != (run,):
            own.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            own.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            given = os.environ | {"DATABASE_URL": f"{server}/{name}"}
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=CHECKOUT, env=given, check=True)
            own.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(run)))
    return name
