"""Fault injection: delays, error statuses and corrupt bodies."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox import hostile
from sandbox.malformed import DEFECTS, with_empty_components, with_malformed_entries
from sandbox.regions import OUTAGE_PAGE
from sandbox.responses import JSON_TYPE, empty_response, error_response, html_response, json_bytes
from sandbox.world.models import REGIONS
from sandbox.world.rng import SeededRandom

BODIES = ("truncated", "mistyped", "empty", "html", "svg", "malformed", "empty_components", *hostile.BODIES)
# In place of a picture.
_SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
_TYPES: dict[str, type | tuple[type, ...]] = {
    "path": str, "region": str, "share": (int, float), "status": int, "delay_ms": int, "body": str, "times": int,
    "defect": str, "entries": int, "code": int, "wait_seconds": int,
    "component": str, "after": bool,
}  # fmt: skip


@dataclass(slots=True)
class Fault:
    """A fault to inject.

    ``path`` is a regular expression matched from the start, so a plain prefix works. ``defect`` and ``entries``
    describe a malformed body: what is wrong, and with how many entries. ``code`` and ``wait_seconds`` are for
    Bungie's envelope,
    ``component`` is the key of its only component with an empty body. With ``after`` the request is done
    before it fails.
    """

    path: re.Pattern[str]
    rng: SeededRandom
    region: str | None = None
    share: float = 1.0
    status: int | None = None
    delay_ms: int = 0
    body: str | None = None
    times: int | None = None
    defect: str | None = None
    entries: int | None = None
    code: int | None = None
    wait_seconds: int | None = None
    component: str | None = None
    after: bool | None = None
    applied: int = 0

    def apply_once(self, path: str, region: str | None) -> bool:
        """Return whether the fault applies to the request, and if so count it."""
        if self.times == 0 or not self.path.match(path) or self.region not in (None, region):
            return False
        if not self.rng.chance(self.share):
            return False
        self.applied += 1
        if self.times is not None:
            self.times -= 1
        return True

    def as_json(self) -> dict[str, Any]:
        """Return the fault's settings, with how often it was and will be applied."""
        settings = {
            "path": self.path.pattern, "region": self.region, "share": self.share, "status": self.status,
            "delay_ms": self.delay_ms, "body": self.body, "times": self.times, "defect": self.defect,
            "entries": self.entries, "code": self.code, "wait_seconds": self.wait_seconds,
            "component": self.component, "after": self.after, "applied": self.applied,
        }  # fmt: skip
        return {key: value for key, value in settings.items() if value is not None}


class Faults:
    """The active faults. Delays add up; otherwise the first fault that applies wins."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._added = 0
        self.active: list[Fault] = []

    def add(self, settings: Mapping[str, Any]) -> Fault:
        """Add a fault; raise ValueError if its settings are invalid."""
        _check(settings)
        try:
            path = re.compile(settings["path"])
        except re.error as error:
            raise ValueError(f"path is not a regular expression: {error}") from None
        self._added += 1
        details = {key: value for key, value in settings.items() if key != "path"}
        fault = Fault(path, SeededRandom(self._seed, "fault", self._added), **details)
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        self.active.clear()
        self._added = 0

    async def apply(
        self,
        path: str,
        respond: Callable[[], Awaitable[web.Response]],
        region: str | None = None,
        error: "Callable[[Fault], web.Response] | None" = None,
    ) -> web.Response:
        """Return the response, after applying the faults that match the request.

        ``error`` makes the response of a fault with a status or a code, by default Battle.net's.
        """
        if not self.active:
            return await respond()
        striking = [fault for fault in self.active if fault.apply_once(path, region)]
        await asyncio.sleep(sum(fault.delay_ms for fault in striking) / 1000)
        for fault in striking:
            if fault.body in hostile.BODIES:
                return _hostile(await respond(), fault)
            if fault.status is not None or fault.code is not None:
                if fault.after:
                    await respond()
                return (error or _battlenet_error)(fault)
            if fault.body is not None:
                return _corrupt(await respond(), fault)
        return await respond()


def _check(settings: Mapping[str, Any]) -> None:
    for key, value in settings.items():
        if key not in _TYPES or not isinstance(value, _TYPES[key]):
            raise ValueError(f"invalid setting of a fault: {key}={value!r}")
    if "path" not in settings or not settings.keys() & {"status", "delay_ms", "body", "code"}:
        raise ValueError("a fault needs a path, and a status, code, delay_ms or body")
    if settings.get("body", BODIES[0]) not in BODIES:
        raise ValueError(f"body must be one of {', '.join(BODIES)}")
    if settings.get("region", REGIONS[0]) not in REGIONS:
        raise ValueError(f"region must be one of {', '.join(REGIONS)}")
    if (settings.get("body") == "malformed") != (settings.get("defect") in DEFECTS):
        raise ValueError(f"body=malformed needs a defect, and no other body has one: one of {', '.join(DEFECTS)}")


def _battlenet_error(fault: Fault) -> web.Response:
    status = fault.status or 500
    if fault.body == "html":
        return html_response(OUTAGE_PAGE, status)
    # A 429 has no body; other errors sometimes have none either.
    return empty_response(status) if fault.body == "empty" or status == 429 else error_response(status)


def _hostile(response: web.Response, fault: Fault) -> web.Response:
    document = response.body if isinstance(response.body, bytes) else b""
    return hostile.response(fault.body or "", document, fault.status or response.status, fault.rng)


def _corrupt(response: web.Response, fault: Fault) -> web.Response:
    body, kind = response.body if isinstance(response.body, bytes) else b"", fault.body
    if kind == "html":
        return html_response(OUTAGE_PAGE)
    if kind == "svg":
        return web.Response(body=_SVG, status=response.status, content_type="image/svg+xml")
    if kind == "empty":
        body = b""
    elif kind == "truncated":
        body = body[: len(body) // 2]
    elif kind == "mistyped" and body:
        body = json_bytes(_mistyped(json.loads(body)))
    elif kind == "empty_components" and body:
        body = json_bytes(with_empty_components(json.loads(body), fault.component))
    elif kind == "malformed" and body:
        # The same entries each time: a wrong document stays wrong in the same way.
        rng = SeededRandom("malformed", fault.path.pattern, fault.defect)
        body = json_bytes(with_malformed_entries(json.loads(body), fault.defect or "", fault.entries or 1, rng))
        return web.Response(body=body, status=response.status, headers=response.headers)
    return web.Response(body=body, status=response.status, headers={"Content-Type": JSON_TYPE})


def _mistyped(value: Any) -> Any:
    """Return the same structure with strings for numbers and numbers for strings."""
    if isinstance(value, dict):
        return {key: _mistyped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mistyped(inner) for inner in value]
    return 0 if isinstance(value, str) else "mistyped"
