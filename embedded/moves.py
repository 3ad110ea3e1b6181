"""Moving the database: to a PostgreSQL of one's own, and to a newer major version of the embedded one.

Both make a backup and restore it, so that rows are counted and the original stays.
"""

import shutil
import subprocess
import sys

from embedded import environment, interrupts, servers
from embedded.errors import StartError
from embedded.instance import CHECKOUT, Instance, Profile
from embedded.postgresql import DATABASE, MAJOR, PostgreSQL
from embedded.servers import Servers


def move_to_own() -> None:
    """Copy the real site's embedded database into the empty one of DATABASE_URL."""
    profile, given = Profile.RUN, environment.given(Profile.RUN)
    target = given.get("DATABASE_URL")
    if not target:
        raise StartError("Set DATABASE_URL in .env to the new, empty database first.")
    _require_unused(Instance(profile))
    with servers.borrowed(profile, {name: value for name, value in given.items() if name != "DATABASE_URL"}) as source:
        file = _manage(profile, source, "backup")
        _manage(profile, Servers(target, source.redis_url), "restore", file)
    print(
        f"`make run` uses DATABASE_URL from now on. The embedded data stays in {Instance(profile).root / 'postgres'}."
    )


def upgrade(profile: Profile) -> None:
    """Move a profile's embedded database to the installed major version of PostgreSQL."""
    instance = Instance(profile)
    _require_unused(instance)
    with instance.locked():
        new, redis = servers.both(instance)
        if not new.data.exists() or (version := new.data_version()) == MAJOR:
            print(f"Nothing to do: the database is of PostgreSQL {MAJOR} or does not exist yet.")
            return
        old = PostgreSQL(instance, new.access, major=version)
        kept = old.data.with_name(f"postgres-{version}")
        if kept.exists():
            raise StartError(f"{kept} exists, from an earlier upgrade: move it away.")
        try:
            servers.start_one(instance, redis)
            servers.start_one(instance, old)
            file = _manage(profile, Servers(old.url(DATABASE), redis.url()), "backup")
            old.stop()
            old.data.rename(kept)
            servers.start_one(instance, new)
            new.ensure_database(DATABASE)
            _manage(profile, Servers(new.url(DATABASE), redis.url()), "restore", file)
        except BaseException:
            interrupts.ignore()
            new.stop()
            if kept.exists():
                shutil.rmtree(new.data, ignore_errors=True)
                kept.rename(old.data)
            raise
        finally:
            new.stop()
            redis.stop()
    print(f"The database is of PostgreSQL {MAJOR} now. The earlier one is kept in {kept}; delete it when all is well.")


def _require_unused(instance: Instance) -> None:
    instance.create()
    with instance.locked():
        if instance.borrowed() or instance.kept:
            raise StartError("The site or its servers are running: end `make run`, or run `python -m embedded down`.")


def _manage(profile: Profile, addresses: Servers, *words: str) -> str:
    """Run a command of the site and return the last line of its output."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=CHECKOUT,
        env=environment.for_site(profile, addresses),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise StartError(f"manage.py {words[0]} failed; nothing was changed.")
    return done.stdout.strip().rpartition("\n")[2]
