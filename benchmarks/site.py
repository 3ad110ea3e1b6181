"""The site to measure: its processes as in the Procfile, and their rows."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import requests
from django.conf import settings
from django.core.management import call_command

from benchmarks.battlenet import CLIENT_ID, CLIENT_SECRET, Battlenet, battlenet
from benchmarks.report import progress
from characters.models import Character, ProfileState, Realm, Role
from embedded.instance import Instance, Profile
from embedded.site import procfile
from embedded.supervisor import Supervisor
from sync.engine.rate_limiter import Lane
from sync.management.foreground import sync_game_data, sync_guild
from sync.models import BlizzardJob
from sync.wow.guilds import find_guild
from sync.wow.provider import client_for


def ask(server: Battlenet) -> None:
    """Use the sandbox as Battle.net in this process."""
    settings.BLIZZARD_OAUTH_URL = settings.BLIZZARD_API_URL = server.url
    settings.BLIZZARD_CLIENT_ID, settings.BLIZZARD_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    client_for.cache_clear()


def load_game_data() -> None:
    """Fetch the game data of all regions, once for all benchmarks."""
    if Realm.objects.exists():
        return
    progress("game data of all regions")
    with battlenet(latency_ms=0) as server:
        ask(server)
        for region in settings.BLIZZARD_REGIONS:
            sync_game_data(client=client_for(Lane.INTERACTIVE), region=region)


def load_rosters(server: Battlenet, members: int, *, skip: int = 0) -> None:
    """Sync guilds of the sandbox, except the first few, until they have this many members in total."""
    progress(f"rosters with {members:,} members")
    ask(server)
    client, found = client_for(Lane.INTERACTIVE), 0
    for one in server.guilds()[skip:]:
        if found >= members:
            return
        guild = find_guild(client=client, region=one["region"], realm_slug=one["realm_slug"], name=one["name"])
        sync_guild(client=client, guild=guild)
        found += one["member_count"]


def forget_details() -> None:
    """Reset all characters to what a roster lists, so that each profile has changes to write."""
    Character.objects.update(
        active_spec=None,
        role=Role.UNKNOWN,
        average_item_level=None,
        equipped_item_level=None,
        last_login_at=None,
        last_modified=None,
        last_synced_at=None,
        profile_state=ProfileState.UNKNOWN,
    )


@contextmanager
def processes(
    server: Battlenet, *, workers: int = 1, port: int | None = None, web_options: str = ""
) -> Iterator[Supervisor]:
    """Run workers and scheduler, and with a port also the web server, within the block."""
    environment = os.environ | server.environment() | (_web_environment(port) if port is not None else {})
    commands = procfile()
    with _supervisor(environment) as supervisor:

        def start(name: str, command: str) -> None:
            # What it says must not be found in the log of an earlier run.
            supervisor.log(name).unlink(missing_ok=True)
            supervisor.start(name, lambda: command)

        names = [f"worker{number}" for number in range(1, workers + 1)]
        for name in names:
            start(name, commands["worker"].replace("worker@%h", f"{name}@%h"))
        if port is not None:
            start("web", f"{commands['web']} {web_options}")
            start("interactive", commands["interactive"])
            names.append("interactive")
        start("beat", commands["beat"])
        for name in names:
            supervisor.wait_for(name, partial(_says_ready, supervisor.log(name)), seconds=60)
        yield supervisor


@contextmanager
def web(port: int, *, application: str, options: str = "") -> Iterator[Supervisor]:
    """Run only the web server within the block, with another WSGI application than the site's."""
    environment = os.environ | _web_environment(port)
    command = procfile()["web"].replace("guildsite.wsgi", application)
    with _supervisor(environment) as supervisor:
        supervisor.log("web").unlink(missing_ok=True)
        supervisor.start("web", lambda: f"{command} {options}")
        yield supervisor


def _web_environment(port: int) -> dict[str, str]:
    """Collect the static files, and return the settings of a web server on this port."""
    call_command("collectstatic", interactive=False, verbosity=0)
    return {"PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}", "ALLOWED_HOSTS": "127.0.0.1"}


def _supervisor(environment: Mapping[str, str]) -> Supervisor:
    logs = Instance(Profile.BENCH).log_folder
    logs.mkdir(parents=True, exist_ok=True)
    return Supervisor(lambda: environment, logs)


def answers(address: str) -> bool:
    """Return whether the site answers."""
    try:
        return requests.get(f"{address}/healthz", timeout=2).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def _says_ready(log: Path) -> bool:
    return " ready." in log.read_text(errors="replace")


def worker_cpu(supervisor: Supervisor) -> float:
    """Return the processor seconds that the workers have used, independent of the machine's load."""
    workers = [pid for name, pid in supervisor.pids().items() if name.startswith("worker")]
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in workers)


def wait_until(condition: Callable[[], bool], *, what: str, seconds: float = 60) -> None:
    """Poll until the condition is true; exit with one line after a timeout."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            raise SystemExit(f"benchmarks: {what} did not happen within {seconds:.0f} s; logs are in .local/bench/log.")
        time.sleep(0.05)


def count_jobs(**conditions: Any) -> int:
    """Return the number of jobs with these conditions."""
    return BlizzardJob.objects.filter(**conditions).count()
