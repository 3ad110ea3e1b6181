"""Controls of the sandbox's Bungie.net, below /_sandbox/bungie/."""

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.bungie.content import FAULTS, ContentFault
from sandbox.bungie.huge import write_huge
from sandbox.bungie.people import Person
from sandbox.bungie.state import MAINTENANCE_FORMS, Bungie
from sandbox.responses import json_response

Body = dict[str, Any]


async def _stats(bungie: Bungie, body: Body) -> web.Response:
    return json_response(bungie.stats.as_json())


async def _reset_stats(bungie: Bungie, body: Body) -> web.Response:
    bungie.stats.reset()
    return json_response({"ok": True})


async def _world(bungie: Bungie, body: Body) -> web.Response:
    return json_response({"people": [_person(one) for one in bungie.people.values()]})


def _person(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "bungie_id": str(person.bungie_id),
        "bungie_name": person.bungie_name,
        "code": person.code,
        "description": person.description,
        "cross_save": str(person.cross_save.id) if person.cross_save else None,
        "memberships": [
            {
                "type": one.type,
                "id": str(one.id),
                "display_name": one.display_name,
                "guardians": one.guardians,
                "has_destiny": one.has_destiny,
                "is_public": one.is_public,
            }
            for one in person.memberships
        ],
    }


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
    bungie.content.publish(same_version=False)
    folder = bungie.content.folder or Path(tempfile.mkdtemp(prefix="sandbox-"))
    folder.mkdir(parents=True, exist_ok=True)
    name = f"world_sql_content_{bungie.content.edition.label('huge')}.content"
    bungie.content.huge = write_huge(folder / name, bungie.options.seed, int(body.get("megabytes", 200)))
    return json_response({"version": bungie.content.edition.version, "file": str(bungie.content.huge)})


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
    ("GET", "world"): _world,
    ("POST", "maintenance"): _maintenance,
    ("POST", "failing_profiles"): _failing_profiles,
    ("POST", "strict_pkce"): _strict_pkce,
    ("POST", "clock"): _clock,
    ("POST", "content/edition"): _new_edition,
    ("POST", "content/fault"): _content_fault,
    ("POST", "content/huge"): _huge_edition,
    ("POST", "tokens/expire"): _expire_tokens,
    ("POST", "tokens/revoke"): _revoke_tokens,
    ("POST", "tokens/forget"): _forget_tokens,
}
