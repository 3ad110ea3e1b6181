"""Mythic+ dungeons, affixes, periods, seasons and leaderboards."""

from typing import Any

from sandbox.documents.context import DocumentContext, Json
from sandbox.documents.ratings import dungeon_rating, run_rating
from sandbox.world.content.keystones import (
    AFFIXES,
    DUNGEONS,
    FIRST_SEASON,
    HARDEST,
    WEEK,
    KeystoneDungeon,
    affixes_of,
    period_at,
    period_start,
    periods_of,
    season_of,
)
from sandbox.world.gamedata import MAX_LEVEL
from sandbox.world.models import Character, Realm
from sandbox.world.world import World

_PATH = "mythic-keystone"
_PERIODS_LISTED = 60
_GROUP, _GROUPS = 5, 3


def dungeon_entry(context: DocumentContext, subject: KeystoneDungeon) -> Json:
    return {
        "key": context.dynamic(f"{_PATH}/dungeon/{subject.id}"),
        "name": context.text(subject.name),
        "id": subject.id,
    }


def affix_entry(context: DocumentContext, number: int) -> Json:
    return {"key": context.static(f"keystone-affix/{number}"), "name": _affix_name(context, number), "id": number}


def _affix_name(context: DocumentContext, number: int) -> Any:
    name = AFFIXES[number][0]
    return None if name is None else context.text(name)


def period_entry(context: DocumentContext, number: int) -> Json:
    return {"key": context.dynamic(f"{_PATH}/period/{number}"), "id": number}


def season_entry(context: DocumentContext, number: int) -> Json:
    """Return a reference to a season; a character's own document of a season has another URL."""
    return {"key": context.dynamic(f"{_PATH}/season/{number}"), "id": number}


def index(context: DocumentContext, world: World) -> Json:
    return {
        "_links": {"self": context.dynamic(f"{_PATH}/")},
        "seasons": context.dynamic(f"{_PATH}/season/"),
        "dungeons": context.dynamic(f"{_PATH}/dungeon/"),
    }


def season_index(context: DocumentContext, world: World) -> Json:
    """Render all seasons up to the current one."""
    current = season_of(period_at(context.region, world.clock.now))
    return {
        "_links": {"self": context.dynamic(f"{_PATH}/season/")},
        "seasons": [season_entry(context, number) for number in range(FIRST_SEASON, current + 1)],
        "current_season": season_entry(context, current),
    }


def season(context: DocumentContext, number: int) -> Json:
    """Render a season with its periods so far; only a past season has an end."""
    current = period_at(context.region, context.now)
    periods = periods_of(number)
    document: Json = {
        "_links": {"self": context.dynamic(f"{_PATH}/season/{number}")},
        "id": number,
        "start_timestamp": period_start(context.region, periods[0]) * 1000,
    }
    if periods[-1] < current:
        document["end_timestamp"] = period_start(context.region, periods[-1] + 1) * 1000
    document["periods"] = [period_entry(context, period) for period in periods if period <= current]
    return document


def period_index(context: DocumentContext, world: World) -> Json:
    """Render the last periods, including the current one."""
    current = period_at(context.region, world.clock.now)
    return {
        "_links": {"self": context.dynamic(f"{_PATH}/period/")},
        "periods": [period_entry(context, number) for number in range(current - _PERIODS_LISTED, current + 1)],
        "current_period": period_entry(context, current),
    }


def period(context: DocumentContext, number: int) -> Json:
    """Render the period's start and end in the region."""
    start = period_start(context.region, number)
    return {
        "_links": {"self": context.dynamic(f"{_PATH}/period/{number}")},
        "id": number,
        "start_timestamp": start * 1000,
        "end_timestamp": (start + WEEK - 1) * 1000,
    }


def dungeon_index(context: DocumentContext, world: World) -> Json:
    return {
        "_links": {"self": context.dynamic(f"{_PATH}/dungeon/")},
        "dungeons": [dungeon_entry(context, one) for one in DUNGEONS.values()],
    }


def dungeon(context: DocumentContext, subject: KeystoneDungeon) -> Json:
    home = subject.instance
    return {
        "_links": {"self": context.dynamic(f"{_PATH}/dungeon/{subject.id}")},
        "id": subject.id,
        "name": context.text(subject.name),
        "map": {"name": context.text(home.name), "id": home.map_id},
        "zone": {"slug": home.name.lower().replace("'", "").replace(" ", "-")},
        "dungeon": context.entry("journal-instance", home.id, home.name),
        "keystone_upgrades": [
            {"upgrade_level": level, "qualifying_duration": duration}
            for level, duration in enumerate(subject.upgrades, start=1)
        ],
        "is_tracked": True,
    }


def affix_index(context: DocumentContext, world: World) -> Json:
    return {
        "_links": {"self": context.static("keystone-affix/")},
        "affixes": [affix_entry(context, number) for number in AFFIXES],
    }


def affix(context: DocumentContext, number: int) -> Json:
    return {
        "_links": {"self": context.static(f"keystone-affix/{number}")},
        "id": number,
        "name": _affix_name(context, number),
        "description": context.text(AFFIXES[number][1]),
        "media": context.nameless("media/keystone-affix", number),
    }


def leaderboard_index(context: DocumentContext, realms: list[Realm]) -> Json:
    """Render this period's leaderboards of a connected realm, one for each dungeon."""
    path = f"connected-realm/{realms[0].connected_realm_id}/mythic-leaderboard"
    current = period_at(context.region, context.now)
    return {
        "_links": {"self": context.dynamic(f"{path}/")},
        "current_leaderboards": [
            {
                "key": context.dynamic(f"{path}/{one.id}/period/{current}"),
                "name": context.text(one.name),
                "id": one.id,
            }
            for one in DUNGEONS.values()
        ],
    }


Leaderboard = tuple[int, KeystoneDungeon, int, list[Character]]


def leaderboard(context: DocumentContext, subject: Leaderboard) -> Json:
    """Render the best groups of a connected realm in a dungeon and period; the list is absent if there are none."""
    connected_realm, played, number, players = subject
    path = f"connected-realm/{connected_realm}"
    start = period_start(context.region, number)
    document: Json = {
        "_links": {"self": context.dynamic(f"{path}/mythic-leaderboard/{played.id}/period/{number}")},
        "map": {"name": context.text(played.instance.name), "id": played.instance.map_id},
        "period": number,
        "period_start_timestamp": start * 1000,
        "period_end_timestamp": (start + WEEK - 1) * 1000,
        "connected_realm": context.dynamic(path),
    }
    groups = [players[first : first + _GROUP] for first in range(0, len(players), _GROUP)][:_GROUPS]
    full = [group for group in groups if len(group) == _GROUP]
    if full:
        document["leading_groups"] = [_group(context, played, start, *one) for one in enumerate(full, start=1)]
    return document | {
        "keystone_affixes": [
            {"keystone_affix": affix_entry(context, affix_id), "starting_level": 12 if affix_id == HARDEST else 4}
            for affix_id in affixes_of(number, 12)
        ],
        "map_challenge_mode_id": played.id,
        "name": context.text(played.name),
    }


def _group(
    context: DocumentContext, played: KeystoneDungeon, start: int, ranking: int, members: list[Character]
) -> Json:
    level = 21 - ranking
    return {
        "ranking": ranking,
        "duration": played.time_limit * (90 + ranking) // 100,
        "completed_timestamp": (start + ranking * 7200) * 1000,
        "keystone_level": level,
        "members": [_leader(context, member) for member in members],
        "mythic_rating": dungeon_rating(run_rating(level, is_timed=True, salt=ranking)),
    }


def _leader(context: DocumentContext, member: Character) -> Json:
    return {
        "profile": {"name": member.name, "id": member.id, "realm": context.nameless_realm(member.realm)},
        "faction": {"type": member.faction},
        "specialization": context.nameless("playable-specialization", member.spec_id or 0),
    }


def leaders(world: World, realms: list[Realm]) -> list[Character]:
    """Return the connected realm's characters that can be on a leaderboard, ordered by id."""
    slugs = {(realm.region, realm.slug) for realm in realms}
    found = [
        one
        for one in world.characters.values()
        if (one.region, one.realm.slug) in slugs and one.level == MAX_LEVEL and one.spec_id and one.profile == 200
    ]
    return sorted(found, key=lambda one: one.id)[: _GROUP * _GROUPS]
