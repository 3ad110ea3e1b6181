"""Serving the site from a checkout, with the sandbox or with the real Battle.net."""

import json
import shlex
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg

from embedded import environment, interrupts, servers, site
from embedded.errors import StartError
from embedded.instance import Instance, Profile
from embedded.servers import Servers
from embedded.supervisor import Supervisor


def demo(*, leave: bool) -> None:
    """Serve a site with the sandbox's demo guild; with `leave`, exit after the first sync."""
    print("Guildsite demo", flush=True)
    site_port = site.require_port("PORT", environment.SITE_PORT)
    sandbox_port = site.require_port("SANDBOX_PORT", environment.SANDBOX_PORT)
    sandbox = site.address(sandbox_port)
    with _supervised(Profile.DEMO) as (supervisor, addresses):
        supervisor.start("sandbox", f"python -m sandbox --port {sandbox_port} --seed 1")
        site.prepare(supervisor)
        with site.timed("Sandbox of Battle.net"):
            supervisor.wait_until("sandbox", lambda: site.answers(f"{sandbox}/_sandbox/world"))
        site.start(supervisor, site_port)
        world = site.fetch(f"{sandbox}/_sandbox/world").json()
        _line("")
        _sync_once(supervisor, addresses, world["demo_guild"], sandbox)
        _line("Members", f"{_members(addresses):,} in {world['demo_guild']['name']}")
        _print_addresses(supervisor, site_port)
        _line("Sign in", f"{site.address(site_port)}/accounts/battlenet/login/{_personas(world)}")
        if not leave:
            _serve(supervisor)


def run() -> None:
    """Serve the real site with the settings of `.env`."""
    environment.require_dotenv()
    print("Guildsite", flush=True)
    port = site.require_port("PORT", environment.SITE_PORT)
    with _supervised(Profile.RUN) as (supervisor, _):
        site.prepare(supervisor)
        site.start(supervisor, port)
        _line("")
        _print_addresses(supervisor, port)
        _serve(supervisor)


@contextmanager
def _supervised(profile: Profile) -> Iterator[tuple[Supervisor, Servers]]:
    """Yield the servers and a supervisor with the site's environment; both end with the block."""
    with ExitStack() as stack:
        with site.timed("PostgreSQL and Redis"):
            addresses = stack.enter_context(servers.borrowed(profile, environment.given(profile)))
        site_environment = environment.for_site(profile, addresses)
        yield stack.enter_context(Supervisor(site_environment, Instance(profile).log_folder)), addresses


def _serve(supervisor: Supervisor) -> None:
    print("\n  Ctrl-C ends everything.", flush=True)
    try:
        supervisor.serve()
    except interrupts.Interrupted:
        print("\n  Ending ...", flush=True)


def _sync_once(supervisor: Supervisor, addresses: Servers, guild: dict[str, str], sandbox: str) -> None:
    """Fill the database on the first start, or after an interrupted first sync, and print a summary."""
    done = Instance(Profile.DEMO).root / "demo.synced"
    if done.exists() and _members(addresses):
        return
    began = time.monotonic()
    with site.timed("Game data"):
        _summary(supervisor.run_watched("sync_static", "python manage.py sync_static --json"))
    arguments = shlex.join([guild["region"], guild["realm_slug"], guild["name"]])
    with site.timed(f"Roster and characters of {guild['name']}"):
        command = f"python manage.py sync_guild {arguments} --characters --json"
        summary = _summary(supervisor.run_watched("sync_guild", command))
    seconds = time.monotonic() - began
    done.touch()
    stats = site.fetch(f"{sandbox}/_sandbox/stats").json()
    _line("")
    _line("Synced", f"{summary['created']:,} created, {summary['failed']:,} failed, in {seconds:.1f} s")
    _line("Requests", f"{stats['requests']:,}, at most {stats['busiest_second']:,} in one second")
    _line("Refused", f"{stats['refused']:,} requests over the limit")


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


def _print_addresses(supervisor: Supervisor, port: int) -> None:
    _line("Site", f"{site.address(port)}/")
    _line("Logs", str(supervisor.log_folder))


def _line(label: str, text: str = "") -> None:
    print(f"  {label:<9} {text}".rstrip(), flush=True)
