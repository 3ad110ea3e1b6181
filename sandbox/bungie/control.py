"""Controls of the sandbox's Bungie.net, below /_sandbox/bungie/."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.bungie import ground_truth
from sandbox.bungie.accounts.account import Guardian
from sandbox.bungie.content import FAULTS, ContentFault
from sandbox.bungie.huge import write_huge
from sandbox.bungie.people import Membership
from sandbox.bungie.state import MAINTENANCE_FORMS, Bungie
from sandbox.responses import json_response

Body = dict[str, Any]

# The vault's 1,300, and what three characters carry.
_MOST_ITEMS = 1600


async def _stats(bungie: Bungie, body: Body) -> web.Response:
    return json_response(bungie.stats.as_json())


async def _reset_stats(bungie: Bungie, body: Body) -> web.Response:
    bungie.stats.reset()
    bungie.actions.reset()
    return json_response({"ok": True})


async def _actions(bungie: Bungie, body: Body) -> web.Response:
    log = bungie.actions
    return json_response({"actions": [one.as_json() for one in log.received], "too_early": dict(log.too_early)})


async def _world(bungie: Bungie, body: Body) -> web.Response:
    return json_response({"people": [ground_truth.person_truth(one) for one in bungie.people.values()]})


async def _maintenance(bungie: Bungie, body: Body) -> web.Response:
    form = body.get("form")
    if form is not None and form not in MAINTENANCE_FORMS:
        raise ValueError(f"form must be null or one of {', '.join(MAINTENANCE_FORMS)}")
    bungie.maintenance = form
    return json_response({"form": form})


async def _failing_profiles(bungie: Bungie, body: Body) -> web.Response:
    bungie.failing_profiles = None if body.get("code") is None else int(body["code"])
    return json_response({"code": bungie.failing_profiles})


async def _strict_pkce(bungie: Bungie, body: Body) -> web.Response:
    bungie.strict_pkce = bool(body.get("strict", True))
    return json_response({"strict": bungie.strict_pkce})


async def _clock(bungie: Bungie, body: Body) -> web.Response:
    bungie.clock.advance(float(body.get("seconds", 0)))
    return json_response({"now": bungie.clock.date().isoformat()})


async def _new_edition(bungie: Bungie, body: Body) -> web.Response:
    bungie.content.publish(same_version=bool(body.get("same_version")))
    return json_response({"version": bungie.content.edition.version, "revision": bungie.content.edition.revision})


async def _content_fault(bungie: Bungie, body: Body) -> web.Response:
    """Break content files; an empty body ends it."""
    name, kind, times = body.get("fault"), body.get("kind", ""), body.get("times")
    if name is None:
        bungie.content.fault = None
        return json_response({"fault": None})
    if name not in FAULTS or kind not in ("", "sqlite", "json"):
        raise ValueError(f"fault must be one of {', '.join(FAULTS)}, and kind sqlite or json, if any")
    table = str(body.get("table", "DestinyInventoryItemDefinition"))
    bungie.content.fault = ContentFault(name, kind, table, None if times is None else int(times))
    return json_response({"fault": name})


async def _huge_edition(bungie: Bungie, body: Body) -> web.Response:
    """Publish an edition whose SQLite file is huge, in the sandbox's folder."""
    megabytes = int(body.get("megabytes", 200))
    file = bungie.content.publish_huge(lambda path, seed: write_huge(path, seed, megabytes))
    return json_response({"version": bungie.content.edition.version, "file": str(file)})


async def _accounts(bungie: Bungie, body: Body) -> web.Response:
    """Set for how many seconds answers are cached and writes are invisible; a missing key means 0."""
    bungie.accounts.lag_seconds = float(body.get("lag_seconds", 0))
    bungie.accounts.cache_seconds = float(body.get("cache_seconds", 0))
    return json_response({"lag_seconds": bungie.accounts.lag_seconds, "cache_seconds": bungie.accounts.cache_seconds})


async def _stock_delay(bungie: Bungie, body: Body) -> web.Response:
    """Let vendors sell the old stock for so long after a reset, although their dates are new."""
    bungie.stock_delay_seconds = float(body.get("seconds", 0))
    return json_response({"seconds": bungie.stock_delay_seconds})


async def _freeze(bungie: Bungie, body: Body) -> web.Response:
    """Show a membership as it is now, under the date of now, until "frozen" is false."""
    bungie.accounts.freeze(_membership(bungie, body), is_frozen=bool(body.get("frozen", True)))
    return json_response({"ok": True})


async def _disabled_components(bungie: Bungie, body: Body) -> web.Response:
    bungie.disabled_components = {str(key) for key in body.get("keys", ())}
    return json_response({"keys": sorted(bungie.disabled_components)})


async def _activity(bungie: Bungie, body: Body) -> web.Response:
    """Put a guardian into an activity of a mode (3 strike, 40 social space), into orbit ("orbit") or offline (null)."""
    guardian, mode = _guardian(bungie, body), body.get("mode")
    guardian.is_online = mode is not None
    guardian.activity = 0 if mode in (None, "orbit") else _activity_of(bungie, mode)
    return json_response({"activity": guardian.activity})


def _activity_of(bungie: Bungie, mode: object) -> int:
    for number, row in bungie.content.edition.definitions.tables["Activity"].items():
        if row["directActivityModeType"] == mode and row["placeHash"]:
            return number
    raise ValueError(f"there is no activity of mode {mode}")


async def _change_membership(bungie: Bungie, body: Body) -> web.Response:
    """Change who sees an account, or whether it still exists."""
    membership = _membership(bungie, body)
    membership.is_public = bool(body.get("is_public", membership.is_public))
    membership.has_destiny = bool(body.get("has_destiny", membership.has_destiny))
    return json_response({"is_public": membership.is_public, "has_destiny": membership.has_destiny})


async def _items(bungie: Bungie, body: Body) -> web.Response:
    """Replace what a membership owns by about so many items, as many as the vault holds."""
    wanted = int(body.get("items", 0))
    if not 0 < wanted <= _MOST_ITEMS:
        raise ValueError(f"items must be 1 to {_MOST_ITEMS}")
    account = bungie.accounts.refill(_membership(bungie, body), wanted)
    return json_response({"items": len(account.items)})


async def _cross_save(bungie: Bungie, body: Body) -> web.Response:
    """Make a persona's membership of this type the primary one under cross save; without a type, end cross save."""
    person = bungie.people.get(str(body.get("persona")))
    if person is None:
        raise ValueError("there is no such persona")
    primary = next((one for one in person.memberships if one.type == body.get("type")), None)
    if primary is None and body.get("type") is not None:
        raise ValueError("there is no such membership")
    person.cross_save = primary
    return json_response({"cross_save": str(primary.id) if primary else None})


def _membership(bungie: Bungie, body: Body) -> Membership:
    membership = bungie.membership(int(body.get("membership", 0)))
    if membership is None:
        raise ValueError("membership must be the id of a platform membership")
    return membership


def _guardian(bungie: Bungie, body: Body) -> Guardian:
    number = int(body.get("guardian", 0))
    membership = bungie.membership_of_guardian(number)
    if membership is None:
        raise ValueError("guardian must be a character's id")
    return bungie.accounts.of(membership).guardians[number]


async def _expire_tokens(bungie: Bungie, body: Body) -> web.Response:
    return json_response({"expired": bungie.tokens.expire(body.get("persona"))})


async def _revoke_tokens(bungie: Bungie, body: Body) -> web.Response:
    return json_response({"revoked": bungie.tokens.revoke(body.get("persona"))})


async def _forget_tokens(bungie: Bungie, body: Body) -> web.Response:
    bungie.tokens.clear()
    return json_response({"ok": True})


CONTROLS: dict[tuple[str, str], Callable[[Bungie, Body], Awaitable[web.Response]]] = {
    ("GET", "stats"): _stats,
    ("POST", "stats/reset"): _reset_stats,
    ("GET", "actions"): _actions,
    ("GET", "world"): _world,
    ("POST", "maintenance"): _maintenance,
    ("POST", "failing_profiles"): _failing_profiles,
    ("POST", "strict_pkce"): _strict_pkce,
    ("POST", "clock"): _clock,
    ("POST", "accounts"): _accounts,
    ("POST", "stock_delay"): _stock_delay,
    ("POST", "freeze"): _freeze,
    ("POST", "disabled_components"): _disabled_components,
    ("POST", "activity"): _activity,
    ("POST", "membership"): _change_membership,
    ("POST", "items"): _items,
    ("POST", "cross_save"): _cross_save,
    ("POST", "content/edition"): _new_edition,
    ("POST", "content/fault"): _content_fault,
    ("POST", "content/huge"): _huge_edition,
    ("POST", "tokens/expire"): _expire_tokens,
    ("POST", "tokens/revoke"): _revoke_tokens,
    ("POST", "tokens/forget"): _forget_tokens,
}
