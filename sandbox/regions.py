"""Regions that are down."""

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
    """What state each region is in: "up", or what its API answers instead of anything else."""

    def __init__(self) -> None:
        self.states = dict.fromkeys(REGIONS, UP)

    def set(self, states: Mapping[str, Any]) -> None:
        """Change the states of the regions named; ValueError for a region or a state that does not exist."""
        for region, state in states.items():
            if region not in REGIONS or str(state) not in STATES:
                raise ValueError(
                    f"{region}: {state!r} is not one of {', '.join(STATES)} for one of {', '.join(REGIONS)}"
                )
        self.states.update({region: str(state) for region, state in states.items()})

    def clear(self) -> None:
        """Bring all regions up."""
        self.states = dict.fromkeys(REGIONS, UP)

    async def failure(self, region: str | None) -> web.Response | None:
        """What a region that is down answers; None for one that is up."""
        match self.states.get(region or "", UP):
            case "503":
                return html_response(OUTAGE_PAGE, 503)
            case "403":
                return error_response(403)
            case "timeout":
                await asyncio.sleep(_HANG_SECONDS)
                return html_response(OUTAGE_PAGE, 504)
        return None
