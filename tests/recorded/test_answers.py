"""The client parses every recorded response of an endpoint that it uses.

New files are found by the path in their self link, not by their name.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sync.blizzard import media, payloads
from sync.blizzard.client import ENDPOINTS, OTHER_ENDPOINT, PICTURE, BlizzardClient, endpoint_of
from sync.engine.errors import NotFound
from sync.engine.http import Answer
from sync.engine.protocols import Subject
from tests.recorded.replay import address_of

# The rate limiter and the circuit breaker remember in the database what was sent.
pytestmark = pytest.mark.django_db

Ask = Callable[[BlizzardClient, str, list[str]], Any]

# The client's call for each path; its arguments are parts of the path.
ASK: dict[str, Ask] = {
    "/profile/user/wow": lambda client, region, parts: client.account_profile(region, user_token="recorded"),
    "/profile/user/wow/collections/mounts": lambda client, region, parts: client.account_mounts(
        region, user_token="recorded"
    ),
    "/profile/wow/character/{realm}/{name}": lambda client, region, parts: client.character(region, *parts[3:5]),
    "/profile/wow/character/{realm}/{name}/status": lambda client, region, parts: client.character_status(
        region, *parts[3:5]
    ),
    "/profile/wow/character/{realm}/{name}/character-media": lambda client, region, parts: client.character_media(
        region, *parts[3:5], since=None, subject=Subject("recorded")
    ),
    "/profile/wow/character/{realm}/{name}/specializations": lambda client, region, parts: (
        client.character_specializations(region, *parts[3:5], subject=Subject("recorded"))
    ),
    "/data/wow/guild/{realm}/{guild}": lambda client, region, parts: client.guild(region, *parts[3:5]),
    "/data/wow/guild/{realm}/{guild}/roster": lambda client, region, parts: client.guild_roster(region, *parts[3:5]),
    "/data/wow/playable-class/index": lambda client, region, parts: client.playable_classes(region),
    "/data/wow/playable-race/index": lambda client, region, parts: client.playable_races(region),
    "/data/wow/playable-race/{id}": lambda client, region, parts: client.playable_race(region, int(parts[3])),
    "/data/wow/playable-specialization/index": lambda client, region, parts: client.specializations(region),
    "/data/wow/playable-specialization/{id}": lambda client, region, parts: client.specialization(
        region, int(parts[3])
    ),
    "/data/wow/realm/index": lambda client, region, parts: client.realms(region),
    "/data/wow/connected-realm/index": lambda client, region, parts: client.connected_realm_ids(region),
    "/data/wow/connected-realm/{id}": lambda client, region, parts: client.connected_realm(region, int(parts[3])),
    "/data/wow/media/playable-class/{id}": lambda client, region, parts: client.icon_address(
        region, parts[3], int(parts[4])
    ),
    "/data/wow/media/playable-specialization/{id}": lambda client, region, parts: client.icon_address(
        region, parts[3], int(parts[4])
    ),
}
# Used by the client, but never recorded. A picture is no JSON.
NEVER_RECORDED = {"/token", "/profile/user/wow/collections/toys", PICTURE}


def answers_we_ask_for(folder: Path) -> dict[str, tuple[str, str, Any]]:
    """Return file, path and region of every recorded response of an endpoint that the client uses, by file name."""
    found = {}
    for file in sorted(folder.glob("*.json")):
        body = json.loads(file.read_bytes())
        if "_links" not in body:
            continue
        address = address_of(body)
        if endpoint_of(address) != OTHER_ENDPOINT:
            host = urlsplit(body["_links"]["self"]["href"]).hostname or ""
            found[file.name] = (address, host.partition(".")[0], body)
    return found


def test_the_client_parses_every_recorded_response(client: BlizzardClient, recorded_answers: Path) -> None:
    asked = set()
    for name, (address, region, body) in answers_we_ask_for(recorded_answers).items():
        template = endpoint_of(address)
        answer = ASK[template](client, region, address.split("/")[1:])
        payload = answer.payload if isinstance(answer, Answer) else answer
        assert payload, name
        _compare(payload, body, name)
        asked.add(template)
    assert asked == set(ENDPOINTS) - NEVER_RECORDED


def _compare(payload: Any, body: Any, name: str) -> None:
    """Assert that the parsed result equals the file, entry by entry."""
    match payload:
        case payloads.GuildRoster():
            found = {(one["character"]["id"], one["rank"]) for one in body["members"]}
            assert {(one.id, one.rank) for one in payload.members} == found, name
        case payloads.CharacterSummary():
            assert (payload.id, payload.name, payload.level) == (body["id"], body["name"], body["level"]), name
            assert payload.equipped_item_level == body["equipped_item_level"], name
        case media.CharacterMedia():
            assert (payload.id, payload.portrait) == (body["character"]["id"], _picture(body)), name
        case media.CharacterSpecializations():
            listed = {one["specialization"]["id"] for one in body["specializations"]}
            assert payload.id == body["character"]["id"], name
            assert payload.chosen, name
            assert {one.id for one in payload.chosen} <= listed, name
        case str():
            assert payload == _picture(body), name
        case tuple():
            plural = next(key for key in body if key != "_links")
            # The replay server lists only connected realms with a recorded detail.
            expected = 1 if plural == "connected_realms" else len(body[plural])
            assert len(payload) == expected, name
        case _ if "id" in body and hasattr(payload, "id"):
            assert asdict(payload)["id"] == body["id"], name


def _picture(body: Any) -> Any:
    """Return the address of the smallest portrait, or of the icon; older documents have it outside of the list."""
    by_key = {one["key"]: one["value"] for one in body.get("assets", [])}
    return by_key.get("avatar") or by_key.get("icon") or body["avatar_url"]


def test_missing_characters_and_guilds_are_not_found_errors(client: BlizzardClient) -> None:
    with pytest.raises(NotFound):
        client.character("eu", "kazzak", "nobody")
    with pytest.raises(NotFound):
        client.guild("eu", "kazzak", "nothing")
