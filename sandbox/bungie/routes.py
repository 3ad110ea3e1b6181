"""Routing: from a path of the Platform to its endpoint."""

from sandbox.bungie.endpoints import manifest, profiles, site, users, vendors, writes
from sandbox.bungie.endpoints.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *users.ENDPOINTS,
    *manifest.ENDPOINTS,
    *profiles.ENDPOINTS,
    *writes.ENDPOINTS,
    *vendors.ENDPOINTS,
    *site.ENDPOINTS,
)


def match(path: str) -> tuple[Endpoint | None, tuple[str, ...]]:
    """Return the endpoint of a path below /Platform/ (or None) and the path's variable parts.

    Fixed parts match in any case.
    """
    segments = tuple(path.strip("/").split("/"))
    for endpoint in _BY_LENGTH.get(len(segments), ()):
        pairs = list(zip(endpoint.pattern, segments, strict=True))
        if all(wanted == "*" or wanted == given.lower() for wanted, given in pairs):
            return endpoint, tuple(given for wanted, given in pairs if wanted == "*")
    return None, ()


def _by_length() -> dict[int, list[Endpoint]]:
    table: dict[int, list[Endpoint]] = {}
    for endpoint in ENDPOINTS:
        table.setdefault(len(endpoint.pattern), []).append(endpoint)
    return table


_BY_LENGTH = _by_length()
