"""The Platform: key, limits, maintenance, faults, token, and then the endpoint's answer in its envelope."""

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from sandbox.bungie import consent, oauth, routes
from sandbox.bungie.actions.log import ReceivedAction
from sandbox.bungie.endpoints import site
from sandbox.bungie.endpoints.endpoint import Endpoint, PlatformRequest
from sandbox.bungie.envelope import failure, fault_response, maintenance_page, success
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.people import Person
from sandbox.bungie.state import Bungie
from sandbox.faults import Faults
from sandbox.pages import message_page
from sandbox.responses import html_response

PREFIX = "/platform/"
# What Bungie asks for when too many requests came from one address.
_WAIT_SECONDS = 10


def serves(path: str) -> bool:
    """Return whether the path belongs to Bungie.net."""
    lower = path.lower()
    return lower.startswith(PREFIX) or lower.rstrip("/") == consent.PATH


async def respond(bungie: Bungie, faults: Faults, request: web.BaseRequest) -> web.StreamResponse:
    """Answer one request and count it. A path without its last slash is redirected, which loses headers and body."""
    lower = request.path.lower()
    if lower.rstrip("/") == consent.PATH:
        return await _sign_in_page(bungie, request)
    if not lower.endswith("/"):
        query = f"?{request.query_string}" if request.query_string else ""
        return web.Response(status=301, headers={"Location": f"{request.path}/{query}"})
    if lower == oauth.PATH:
        return await _token(bungie, faults, request)
    return await _counted(bungie, faults, request)


async def _sign_in_page(bungie: Bungie, request: web.BaseRequest) -> web.Response:
    response = maintenance_page(503) if bungie.maintenance else await consent.authorize(bungie, request)
    bungie.stats.count_oauth("authorize", response.status)
    return response


async def _token(bungie: Bungie, faults: Faults, request: web.BaseRequest) -> web.Response:
    async def answer() -> web.Response:
        return await oauth.token(bungie, request)

    response = await faults.apply(request.path, answer, error=fault_response)
    bungie.stats.count_oauth("token", response.status)
    return response


async def _counted(bungie: Bungie, faults: Faults, request: web.BaseRequest) -> web.Response:
    now = time.monotonic()
    endpoint, parts = routes.match(request.path[len(PREFIX) :])
    bungie.stats.count_request(now)
    action = await _received(bungie, request, endpoint, now)
    if action is not None and action.is_too_early:
        response = failure(PlatformError(36, response=0))
    elif bungie.admit(request.remote or "", now):
        response = await _checked(bungie, faults, request, endpoint, parts)
    else:
        response = failure(PlatformError(36), _WAIT_SECONDS)
    bungie.stats.count_response(endpoint.name if endpoint else "unknown", request.path, response.status)
    code = response.headers.get("x-ventcore-status", "")
    bungie.stats.count_code(code)
    if action is not None:
        action.code = code
    return response


async def _received(
    bungie: Bungie, request: web.BaseRequest, endpoint: Endpoint | None, now: float
) -> ReceivedAction | None:
    """Note an action as it arrives, whatever becomes of it."""
    if endpoint is None or not endpoint.pause or request.method != "POST":
        return None
    owner = bungie.tokens.owner(request.headers.get("Authorization", "").partition(" ")[2].strip())
    text = await request.text()
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    return bungie.actions.receive(owner, endpoint.name, body, endpoint.pause, now + bungie.clock.added)


async def _checked(
    bungie: Bungie, faults: Faults, request: web.BaseRequest, endpoint: Endpoint | None, parts: tuple[str, ...]
) -> web.Response:
    if bungie.options.latency_ms:
        await asyncio.sleep(bungie.options.latency_ms / 1000)
    is_told_anyway = endpoint is not None and endpoint.name in site.DURING_MAINTENANCE
    if bungie.maintenance is not None and not (is_told_anyway and bungie.maintenance == "json"):
        return _down(bungie.maintenance)

    await bungie.content.prepare()

    async def answer() -> web.Response:
        try:
            return await _answer(bungie, request, endpoint, parts)
        except _DamagedToken:
            return html_response(message_page("Unauthorized", "Please sign in."), 401)
        except PlatformError as error:
            return failure(error)

    return await faults.apply(request.path, answer, error=fault_response)


def _down(form: str) -> web.Response:
    if form == "json":
        return failure(PlatformError(5))
    return maintenance_page(200 if form == "html_200" else 503)


async def _answer(
    bungie: Bungie, request: web.BaseRequest, endpoint: Endpoint | None, parts: tuple[str, ...]
) -> web.Response:
    _check_key(bungie, request)
    if endpoint is None or request.method != endpoint.method:
        return html_response(message_page("Not found", "There is no such page."), 404)
    person = _person(bungie, request)
    body = await _body(request) if request.method == "POST" else None
    return success(endpoint.answer(PlatformRequest(bungie, parts, request.query, person, body)))


def _check_key(bungie: Bungie, request: web.BaseRequest) -> None:
    key, origin = request.headers.get("X-API-Key"), request.headers.get("Origin")
    if not key:
        raise PlatformError(2102)
    if key != bungie.options.bungie_api_key:
        raise PlatformError(2101)
    registered = bungie.options.bungie_redirect_url
    if origin and registered and not registered.startswith(f"{origin}/"):
        raise PlatformError(2107, details={"Origin": origin})


class _DamagedToken(Exception):
    """The bearer token is not base64, for example because it was URL-encoded."""


def _person(bungie: Bungie, request: web.BaseRequest) -> Person | None:
    """Return the token's owner, or None without a token. An expired one is a 500, an unknown one a 401."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    if "%" in value:
        raise _DamagedToken
    owner = bungie.tokens.owner(value.strip())
    if owner is None:
        raise PlatformError(99)
    if bungie.tokens.is_expired(value.strip()):
        raise PlatformError(99, http=500)
    return bungie.people[owner]


async def _body(request: web.BaseRequest) -> Any:
    try:
        return json.loads(await request.text())
    except ValueError:
        raise PlatformError(30, response=0) from None
