"""Documents with a few malformed entries."""

from collections.abc import Callable
from typing import Any

from sandbox.world.rng import SeededRandom

Json = dict[str, Any]

# Lists whose entries can be malformed: key of the list, and key of the object in an entry ("" for the entry itself).
_LISTS = {
    "members": "character", "characters": "", "realms": "", "connected_realms": "", "classes": "", "races": "",
    "character_specializations": "", "mounts": "mount", "toys": "toy",
}  # fmt: skip
DEFECTS: dict[str, Callable[[Json], Any]] = {
    "no_realm": lambda entry: entry.pop("realm", None),
    "no_name": lambda entry: entry.pop("name", None),
    "empty_name": lambda entry: entry.update(name=""),
    "float_level": lambda entry: entry.update(level=entry.get("level", 0) + 0.5),
    "string_id": lambda entry: entry.update(id=str(entry.get("id", ""))),
    "null_id": lambda entry: entry.update(id=None),
}


def with_malformed_entries(document: Any, defect: str, count: int, rng: SeededRandom) -> Any:
    """Return the document with the defect in ``count`` entries of its lists (or in all, if there are fewer)."""
    for entry in rng.sample(list(_entries(document)), count):
        DEFECTS[defect](entry)
    return document


def with_empty_components(document: Any, only: str | None) -> Any:
    """Return one of Bungie's documents without the data of its components, or of the ``only`` one."""
    response = document.get("Response")
    for key, component in response.items() if isinstance(response, dict) else ():
        if only in (None, key) and isinstance(component, dict) and "data" in component:
            component["data"] = {}
    return document


def _entries(value: Any) -> list[Json]:
    if isinstance(value, list):
        return [entry for inner in value for entry in _entries(inner)]
    if not isinstance(value, dict):
        return []
    found: list[Json] = []
    for key, inner in value.items():
        if key in _LISTS and isinstance(inner, list):
            found += [entry.get(_LISTS[key], entry) if isinstance(entry, dict) else entry for entry in inner]
        elif isinstance(inner, (dict, list)):
            found += _entries(inner)
    return found
