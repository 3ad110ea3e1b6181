"""Command-line options."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sandbox.world.build import DEMO_GUILD_SIZE
from sandbox.world.clock import DAY


@dataclass(frozen=True, slots=True)
class Options:
    """The parsed options.

    ``today`` is the midnight (UTC, epoch seconds) on which the world begins, ``days`` how many pass before it serves.
    """

    host: str
    port: int
    seed: int
    world: str
    members: int
    today: int
    days: int
    latency_ms: int
    rate_per_second: int
    rate_per_hour: int
    client_id: str
    client_secret: str
    bungie_client_id: str
    bungie_api_key: str
    bungie_redirect_url: str
    bungie_rate_per_10_seconds: int
    folder: Path | None


def parse_options(arguments: Sequence[str] | None = None) -> Options:
    """Parse the options; argparse exits if they are invalid."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A Battle.net and a Bungie.net on your own machine."
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=int, default=8765, help="port to listen on, 0 for any free one (%(default)s)")
    add("--seed", type=int, default=1, help="seed of the world (%(default)s)")
    add(
        "--world",
        choices=("small", "large"),
        default="small",
        help="about 2,000 or 30,000 characters (%(default)s)",
    )
    add("--members", type=int, default=DEMO_GUILD_SIZE, help="members of the demo guild (%(default)s)")
    add(
        "--today",
        type=_midnight,
        default=_last_midnight(),
        help="first day of the world, YYYY-MM-DD (today, UTC)",
    )
    add("--days", type=int, default=0, help="days that pass in the world before the start (%(default)s)")
    add("--latency-ms", type=int, default=0, help="delay of each API response (%(default)s)")
    add("--rate-per-second", type=int, default=100, help="requests allowed per second (%(default)s)")
    add("--rate-per-hour", type=int, default=36_000, help="requests allowed per hour (%(default)s)")
    add("--client-id", default="sandbox-client", help="id of the only registered client (%(default)s)")
    add("--client-secret", default="sandbox-secret", help="its secret, also at Bungie (%(default)s)")
    add("--bungie-client-id", default="40001", help="id of the only application at Bungie (%(default)s)")
    add("--bungie-api-key", default="sandbox-api-key", help="its API key (%(default)s)")
    add("--bungie-redirect-url", default="", help="its redirect URL (any on this machine or with https)")
    add("--bungie-rate-per-10-seconds", type=int, default=250, help="requests allowed to an address (%(default)s)")
    add("--folder", type=Path, help="where built content files of Destiny are kept (nowhere)")
    return Options(**vars(parser.parse_args(arguments)))


def _last_midnight() -> int:
    return int(time.time()) // DAY * DAY


def _midnight(day: str) -> int:
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{day!r} is not YYYY-MM-DD") from None
