"""Endpoints about people and their memberships."""

from sandbox.bungie import cards
from sandbox.bungie.cards import Json
from sandbox.bungie.endpoints.endpoint import PlatformRequest, endpoint
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.people import ALL, BUNGIE_NEXT, Person


def _current(request: PlatformRequest) -> Json:
    return cards.memberships(request.owner)


def _by_id(request: PlatformRequest) -> Json:
    return cards.memberships(_person(request, number=0, kind=1))


def _linked_profiles(request: PlatformRequest) -> Json:
    return cards.linked_profiles(
        request.bungie.clock,
        _person(request, number=1, kind=0),
        all_memberships=request.query.get("getAllMemberships", "").lower() == "true",
        failing=request.bungie.failing_profiles,
    )


def _person(request: PlatformRequest, number: int, kind: int) -> Person:
    """Return the person whose Bungie.net id (type 254) or platform id this is; type -1 takes either."""
    wanted, wanted_type = request.number(number), request.number(kind)
    if wanted_type in (BUNGIE_NEXT, ALL) and (person := request.bungie.person_by_id(wanted)):
        return person
    membership = request.bungie.membership(wanted)
    if membership is None or wanted_type not in (membership.type, ALL):
        raise PlatformError(217)
    return membership.person


ENDPOINTS = (
    endpoint("current-memberships", "User/GetMembershipsForCurrentUser", _current),
    endpoint("memberships", "User/GetMembershipsById/*/*", _by_id),
    endpoint("linked-profiles", "Destiny2/*/Profile/*/LinkedProfiles", _linked_profiles),
)
