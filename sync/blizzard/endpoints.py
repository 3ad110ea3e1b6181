"""The endpoints that we ask, without the realms, names and numbers in their paths: what figures are kept by."""

import re

TEMPLATES = (
    "/token",
    "/profile/user/wow",
    "/profile/user/wow/collections/mounts",
    "/profile/user/wow/collections/toys",
    "/profile/wow/character/{realm}/{name}",
    "/profile/wow/character/{realm}/{name}/status",
    "/data/wow/guild/{realm}/{guild}",
    "/data/wow/guild/{realm}/{guild}/roster",
    "/data/wow/playable-class/index",
    "/data/wow/playable-race/index",
    "/data/wow/playable-race/{id}",
    "/data/wow/playable-specialization/index",
    "/data/wow/playable-specialization/{id}",
    "/data/wow/realm/index",
    "/data/wow/connected-realm/index",
    "/data/wow/connected-realm/{id}",
)
# One that is not listed: its path may hold a name and is not told.
OTHER = "other"

_PATTERNS = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", template)), template) for template in TEMPLATES]


def template_of(path: str) -> str:
    """The endpoint of a path, such as "/profile/wow/character/{realm}/{name}"."""
    return next((template for pattern, template in _PATTERNS if pattern.fullmatch(path)), OTHER)
