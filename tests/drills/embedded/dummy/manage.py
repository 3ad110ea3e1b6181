"""A stand-in for the site's commands, with just enough for all steps of the demo."""

import json
import os
import sys

import psycopg

FIGURES = {"calls": 3, "created": 2, "updated": 0, "unchanged": 0, "removed": 0, "failed": 0, "seconds": 0.1}

command = sys.argv[1]
if command == "check":
    if os.environ["BLIZZARD_CLIENT_ID"] == "nonsense":
        sys.exit("guildsite: BLIZZARD_CLIENT_ID is nonsense")
    sys.exit()
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    if command == "migrate":
        if os.environ.get("MIGRATION_FAILS_ONCE") and not os.path.exists("failed.once"):
            open("failed.once", "w").close()
            sys.exit("django.db.utils.OperationalError: connection refused")
        connection.execute("CREATE TABLE IF NOT EXISTS guilds_membership (name text)")
    elif command == "collectstatic":
        os.makedirs("staticfiles", exist_ok=True)
    elif command == "sync_static":
        print(json.dumps(FIGURES))
    elif command == "sync_guild":
        if os.environ.get("SYNC_FAILS"):
            sys.exit("Error: the realm is closed")
        connection.execute("INSERT INTO guilds_membership VALUES ('Alice'), ('Bob')")
        print(json.dumps(FIGURES))
