"""The control API under /_sandbox/: statistics, ground truth, mutations and faults."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox import ground_truth
from sandbox.bungie import control as bungie_control
from sandbox.bungie.ground_truth import account_truth
from sandbox.bungie.state import Bungie
from sandbox.control_page import control_page
from sandbox.mutations import MutationError, apply_mutation
from sandbox.responses import html_response, json_response
from sandbox.state import RosterForm, Sandbox
from sandbox.world.daily import advance

PREFIX = "/_sandbox/"
_FORM = "application/x-www-form-urlencoded"
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")

Body = dict[str, Any]
Control = Callable[[Sandbox, Body], Awaitable[web.Response]]


async def respond(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Answer one control request. There is no sign-in, but only requests from this machine are accepted."""
    if request.remote not in _LOOPBACK:
        return _problem(404, "only available from this machine")
    path = request.path.removeprefix(PREFIX)
    if request.method == "GET" and path.startswith("truth/"):
        return _truth(sandbox, path.removeprefix("truth/").split("/"))
    handler = _CONTROLS.get((request.method, path))
    if handler is None:
        return _problem(404, "no such control")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return _problem(403, "cross-site requests are not allowed")
    try:
        response = await handler(sandbox, await _body(request))
    except (MutationError, ValueError, TypeError) as error:
        return _problem(400, str(error))
    if request.content_type == _FORM:
        return web.Response(status=303, headers={"Location": PREFIX})
    return response


def _problem(status: int, reason: str) -> web.Response:
    return json_response({"error": reason}, status)


async def _body(request: web.BaseRequest) -> Body:
    """Return the request body: a JSON object, or the fields of a form that are not empty."""
    if request.content_type == _FORM:
        form = await request.post()
        return {name: _typed(value) for name, value in form.items() if isinstance(value, str) and value}
    text = await request.text()
    body = json.loads(text) if text.strip() else {}
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def _typed(value: str) -> Any:
    """Parse the value as JSON; anything else is a string."""
    try:
        return json.loads(value)
    except ValueError:
        return value


async def _page(sandbox: Sandbox, body: Body) -> web.Response:
    return html_response(control_page(sandbox))


async def _stats(sandbox: Sandbox, body: Body) -> web.Response:
    return json_response(sandbox.stats.as_json())


async def _reset_stats(sandbox: Sandbox, body: Body) -> web.Response:
    sandbox.stats.reset()
    return json_response({"ok": True})


async def _reset(sandbox: Sandbox, body: Body) -> web.Response:
    """Reset statistics, faults, regions and rate limits; tokens and the world only on request."""
    sandbox.stats.reset()
    sandbox.faults.clear()
    sandbox.regions.clear()
    sandbox.limiter.reset()
    sandbox.bungie.reset()
    if body.get("tokens"):
        sandbox.tokens.clear()
        sandbox.bungie.tokens.clear()
    if body.get("world"):
        sandbox.rebuild_world()
        sandbox.bungie.rebuild_world()
    return json_response({"ok": True})


async def _world(sandbox: Sandbox, body: Body) -> web.Response:
    return json_response(ground_truth.world_summary(sandbox.world))


async def _advance(sandbox: Sandbox, body: Body) -> web.Response:
    days = body.get("days", 1)
    if not isinstance(days, int) or not 0 < days <= 366:
        raise ValueError("days must be 1 to 366")
    try:
        events = advance(sandbox.world, days)
    finally:
        sandbox.note_world_change()
    return json_response({"day": sandbox.world.clock.day, "build": sandbox.world.clock.build, "events": events})


async def _mutate(sandbox: Sandbox, body: Body) -> web.Response:
    try:
        events = apply_mutation(sandbox.world, body)
    finally:
        sandbox.note_world_change()
    return json_response({"events": events})


async def _list_faults(sandbox: Sandbox, body: Body) -> web.Response:
    return json_response({"faults": [fault.as_json() for fault in sandbox.faults.active]})


async def _add_fault(sandbox: Sandbox, body: Body) -> web.Response:
    sandbox.faults.add(body)
    return await _list_faults(sandbox, body)


async def _clear_faults(sandbox: Sandbox, body: Body) -> web.Response:
    sandbox.faults.clear()
    return await _list_faults(sandbox, body)


async def _list_regions(sandbox: Sandbox, body: Body) -> web.Response:
    return json_response(sandbox.regions.states)


async def _set_regions(sandbox: Sandbox, body: Body) -> web.Response:
    sandbox.regions.set(body)
    return await _list_regions(sandbox, body)


async def _expire_tokens(sandbox: Sandbox, body: Body) -> web.Response:
    return json_response({"expired": sandbox.tokens.expire(body.get("persona"))})


async def _roster_form(sandbox: Sandbox, body: Body) -> web.Response:
    """Set the form of rosters; a missing key means the current form."""
    sandbox.roster_form = RosterForm(bool(body.get("faction", True)), bool(body.get("character_key", True)))
    sandbox.world.touch(*sandbox.world.guilds.values())  # otherwise a 304 would hide the change
    sandbox.note_world_change()
    form = sandbox.roster_form
    return json_response({"faction": form.faction, "character_key": form.character_key})


def _truth(sandbox: Sandbox, parts: list[str]) -> web.Response:
    world = sandbox.world
    match parts:
        case ["guild", region, realm, slug] if (region, realm, slug) in world.guilds:
            return json_response(ground_truth.guild_truth(world.guilds[region, realm, slug]))
        case ["account", name] if name in world.personas:
            return json_response(ground_truth.account_truth(world.personas[name]))
        case ["character", region, realm, name] if (region, realm, name.lower()) in world.characters:
            return json_response(ground_truth.character_truth(world.characters[region, realm, name.lower()]))
        case ["bungie", number] if number.isdecimal() and (membership := sandbox.bungie.membership(int(number))):
            return json_response(account_truth(sandbox.bungie.accounts.of(membership)))
        case _:
            return _problem(404, "unknown guild, account or character")


def _of_bungie(control: Callable[[Bungie, Body], Awaitable[web.Response]]) -> Control:
    async def answer(sandbox: Sandbox, body: Body) -> web.Response:
        return await control(sandbox.bungie, body)

    return answer


_CONTROLS: dict[tuple[str, str], Control] = {
    **{(method, f"bungie/{path}"): _of_bungie(control) for (method, path), control in bungie_control.CONTROLS.items()},
    ("GET", ""): _page,
    ("GET", "stats"): _stats,
    ("POST", "stats/reset"): _reset_stats,
    ("POST", "reset"): _reset,
    ("GET", "world"): _world,
    ("POST", "advance"): _advance,
    ("POST", "mutate"): _mutate,
    ("GET", "faults"): _list_faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "faults/clear"): _clear_faults,
    ("GET", "regions"): _list_regions,
    ("POST", "regions"): _set_regions,
    ("POST", "tokens/expire"): _expire_tokens,
    ("POST", "roster_form"): _roster_form,
}
