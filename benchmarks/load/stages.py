"""Stages of load on one site, while its workers fetch all characters of some 40 guilds."""

import asyncio
import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import psutil
from django.db import connection
from django.utils import timezone

from benchmarks import database, site
from benchmarks.battlenet import Battlenet, battlenet
from benchmarks.load.people import Player, add_events, sign_in
from benchmarks.load.resources import Groups, Sampler, Usage, family
from benchmarks.load.visits import Answer, Page, pages, visit
from benchmarks.report import progress
from characters.models import Character
from embedded import ports, servers
from embedded.instance import Profile
from embedded.supervisor import Supervisor
from guilds.models import Guild
from sync.engine.rate_limiter import Lane
from sync.management.foreground import sync_characters
from sync.models import BlizzardJob
from sync.wow.provider import client_for

# Of all guilds: a full sync takes longer than a stage of a minute.
MEMBERS = 13_000
# Members and classes that pages are opened of.
SAMPLE = 40
CLASSES = 4
WARM_UP_PLAYERS, WARM_UP_SECONDS = 40, 10


@dataclass(frozen=True, slots=True)
class Stage:
    """The results of one number of players, with these options of gunicorn."""

    web_options: str
    players: int
    seconds: float
    answers: list[Answer]
    usage: dict[str, Usage]
    battlenet_requests: int
    # The machine's average load before; other programs may have caused it.
    load_before: float


def run(players: Sequence[int], *, seconds: int, web_options: Sequence[str]) -> Iterator[Stage]:
    """Prepare a guild with signed-in players, and run the site with each of the options of gunicorn.

    Each runs a stage for each number of players, and yields it when it is over.
    """
    site.load_game_data()
    database.clean()
    with battlenet("--world", "large", "--rate-per-hour", os.environ["BLIZZARD_RATE_PER_HOUR"]) as server:
        guild = _load_guilds(server)
        progress("players")
        visitors, choices = sign_in(guild, max(players)), _pages_of(guild)
        database.analyze()
        for options in web_options:
            yield from _run_site(server, options, visitors, choices, players, seconds)


def _run_site(
    server: Battlenet,
    options: str,
    visitors: Sequence[Player],
    choices: Sequence[Page],
    players: Sequence[int],
    seconds: int,
) -> Iterator[Stage]:
    database.clear_redis()
    server.reset()
    port = ports.choose()
    address = f"http://{ports.LOOPBACK}:{port}"
    with site.processes(server, port=port, web_options=options) as supervisor, _full_sync():
        site.wait_until(lambda: site.answers(address), what="the web server")
        asyncio.run(visit(address, visitors[:WARM_UP_PLAYERS], choices, WARM_UP_SECONDS))
        measure = partial(_stage, options=options, address=address, choices=choices, seconds=seconds)
        for count in players:
            yield measure(visitors[:count], server=server, supervisor=supervisor)


def _stage(
    visitors: Sequence[Player],
    *,
    options: str,
    address: str,
    choices: Sequence[Page],
    seconds: int,
    server: Battlenet,
    supervisor: Supervisor,
) -> Stage:
    progress(f"{len(visitors)} players {options}")
    load, began = os.getloadavg()[0], time.monotonic()
    server.reset_stats()
    with Sampler(partial(_groups, supervisor)) as sampler:
        answers = asyncio.run(visit(address, visitors, choices, seconds))
    elapsed, requests = time.monotonic() - began, int(server.stats()["requests"])
    return Stage(options, len(visitors), elapsed, answers, sampler.usage, requests, load)


def _load_guilds(server: Battlenet) -> Guild:
    """Sync the sandbox's guilds, and the characters of the first one, which is returned."""
    site.load_rosters(server, MEMBERS)
    first = server.guilds()[0]
    guild = Guild.objects.get(region=first["region"], realm__slug=first["realm_slug"], name=first["name"])
    progress(f"characters of {guild.name}")
    characters = list(Character.objects.filter(membership__guild=guild))
    sync_characters(client=client_for(Lane.INTERACTIVE), characters=characters)
    add_events(guild)
    return guild


def _pages_of(guild: Guild) -> list[Page]:
    members = list(guild.memberships.values_list("character", "character__playable_class"))
    chosen = random.Random(1).sample(members, SAMPLE)
    classes = sorted({number for _, number in chosen if number is not None})[:CLASSES]
    return pages(guild.get_absolute_url(), [str(pk) for pk, _ in chosen], classes)


@contextmanager
def _full_sync() -> Iterator[None]:
    """Make all characters due, and again when all have been fetched, within the block."""
    ended = threading.Event()

    def keep_due() -> None:
        profiles = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE)
        while True:
            if not profiles.filter(state=BlizzardJob.State.DUE, next_due_at__lte=timezone.now()).exists():
                profiles.filter(state=BlizzardJob.State.RESTING).update(
                    state=BlizzardJob.State.DUE, priority=BlizzardJob.Priority.LOW, next_due_at=timezone.now()
                )
            if ended.wait(2):
                connection.close()
                return

    thread = threading.Thread(target=keep_due, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _groups(supervisor: Supervisor) -> Groups:
    """Return the processes to watch, by the name that the table has for them."""
    pids = supervisor.pids()
    main, *workers = family(pids.pop("web"))
    groups = {f"web {number}": [one] for number, one in enumerate(workers, 1)} | {"web, main process": [main]}
    groups |= {name: family(pid) for name, pid in pids.items()}
    groups |= {name: family(pid) for name, pid in servers.running(Profile.BENCH).items() if pid is not None}
    own = psutil.Process()
    sandbox = [one for one in own.children() if "sandbox" in one.cmdline()]
    return groups | {"sandbox": sandbox, "the players": [own]}
