"""Endpoints about the site and the week: settings, alerts, milestones, search by name."""

from datetime import timedelta
from typing import Any

from sandbox.bungie import cards
from sandbox.bungie.actions.plugging import BLOCKED_SOCKETS
from sandbox.bungie.cards import Json
from sandbox.bungie.clock import timestamp
from sandbox.bungie.endpoints.endpoint import Endpoint, PlatformRequest, endpoint
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.world.definitions import hash_of
from sandbox.bungie.world.vendors import XUR

_TUESDAY = 1
_SYSTEMS = ("Destiny2", "D2Profiles", "D2Characters", "Authentication", "CoreManifest")


def _settings(request: PlatformRequest) -> Json:
    """Return the settings, also in maintenance: they say which systems are on."""
    tables, is_up = request.bungie.content.edition.definitions.tables, request.bungie.maintenance is None
    (artifact,) = tables["Artifact"]
    return {
        "environment": "Live",
        "systems": {name: {"enabled": is_up, "parameters": {}} for name in _SYSTEMS},
        "destiny2CoreSettings": {
            "currentSeasonHash": list(tables["Season"])[-1], "currentSeasonPassHash": 0,
            "currentSeasonalArtifactHash": artifact, "loadoutConstantsHash": 1,
            "insertPlugFreeProtectedPlugItemHashes": [],
            "insertPlugFreeBlockedSocketTypeHashes": list(BLOCKED_SOCKETS),
        },
    }  # fmt: skip


def _alerts(request: PlatformRequest) -> list[Json]:
    """Return one alert in maintenance, none otherwise."""
    if request.bungie.maintenance is None:
        return []
    return [
        {
            "AlertKey": "D2-Maintenance", "AlertHtml": "Destiny 2 is down for maintenance.",
            "AlertTimestamp": timestamp(request.bungie.clock.date()), "AlertLink": "https://example.com/",
            "AlertLevel": 2, "AlertType": 0,
        }
    ]  # fmt: skip


def _milestones(request: PlatformRequest) -> Json:
    """Return this week's milestones. One only points to a vendor, and has neither dates nor activities."""
    began = request.bungie.clock.last_reset(_TUESDAY)
    week = {"startDate": timestamp(began), "endDate": timestamp(began + timedelta(days=7))}
    modifiers = list(request.bungie.content.edition.definitions.tables["ActivityModifier"])[:2]
    documents: Json = {}
    for number, row in request.bungie.content.edition.definitions.tables["Milestone"].items():
        documents[str(number)] = {
            "milestoneHash": number,
            "activities": [
                {
                    "activityHash": one["conceptualActivityHash"],
                    "challengeObjectiveHashes": [one["challenges"][0]["challengeObjectiveHash"]],
                    "modifierHashes": modifiers,
                    "booleanActivityOptions": {str(hash_of("option")): True},
                }
                for one in row["activities"]
            ],
            **week,
            "order": row["defaultOrder"],
        }
    visit = hash_of("milestone of a visit")
    documents[str(visit)] = {"milestoneHash": visit, "vendors": [{"vendorHash": XUR}], "order": 50}
    return documents


def _milestone_content(request: PlatformRequest) -> Json:
    if request.number(0) not in request.bungie.content.edition.definitions.tables["Milestone"]:
        raise PlatformError(21)
    return {"about": "", "status": "", "tips": [], "itemCategories": []}


def _search(request: PlatformRequest) -> list[Any]:
    """Return the memberships of a Bungie name: the primary one, or all of them."""
    body = request.body if isinstance(request.body, dict) else {}
    found = [
        one
        for one in request.bungie.people.values()
        if one.bungie_name
        and (one.bungie_name, str(one.code)) == (body.get("displayName"), str(body.get("displayNameCode")))
    ]
    return [
        cards.card(membership)
        for person in found
        for membership in ([person.cross_save] if person.cross_save else person.memberships)
    ]


DURING_MAINTENANCE = ("settings", "global-alerts")
ENDPOINTS = (
    endpoint("settings", "Settings", _settings),
    endpoint("global-alerts", "GlobalAlerts", _alerts),
    endpoint("milestones", "Destiny2/Milestones", _milestones),
    endpoint("milestone-content", "Destiny2/Milestones/*/Content", _milestone_content),
    Endpoint("search", ("destiny2", "searchdestinyplayerbybungiename", "*"), _search, "POST"),
)
