"""Readers of pages: one alone, or many at once who each open the page again as soon as they have it."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp

COSTS = re.compile(r'cpu;dur=([\d.]+), sql;dur=([\d.]+);desc="(\d+)"')
OK = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that was opened: seconds of waiting, of processor time and in the database, statements, bytes received."""

    waited: float
    processor: float
    database: float
    statements: int
    size: int


Cookies = Mapping[str, str]


def alone(address: str, path: str, cookies: Cookies, times: int) -> list[Opened]:
    """Open a page so many times, one after the other."""
    return asyncio.run(_alone(address, path, cookies, times))


def at_once(address: str, path: str, readers: Sequence[Cookies], seconds: float) -> tuple[list[Opened], float]:
    """Let each reader open the page again and again until the time is over; return also how long all took together."""
    began = time.monotonic()
    opened = asyncio.run(_at_once(address, path, readers, seconds))
    return opened, time.monotonic() - began


async def _alone(address: str, path: str, cookies: Cookies, times: int) -> list[Opened]:
    async with _browser(address) as browser:
        return [await _open(browser, path, cookies) for _ in range(times)]


async def _at_once(address: str, path: str, readers: Sequence[Cookies], seconds: float) -> list[Opened]:
    ends = time.monotonic() + seconds
    async with _browser(address) as browser:
        found = await asyncio.gather(*[_again_and_again(browser, path, cookies, ends) for cookies in readers])
    return [one for of_reader in found for one in of_reader]


async def _again_and_again(browser: aiohttp.ClientSession, path: str, cookies: Cookies, ends: float) -> list[Opened]:
    found = []
    while time.monotonic() < ends:
        found.append(await _open(browser, path, cookies))
    return found


def _browser(address: str) -> aiohttp.ClientSession:
    # Each request has its own connection, as behind a reverse proxy. Bytes are counted as they arrive: compressed.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    return aiohttp.ClientSession(
        address, connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    )


async def _open(browser: aiohttp.ClientSession, path: str, cookies: Cookies) -> Opened:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Accept-Encoding": "gzip"}
    began = time.perf_counter()
    async with browser.get(path, headers=headers, allow_redirects=False) as response:
        body = await response.read()
    waited = time.perf_counter() - began
    costs = COSTS.search(response.headers.get("Server-Timing", ""))
    if response.status != OK or costs is None:
        raise SystemExit(f"benchmarks: {path} answered {response.status} {response.headers.get('Location', '')}")
    processor, database, statements = costs.groups()
    return Opened(waited, float(processor) / 1000, float(database) / 1000, int(statements), len(body))
