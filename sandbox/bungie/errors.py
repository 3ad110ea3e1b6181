"""The Platform's error codes that the sandbox answers with: name, HTTP status and message."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """An error code. The HTTP status is the one that was recorded, or a guess where none was (see the README)."""

    status: str
    http: int
    message: str


_LATER = "We've encountered an error, please try again later."
_PATIENCE = "Patience is a virtue! Please wait a moment before performing this action again."
_IN_GAME = "This action can only be done in-game."
_RELAY = "The Destiny servers did not answer in time."
CODES: Mapping[int, Code] = {
    1: Code("Success", 200, "Ok"),
    3: Code("UnhandledException", 500, _LATER),
    5: Code("SystemDisabled", 503, "This system is temporarily disabled for maintenance."),
    7: Code("ParameterParseFailure", 400, "Unable to parse your parameters. Please correct them, and try again."),
    12: Code("InsufficientPrivileges", 403, "You do not have permission for this."),
    18: Code("InvalidParameters", 400, "The input parameters were invalid, please enter valid input, and try again."),
    21: Code("NotFound", 404, "The page you requested was not found."),
    22: Code("WebAuthModuleAsyncFailed", 500, _LATER),
    30: Code("JsonDeserializationError", 500, "There was an unexpected problem decoding the input data."),
    31: Code("ThrottleLimitExceeded", 429, _PATIENCE),
    35: Code("ThrottleLimitExceededMinutes", 429, _PATIENCE),
    36: Code("ThrottleLimitExceededMomentarily", 429, _PATIENCE),
    37: Code("ThrottleLimitExceededSeconds", 429, _PATIENCE),
    51: Code("PerEndpointRequestThrottleExceeded", 429, _PATIENCE),
    54: Code("PerApplicationThrottleExceeded", 429, _PATIENCE),
    57: Code("PerUserThrottleExceeded", 429, _PATIENCE),
    99: Code("WebAuthRequired", 401, "Please sign-in to continue."),
    217: Code("UserCannotResolveCentralAccount", 404, "We couldn't find the account you're looking for."),
    1601: Code("DestinyAccountNotFound", 404, "We were unable to find your Destiny account information."),
    1618: Code("DestinyUnexpectedError", 500, "An unexpected error has occurred on Bungie's servers."),
    1620: Code("DestinyCharacterNotFound", 404, "We were unable to find this character."),
    1622: Code("DestinyInvalidRequest", 500, "Your request was invalid."),
    1623: Code("DestinyItemNotFound", 404, "The item requested was not found."),
    1626: Code("DestinyInternalError", 500, _LATER),
    1627: Code("DestinyVendorNotFound", 404, "The Vendor you requested was not found."),
    1634: Code("DestinyCharacterNotInTower", 500, "You must be in a social space to do this."),
    1638: Code("DestinyItemFailedLevelCheck", 500, "This character cannot use that item yet."),
    1639: Code("DestinyItemFailedUnlockCheck", 500, "This character cannot equip that item."),
    1640: Code("DestinyItemUnequippable", 500, "Your equipment is locked at the moment."),
    1641: Code("DestinyItemUniqueEquipRestricted", 500, "You can equip only one exotic of this kind."),
    1642: Code("DestinyNoRoomInDestination", 500, "There are no item slots available to transfer this item."),
    1643: Code("DestinyServiceFailure", 500, "We couldn't get your Destiny data right now."),
    1648: Code("DestinyUniquenessViolation", 500, "You already have one of these."),
    1651: Code("DestinyShardRelayClientTimeout", 503, _RELAY),
    1652: Code("DestinyShardRelayProxyTimeout", 503, _RELAY),
    1656: Code("DestinyCannotPerformActionOnEquippedItem", 500, "You cannot perform this action on an equipped item."),
    1660: Code("DestinyItemNotTransferrable", 500, "This item cannot be transferred."),
    1663: Code("DestinyItemActionForbidden", 500, _IN_GAME),
    1665: Code("DestinyPrivacyRestriction", 403, "This player's information is private."),
    1671: Code("DestinyCannotPerformActionAtThisLocation", 500, "You cannot do this where you are."),
    1672: Code("DestinyThrottledByGameServer", 503, "The Destiny servers are busy. Please try again later."),
    1676: Code("DestinyFailedPlugInsertionRules", 500, "This plug does not fit."),
    1677: Code("DestinySocketNotFound", 500, "This item has no such socket."),
    1678: Code("DestinySocketActionNotAllowed", 500, "You cannot perform that change through Bungie.net at this time."),
    1679: Code("DestinySocketAlreadyHasPlug", 500, "This is already in the socket."),
    1680: Code("DestinyPlugItemNotAvailable", 500, "This plug is not available for that socket."),
    1681: Code("DestinyCharacterLoggedInNotAllowed", 500, "You must leave the game to do this."),
    1688: Code("DestinyDirectBabelClientTimeout", 503, _RELAY),
    2101: Code("ApiInvalidOrExpiredKey", 401, "The API key is invalid or has expired."),
    2102: Code(
        "ApiKeyMissingFromRequest",
        401,
        "Please add valid X-API-Key header to request.  Visit https://www.bungie.net/developer for details.",
    ),
    2106: Code("AuthorizationCodeInvalid", 400, "Authorization code is invalid."),
    2107: Code("OriginHeaderDoesNotMatchKey", 403, "Origin header does not match the provided API key."),
    2108: Code("AccessNotPermittedByApplicationScope", 403, "The application does not have the needed scope."),
    2111: Code("AccessTokenHasExpired", 401, "The access token has expired."),
    2123: Code("AuthorizationRecordExpired", 401, "The authorization has expired."),
    2124: Code("AuthorizationRecordRevoked", 401, "The authorization was revoked."),
}


class PlatformError(Exception):
    """A request fails with this code. ``response`` is the value of ``Response``, which writes have (0)."""

    def __init__(
        self, code: int, *, details: Mapping[str, str] | None = None, response: object = None, http: int | None = None
    ) -> None:
        super().__init__(CODES[code].status)
        self.code = code
        self.details = dict(details or {})
        self.response = response
        self.http = http or CODES[code].http
