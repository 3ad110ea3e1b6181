"""Huge, compressed, nested and overlong answers: time and memory until each is applied or refused."""

import json
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests
from django.db import transaction

from benchmarks import database, site
from benchmarks.battlenet import Battlenet, battlenet
from benchmarks.report import progress, seconds, show
from guilds.models import Guild
from sync.blizzard.payloads import GuildProfile, GuildRoster, RealmRef
from sync.engine.errors import ApiError, PayloadError
from sync.engine.json_body import parse_object
from sync.engine.rate_limiter import Lane
from sync.engine.transitions import attempt
from sync.models import BlizzardJob
from sync.wow.guild_lookup import FetchedGuild
from sync.wow.guilds import apply_fetched_guild, find_guild
from sync.wow.jobs import roster_job
from sync.wow.provider import client_for

BODIES = {"huge": "500 MB", "gzip_bomb": "500 MB", "deflate_bomb": "500 MB", "nested": "0.2 MB"}
SIZES = (1_000, 5_000, 50_000)
MEBIBYTE = 2**20

Row = tuple[object, ...]


def main(*, quick: bool = False) -> None:
    """Print a row for each answer. It is short enough to need no quick variant."""
    site.load_game_data()
    database.clean()
    with battlenet(latency_ms=0) as server:
        site.ask(server)
        client, one = client_for(Lane.INTERACTIVE), server.guilds()[0]
        guild = find_guild(client=client, region=one["region"], realm_slug=one["realm_slug"], name=one["name"])
        profile = client.guild(guild.region, guild.realm.slug, guild.slug)
        rows = [_fetched(server, guild, body) for body in BODIES]
        for size in SIZES:
            progress(f"a roster of {size:,}")
            rows += [_roster(guild, profile, size, has_links=has_links) for has_links in (True, False)]
    show(
        "Hostile answers: time and memory until they are applied or refused",
        ("answer", "size", "outcome", "seconds", "most memory"),
        rows,
        ("Memory is what Python allocates at most, in a second run: measuring it takes time.",),
    )


def _fetched(server: Battlenet, guild: Guild, body: str) -> Row:
    progress(body)
    fault = {"path": "/data/wow/guild/", "body": body}
    requests.post(f"{server.url}/_sandbox/faults", json=fault, timeout=10).raise_for_status()
    client = client_for(Lane.INTERACTIVE)
    row = _measured(body, BODIES[body], lambda: client.guild(guild.region, guild.realm.slug, guild.slug))
    requests.delete(f"{server.url}/_sandbox/faults", timeout=10).raise_for_status()
    return row


def _roster(guild: Guild, profile: GuildProfile, size: int, *, has_links: bool) -> Row:
    """Parse a roster, and apply it to the guild without members."""
    body = json.dumps({"guild": _named(guild), "members": _members(guild, size, has_links=has_links)}).encode()

    def apply() -> None:
        with transaction.atomic():
            roster = GuildRoster.from_json(parse_object(body))
            realm = RealmRef(id=guild.realm_id, slug=guild.realm.slug, name=guild.realm.name)
            fetched = FetchedGuild(realm, guild.slug, replace(profile, member_count=size), roster, None)
            with attempt(BlizzardJob.objects.filter(pk=roster_job(guild).pk)) as claim:
                apply_fetched_guild(guild=guild, fetched=fetched, claim=claim)
            transaction.set_rollback(True)

    return _measured(f"{size:,} members{'' if has_links else ', no links'}", f"{len(body) / MEBIBYTE:.1f} MiB", apply)


def _members(guild: Guild, size: int, *, has_links: bool) -> list[Any]:
    link = {"key": {"href": "https://eu.api.blizzard.com/data/wow/playable-class/1?namespace=static-11.2.7_64877-eu"}}
    links = link if has_links else {}
    return [
        {
            "character": {
                **links,
                "name": f"Member{number}",
                "id": 10_000_000 + number,
                "realm": {**links, "id": guild.realm_id, "slug": guild.realm.slug},
                "level": 80,
                "playable_class": {**links, "id": 1},
                "playable_race": {**links, "id": 1},
                "faction": {"type": "HORDE"},
            },
            "rank": min(number, 9),
        }
        for number in range(size)
    ]


def _named(guild: Guild) -> dict[str, Any]:
    realm = {"id": guild.realm_id, "slug": guild.realm.slug, "name": guild.realm.name}
    return {"id": guild.blizzard_id, "name": guild.name, "realm": realm, "faction": {"type": guild.faction}}


def _measured(label: str, size: str, call: Callable[[], object]) -> Row:
    began = time.monotonic()
    outcome = _outcome(call)
    elapsed = time.monotonic() - began
    tracemalloc.start()
    _outcome(call)
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return label, size, outcome, seconds(elapsed), f"{memory / MEBIBYTE:.0f} MiB"


def _outcome(call: Callable[[], object]) -> str:
    try:
        call()
    except (ApiError, PayloadError) as error:
        return f"refused: {error.detail if isinstance(error, ApiError) else error}"
    return "applied"
