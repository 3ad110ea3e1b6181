"""The errors of Bungie's API: what each error code means, and the HTTP status that other APIs have for it.

Bungie's own HTTP status is no help: an expired token can be a 401 or a 500, maintenance a 503 or a 200.
"""

from dataclasses import dataclass
from typing import ClassVar

from sync.engine.errors import (
    ApiError,
    ApplicationRefused,
    BadPayload,
    Forbidden,
    NotFound,
    Postponed,
    TokenExpired,
    Unavailable,
)

SUCCESS = 1
# What an unknown code of a success, and an HTML page instead of JSON, count as.
UNAVAILABLE = 503


class InvalidRequest(ApiError):
    """Bungie does not understand the request: a mistake of ours, such as the wrong membership type."""

    kind = "invalid_request"


class MissingScope(Forbidden):
    """The application was registered without the scope that the request needs. Only the operator can change that."""

    kind = "missing_scope"


class ActionRefused(ApiError):
    """The game's rules forbid the action; `code` says which of them (`sync.bungie.errors.ACTION_RULES`)."""

    kind = "action_refused"


class Throttled(Postponed):
    """Too many requests about one person or of one endpoint; others can go on."""

    kind = "rate_limited"


class ConnectAgain(ApiError):
    """The refresh token is of no use any more: only the person can get new ones, by connecting the account again."""

    kind = "connect_again"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of an error code: an error of the engine's, and the status that the engine counts."""

    error: type[ApiError]
    status: int


# The engine's circuit breaker takes a 401 for a problem of the application, and a 403 or 404 for one of the subject.
_APPLICATION = Meaning(ApplicationRefused, 401)
_TOKEN = Meaning(TokenExpired, 403)
_PRIVATE = Meaning(Forbidden, 403)
_MISSING = Meaning(NotFound, 404)
_DOWN = Meaning(Unavailable, UNAVAILABLE)
_INVALID = Meaning(InvalidRequest, 400)
_RULE = Meaning(ActionRefused, 409)
_THROTTLED = Meaning(Throttled, 420)

MAINTENANCE = frozenset({5, 1651, 1652, 1672, 1688})
# Of the whole application: a request of anybody else would be refused, too.
THROTTLES_OF_ALL = frozenset({54, 55, 56})
# Of one person, one endpoint, or of whom Bungie does not say.
THROTTLES_OF_ONE = frozenset({31, 35, 36, 37, 51, 57})
# The rules of the game that an action can break, with Bungie's names.
ACTION_RULES = frozenset(
    {
        1619,  # InvalidAction
        1632,  # ItemAlreadyInInventory
        1634,  # CharacterNotInTower: it needs a social space
        1637,  # InventoryFull
        1638,  # ItemFailedLevelCheck
        1639,  # ItemFailedUnlockCheck: of another class, or not unlocked yet
        1640,  # ItemUnequippable: equipment is locked during an activity
        1641,  # ItemUniqueEquipRestricted: a second exotic
        1642,  # NoRoomInDestination
        1646,  # TransferNotFoundForSourceBucket
        1648,  # UniquenessViolation: the character has one already
        1655,  # CanOnlyEquipInGame
        1656,  # CannotPerformActionOnEquippedItem
        1660,  # ItemNotTransferrable
        1663,  # ItemActionForbidden: only in the game
        1671,  # CannotPerformActionAtThisLocation: it needs orbit
        1673,  # ItemNotTransferrableHasSideEffects
        1674,  # ItemLocked
        1675,  # CannotAffordMaterialRequirements
        1676,  # FailedPlugInsertionRules: such as not enough energy
        1677,  # SocketNotFound
        1678,  # SocketActionNotAllowed
        1679,  # SocketAlreadyHasPlug
        1680,  # PlugItemNotAvailable
        1681,  # CharacterLoggedInNotAllowed
    }
)
_CODES: tuple[tuple[Meaning, frozenset[int]], ...] = (
    (_DOWN, MAINTENANCE | {1618, 1626, 1643}),
    (_THROTTLED, THROTTLES_OF_ONE),
    (_TOKEN, frozenset({22, 99, 2111, 2115, 2117, 2118, 2119, 2120, 2123, 2124})),
    (_APPLICATION, frozenset({2101, 2102, 2103, 2107, 2113, 2114, 2125, 2126})),
    (Meaning(MissingScope, 403), frozenset({2108})),
    (_PRIVATE, frozenset({12, 1665})),
    (_MISSING, frozenset({217, 1601, 1620, 1623, 1627})),
    (_INVALID, frozenset({3, 7, 18, 30, 1622})),
    (_RULE, ACTION_RULES),
)
MEANINGS = {code: meaning for meaning, codes in _CODES for code in codes}
MEANINGS |= {code: Meaning(Throttled, 429) for code in THROTTLES_OF_ALL}


def meaning_of(code: int, status: int) -> Meaning:
    """Return what an error code means. A code that is not listed means what its HTTP status does elsewhere."""
    if code in THROTTLES_OF_ONE and status == 429 and code not in {51, 57}:
        # Bungie does not say of whom; as a 429 it can be the limit of our address.
        return Meaning(Throttled, 429)
    return MEANINGS.get(code) or _BY_STATUS.get(status) or (_DOWN if status >= 500 else Meaning(BadPayload, 422))


_BY_STATUS: dict[int, Meaning] = {401: _TOKEN, 403: _PRIVATE, 404: _MISSING, 429: Meaning(Throttled, 429)}


class RefreshRules:
    """Which errors of the token endpoint end a connection. All others mean: keep the tokens, and try again later."""

    # Each is an `error_description`, or the name of an envelope's code. The last four were never seen, but can't mean
    # anything else.
    DESCRIPTIONS: ClassVar[frozenset[str]] = frozenset(
        {
            "AccessTokenHasExpired",
            "AuthorizationCodeInvalid",
            "AuthorizationCodeStale",
            "AuthorizationRecordExpired",
            "AuthorizationRecordRevoked",
            "RefreshTokenNotYetValid",
            "AuthorizationRecordInvalid",
            "ProvidedTokenNotValidRefreshToken",
            "RefreshTokenExpired",
            "TokenPreviouslyRevoked",
        }
    )
    CODES: ClassVar[frozenset[int]] = frozenset({2106, 2110, 2111, 2117, 2118, 2119, 2120, 2122, 2123, 2124})
    # What is wrong is our request or our registration, for everybody.
    OF_THE_APPLICATION: ClassVar[frozenset[str]] = frozenset(
        {"invalid_client", "invalid_request", "unauthorized_client", "unsupported_grant_type"}
    )
