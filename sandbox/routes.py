"""Routing: from a path of the API to its endpoint."""

from sandbox.endpoints import game_data, profiles
from sandbox.endpoints.endpoint import Endpoint

ENDPOINTS = (*profiles.ENDPOINTS, *game_data.ENDPOINTS)


def match(path: str) -> tuple[Endpoint | None, tuple[str, ...]]:
    """Return the endpoint of a decoded path (or None) and the path's variable parts."""
    segments = tuple(path.split("/")[1:])
    for endpoint in _BY_START.get((segments[:3], len(segments)), ()):
        pattern = endpoint.pattern
        if all(wanted in ("*", given) for wanted, given in zip(pattern, segments, strict=True)):
            return endpoint, tuple(given for wanted, given in zip(pattern, segments, strict=True) if wanted == "*")
    return None, ()


def _by_start() -> dict[tuple[tuple[str, ...], int], list[Endpoint]]:
    table: dict[tuple[tuple[str, ...], int], list[Endpoint]] = {}
    for endpoint in ENDPOINTS:
        table.setdefault((endpoint.pattern[:3], len(endpoint.pattern)), []).append(endpoint)
    return table


_BY_START = _by_start()
