"""The embedded database moves to a newer PostgreSQL, and from there to a server of one's own."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.battlenet import CHECKOUT
from tests.drills.servers import DrillServers

PARTS = (
    "accounts",
    "api",
    "characters",
    "destiny",
    "embedded",
    "guilds",
    "guildsite",
    "operations",
    "outgoing",
    "permissions",
    "sync",
    "templates",
)
FILES = ("manage.py", "pyproject.toml")
# A database of the embedded package's earlier PostgreSQL, with one player.
EARLIER_DATABASE = """
import subprocess, sys
from embedded import environment
from embedded.instance import Instance, Profile
from embedded.postgresql import PostgreSQL, _programs
from embedded.servers import Servers
from embedded.unprivileged import command_prefix

instance = Instance(Profile.RUN)
with instance.locked():
    access = instance.access("postgres")
    from embedded import ports
    access.port = ports.choose()
    instance.remember("postgres", access)
server = PostgreSQL(instance, access, major="16")
server.data.mkdir(mode=0o700)
initdb = _programs("16") / "initdb"
options = ["--username=postgres", "--pwfile=/dev/stdin", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"]
command = [*command_prefix(server.data, initdb), str(initdb), *options, f"--pgdata={server.data}"]
subprocess.run(command, input=access.password, text=True, check=True, stdout=subprocess.DEVNULL)
server.start()
server.ensure_database("guildsite")
site = environment.for_site(Profile.RUN, Servers(server.url("guildsite"), "redis://127.0.0.1:1/0"))
subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=site, check=True)
add = "from accounts.models import User; User.objects.create_user(7, 'Ægir#1')"
subprocess.run([sys.executable, "manage.py", "shell", "-c", add], env=site, check=True)
server.stop()
"""


class Copy:
    """A checkout of its own with the settings of a real site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            shutil.copytree(CHECKOUT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        for file in FILES:
            shutil.copy(CHECKOUT / file, folder / file)
        self.set(BLIZZARD_CLIENT_ID="drill", BLIZZARD_CLIENT_SECRET="drill")
        self.set(SECRET_KEY=secrets.token_urlsafe(48), CRYPTOGRAPHY_KEY=secrets.token_urlsafe(48))

    def set(self, **settings: str) -> None:
        """Add settings to `.env`."""
        with (self.folder / ".env").open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in settings.items())

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        environment = {name: os.environ[name] for name in ("PATH", "HOME")}
        words = [sys.executable, *command]
        return subprocess.run(words, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120)

    def embedded(self, *command: str) -> str:
        done = self.run("-m", "embedded", *command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    """A checkout whose embedded servers are stopped in the end."""
    copy = Copy(tmp_path / "site")
    yield copy
    copy.embedded("down")


def test_to_a_newer_postgresql_and_then_to_ones_own(copy: Copy, drill_servers: DrillServers) -> None:
    prepared = copy.run("-c", EARLIER_DATABASE)
    assert prepared.returncode == 0, prepared.stderr
    refused = copy.run("-m", "embedded", "exec", "--profile", "run", "--", "true")
    assert "embedded upgrade-database" in refused.stderr
    print(copy.embedded("upgrade-database"))
    local = copy.folder / ".local" / "run"
    assert (local / "postgres-16").is_dir()
    assert (local / "postgres" / "PG_VERSION").read_text() == "18\n"
    assert "Nothing to do" in copy.embedded("upgrade-database")

    own = drill_servers.empty("own")
    copy.set(DATABASE_URL=own)
    print(copy.embedded("move-database"))
    with psycopg.connect(own) as connection:
        assert connection.execute("SELECT battletag FROM accounts_user").fetchall() == [("Ægir#1",)]
    again = copy.run("-m", "embedded", "move-database")
    assert again.returncode == 1
    assert "is not empty" in again.stderr
