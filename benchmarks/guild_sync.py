"""(b) A guild of 1,000 members with characters, the first time and when nothing has changed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

from benchmarks import database, site
from benchmarks.battlenet import LATENCY_MS, battlenet
from benchmarks.report import progress, seconds, show
from characters.models import Character
from sync.engine.rate_limiter import Lane
from sync.management.foreground import sync_characters, sync_guild
from sync.wow.guilds import find_guild
from sync.wow.provider import client_for

# Seconds between the parts, so that none starts with a used-up rate limit.
REST = 1.1


class Statements:
    """Counts SQL statements."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Count a statement (Django's database wrapper)."""
        self.count += 1
        return execute(*arguments)


def main(*, quick: bool = False) -> None:
    """Print a row for each part of both syncs. It is short enough to need no quick variant."""
    site.load_game_data()
    database.clean()
    with battlenet() as server:
        site.ask(server)
        client, one = client_for(Lane.INTERACTIVE), server.guilds()[0]
        guild = find_guild(client=client, region=one["region"], realm_slug=one["realm_slug"], name=one["name"])
        rows: list[tuple[object, ...]] = []
        for round_ in ("first", "second"):
            progress(f"{round_} sync of {one['member_count']:,} members")
            guild.refresh_from_db()
            with _measured(rows, f"roster, {round_} time"):
                sync_guild(client=client, guild=guild)
            members = list(Character.objects.filter(membership__guild=guild).select_related("realm"))
            with _measured(rows, f"characters, {round_} time"):
                sync_characters(client=client, characters=members)
    show(
        f"A guild of {one['member_count']:,} members with characters, {LATENCY_MS} ms latency",
        ("part", "requests", "seconds", "minimum by the limit", "times the minimum", "statements"),
        rows,
        (
            "The minimum follows from the limit of 100 per second, or from the latency of a single response. "
            "Nothing changed before the second time: every response is a 304.",
        ),
    )


@contextmanager
def _measured(rows: list[tuple[object, ...]], label: str) -> Iterator[None]:
    time.sleep(REST)
    client, statements = client_for(Lane.INTERACTIVE), Statements()
    requests, began = client.requests, time.monotonic()
    with connection.execute_wrapper(statements):
        yield
    elapsed, asked = time.monotonic() - began, client.requests - requests
    minimum = max(asked / settings.BLIZZARD_RATE_PER_SECOND, LATENCY_MS / 1000)
    rows.append((label, f"{asked:,}", seconds(elapsed), seconds(minimum), f"{elapsed / minimum:.2f}", statements.count))
