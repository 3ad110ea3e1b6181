"""The demo: the site with the sandbox's guild of 1,000 members, which has used the site for 90 days."""

import json
import shlex
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from embedded import environment, site
from embedded.errors import StartError
from embedded.instance import Instance, Profile
from embedded.run import alone, line, print_addresses, serve, supervised
from embedded.servers import Servers
from embedded.supervisor import Supervisor

# How long the guild has used the site when the demo is started for the first time.
DAYS = 90


def demo(*, leave: bool) -> None:
    """Serve a site with the sandbox's demo guild; with `leave`, exit after the first sync."""
    print("Guildsite demo", flush=True)
    sandbox_port = site.require_port("SANDBOX_PORT", environment.SANDBOX_PORT)
    sandbox = site.address(sandbox_port)
    with alone(Profile.DEMO) as (here, listener), supervised(Profile.DEMO) as (supervisor, addresses):
        kept = shlex.quote(str(_file("sandbox")))
        supervisor.start_sandbox(f"python -m sandbox --port {sandbox_port} --seed 1 --folder {kept} {_world_options()}")
        site.prepare(supervisor)
        with site.timed("Sandbox of Battle.net and Bungie"):
            supervisor.wait_for("sandbox", lambda: site.answers(f"{sandbox}/_sandbox/world"), seconds=60)
        world = site.fetch(f"{sandbox}/_sandbox/world").json()
        if not _sync_once(supervisor, addresses, world["demo_guild"], sandbox):
            # The sandbox has forgotten the tokens. Workers that tried an old one would ask players to connect again.
            with site.timed("Bungie accounts connected again"):
                supervisor.run("demo.bungie", f"python -m demo.bungie {sandbox}")
        site.start(supervisor, listener)
        line("")
        line("Members", f"{_members(addresses):,} in {world['demo_guild']['name']}")
        print_addresses(supervisor, here.port)
        line("Sign in", f"{site.address(here.port)}/accounts/battlenet/login/{_personas(world)}")
        if not leave:
            serve(supervisor, here)


def _world_options() -> str:
    """Return options for the world of the first start, which has lived on since."""
    days = (datetime.now(UTC).date() - _first_day()).days if _file("demo.synced").exists() else 0
    return f"--today {_first_day()} --days {days}"


def _first_day() -> date:
    """Return the day on which the world begins: the same at each start, so that it is the same world."""
    file = _file("demo.first_day")
    if not file.exists():
        file.write_text(f"{datetime.now(UTC).date() - timedelta(days=DAYS)}")
    return date.fromisoformat(file.read_text())


def _file(name: str) -> Path:
    return Instance(Profile.DEMO).root / name


def _sync_once(supervisor: Supervisor, addresses: Servers, guild: dict[str, str], sandbox: str) -> bool:
    """Fill the database and print a summary; returns False if an earlier start did, unless it was interrupted.

    The workers fetch pictures, the manifest, guardians and items while the first visitor looks around.
    """
    done = _file("demo.synced")
    if done.exists() and _members(addresses):
        return False
    began = time.monotonic()
    with site.timed("Game data"):
        _summary(supervisor.run("sync_static", "python manage.py sync_static --json", shows_progress=True))
    with site.timed(f"{DAYS} days of {guild['name']}"):
        supervisor.run("demo", f"python -m demo {sandbox} {_first_day()}")
    arguments = shlex.join([guild["region"], guild["realm_slug"], guild["name"]])
    with site.timed(f"Roster and characters of {guild['name']}"):
        command = f"python manage.py sync_guild {arguments} --characters --json"
        summary = _summary(supervisor.run("sync_guild", command, shows_progress=True))
    for tier in ("icons", "portraits and specializations"):
        supervisor.run("mark_due", shlex.join(["python", "manage.py", "mark_due", tier]))
    seconds = time.monotonic() - began
    done.touch()
    stats = site.fetch(f"{sandbox}/_sandbox/stats").json()
    line("")
    line("Synced", f"{summary['created']:,} created, {summary['failed']:,} failed, in {seconds:.1f} s")
    line("Requests", f"{stats['requests']:,}, at most {stats['busiest_second']:,} in one second")
    line("Refused", f"{stats['refused']:,} requests over the limit")
    return True


def _summary(output: str) -> dict[str, Any]:
    """Return the summary in the last line of a command's output."""
    try:
        summary: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise StartError("A sync command printed no summary as its last line of --json output.") from error
    return summary


def _members(addresses: Servers) -> int:
    with psycopg.connect(addresses.database_url, connect_timeout=5) as connection:
        row = connection.execute("SELECT count(*) FROM guilds_membership").fetchone()
    return int(row[0]) if row else 0


def _personas(world: dict[str, Any]) -> str:
    """Return the personas on the sandbox's authorization page."""
    personas = [persona["name"] for persona in world.get("personas", [])]
    return f" as {', '.join(personas)}" if personas else ""
