"""Simulated outages of regions."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.responses import error_response, html_response
from sandbox.world.models import REGIONS

UP, UNAVAILABLE, FORBIDDEN, TIMEOUT = STATES = ("up", "503", "403", "timeout")
OUTAGE_PAGE = "<!DOCTYPE html><html><head><title>Service Unavailable</title></head><body>Sorry.</body></html>"
_HANG_SECONDS = 300


class Regions:
    """The state of each region: "up", or what its API answers instead of documents."""

    def __init__(self) -> None:
        self.states = dict.fromkeys(REGIONS, UP)

    def set(self, states: Mapping[str, Any]) -> None:
        """Set the states of some regions; raise ValueError for an unknown region or state."""
        for region, state in states.items():
            if region not in REGIONS or str(state) not in STATES:
                raise ValueError(
                    f"{region}: {state!r} is not one of {', '.join(STATES)} for one of {', '.join(REGIONS)}"
                )
        self.states.update({region: str(state) for region, state in states.items()})

    def clear(self) -> None:
        """Set all regions to "up"."""
        self.states = dict.fromkeys(REGIONS, UP)

    async def failure(self, region: str | None) -> web.Response | None:
        """Return the error response of a region that is down, or None if it is up."""
        match self.states.get(region or "", UP):
            case "503":
                return html_response(OUTAGE_PAGE, 503)
            case "403":
                return error_response(403)
            case "timeout":
                await asyncio.sleep(_HANG_SECONDS)
                return html_response(OUTAGE_PAGE, 504)
        return None
