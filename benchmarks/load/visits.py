"""Visits of a guild's pages: who opens what, how long they think, and how long they wait."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from benchmarks.load.people import Player

# Seconds between a page and the next one, half as many to one and a half times as many.
THINK = 5.0
# Whoever waits longer has left: an error.
PATIENCE = 60.0
HTMX = {"HX-Request": "true"}
REFUSED = 400


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of page: how often it is opened, and the paths to choose from, relative to the guild or the site."""

    name: str
    weight: int
    paths: Sequence[str]
    method: str = "GET"
    headers: dict[str, str] | None = None
    for_officers: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answered or failed request; `error` is empty if it was as it should be."""

    page: str
    seconds: float
    error: str


def pages(guild_path: str, members: Sequence[str], classes: Sequence[int]) -> list[Page]:
    """Return the pages of a guild with these members (ids) and classes."""
    roster = f"{guild_path}roster/"
    sorts = [f"{roster}?sort={order}" for order in ("-item-level", "-level", "name", "-last-login", "class", "role")]
    filters = [f"{roster}?q={letters}" for letters in ("an", "el", "or")]
    filters += [f"{roster}?role=TANK", f"{roster}?role=HEALER", *(f"{roster}?class={one}" for one in classes)]
    return [
        Page("overview", 15, [guild_path]),
        Page("roster", 20, [roster]),
        Page("roster, sorted", 12, sorts, headers={**HTMX, "HX-Boosted": "true"}),
        Page("roster, filtered", 12, filters, headers=HTMX),
        Page("roster, page 2", 8, [f"{roster}?page=2"], headers={**HTMX, "HX-Boosted": "true"}),
        Page("member", 15, [f"{guild_path}members/{one}/" for one in members]),
        Page("timeline", 8, [f"{guild_path}timeline/"]),
        Page("my characters", 10, ["/characters/"]),
        Page("ranks", 8, [f"{guild_path}ranks/"], for_officers=True),
        Page("refresh (POST)", 6, [f"{guild_path}sync/refresh/"], method="POST", for_officers=True),
    ]


async def visit(address: str, players: Sequence[Player], choices: Sequence[Page], seconds: float) -> list[Answer]:
    """Let all players open pages until the time is over; return every answer."""
    ends = time.monotonic() + seconds
    # Each request has its own connection, as behind a reverse proxy.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(
        address, connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
    ) as browser:
        visits = [_visit(browser, player, choices, ends, seed) for seed, player in enumerate(players)]
        return [answer for answers in await asyncio.gather(*visits) for answer in answers]


async def _visit(
    browser: aiohttp.ClientSession, player: Player, choices: Sequence[Page], ends: float, seed: int
) -> list[Answer]:
    rng, answers = random.Random(seed), []
    own = [page for page in choices if player.is_officer or not page.for_officers]
    weights = [page.weight for page in own]
    # Nobody arrives at the same moment.
    await asyncio.sleep(rng.uniform(0, THINK))
    while time.monotonic() < ends:
        page = rng.choices(own, weights)[0]
        answers.append(await _open(browser, player, page, rng.choice(page.paths)))
        await asyncio.sleep(rng.uniform(THINK / 2, THINK * 3 / 2))
    return answers


async def _open(browser: aiohttp.ClientSession, player: Player, page: Page, path: str) -> Answer:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in player.cookies.items())}
    form = {"csrfmiddlewaretoken": player.csrf_token} if page.method == "POST" else None
    began = time.monotonic()
    try:
        async with browser.request(page.method, path, data=form, headers=headers | (page.headers or {})) as response:
            await response.read()
            error = _error(response)
    except (aiohttp.ClientError, TimeoutError) as failure:
        error = type(failure).__name__
    return Answer(page.name, time.monotonic() - began, error)


def _error(response: aiohttp.ClientResponse) -> str:
    if response.status >= REFUSED:
        return f"HTTP {response.status}"
    return "sign-in page" if "login" in response.url.path else ""
