"""The endpoints of Battle.net's API: paths without realms, names and ids."""

import re

TOKEN = "/token"  # noqa: S105 - a path
ACCOUNT = ("/profile/user/wow", "/profile/user/wow/collections/mounts", "/profile/user/wow/collections/toys")
CHARACTER = ("/profile/wow/character/{realm}/{name}", "/profile/wow/character/{realm}/{name}/status")
GUILD = ("/data/wow/guild/{realm}/{guild}", "/data/wow/guild/{realm}/{guild}/roster")
GAME_DATA = (
    "/data/wow/playable-class/index",
    "/data/wow/playable-race/index",
    "/data/wow/playable-race/{id}",
    "/data/wow/playable-specialization/index",
    "/data/wow/playable-specialization/{id}",
    "/data/wow/realm/index",
    "/data/wow/connected-realm/index",
    "/data/wow/connected-realm/{id}",
)
ALL = (TOKEN, *ACCOUNT, *CHARACTER, *GUILD, *GAME_DATA)
# Instead of an unknown path, which may contain a name.
OTHER = "other"

_PATTERNS = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", endpoint)), endpoint) for endpoint in ALL]


def endpoint_of(path: str) -> str:
    """Return the endpoint of a path, such as "/profile/wow/character/{realm}/{name}"."""
    return next((endpoint for pattern, endpoint in _PATTERNS if pattern.fullmatch(path)), OTHER)
