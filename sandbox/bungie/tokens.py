"""Authorization codes, access tokens, refresh tokens that are good for one use, and the authorizations behind them."""

import base64
import secrets
from dataclasses import dataclass

from sandbox.bungie.clock import Clock

CODE_LIFETIME = 60
ACCESS_LIFETIME = 3600
REFRESH_LIFETIME = 90 * 86_400
AUTHORIZATION_LIFETIME = 365 * 86_400
_LENGTH = 270


@dataclass(slots=True, eq=False)
class Authorization:
    """A person's consent: all tokens that come from it end with it."""

    person: str
    expires_at: float
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of tokens."""

    access: str
    refresh: str
    authorization: Authorization


@dataclass(frozen=True, slots=True)
class _Issued:
    authorization: Authorization
    expires_at: float


@dataclass(frozen=True, slots=True)
class _Grant:
    person: str
    redirect_url: str
    challenge: str
    expires_at: float


class TokenError(Exception):
    """The token endpoint refuses: ``error`` and ``description`` of its answer."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class TokenStore:
    """Everything issued since the start.

    A revoked authorization is noticed when its refresh token is used; its access token keeps working until it expires,
    as at Bungie.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.clear()

    def clear(self) -> None:
        """Forget all codes, tokens and authorizations."""
        self._grants: dict[str, _Grant] = {}
        self._access: dict[str, _Issued] = {}
        self._refresh: dict[str, _Issued] = {}
        self._authorizations: list[Authorization] = []

    def issue_code(self, person: str, redirect_url: str, challenge: str = "") -> str:
        """Issue an authorization code for a minute and one use."""
        code = secrets.token_hex(16)
        self._grants[code] = _Grant(person, redirect_url, challenge, self._clock.now() + CODE_LIFETIME)
        return code

    def redeem(self, code: str, redirect_url: str, challenge: str | None) -> Tokens:
        """Return tokens for a code; raise TokenError if it is unknown, used or expired.

        ``challenge`` is what the request's verifier hashes to, or None if it is not checked.
        """
        grant = self._grants.pop(code, None)
        if grant is None or grant.expires_at < self._clock.now():
            raise TokenError("invalid_grant", "AuthorizationCodeInvalid")
        if redirect_url and redirect_url != grant.redirect_url:
            raise TokenError("invalid_grant", "AuthorizationCodeInvalid")
        if challenge is not None and challenge != grant.challenge:
            raise TokenError("invalid_grant", "AuthorizationCodeInvalid")
        authorization = Authorization(grant.person, self._clock.now() + AUTHORIZATION_LIFETIME)
        self._authorizations.append(authorization)
        return self._issue(authorization)

    def refresh(self, value: str) -> Tokens:
        """Return new tokens for a refresh token, which is used up; raise TokenError if it is not good."""
        issued = self._refresh.pop(value, None)
        if issued is None:
            raise TokenError("invalid_grant", "ProvidedTokenNotValidRefreshToken")
        if issued.authorization.is_revoked:
            raise TokenError("server_error", "AuthorizationRecordRevoked")
        now = self._clock.now()
        if issued.authorization.expires_at <= now:
            raise TokenError("server_error", "AuthorizationRecordExpired")
        if issued.expires_at <= now:
            raise TokenError("invalid_grant", "RefreshTokenExpired")
        return self._issue(issued.authorization)

    def _issue(self, authorization: Authorization) -> Tokens:
        now, tokens = self._clock.now(), Tokens(_opaque(), _opaque(), authorization)
        self._access[tokens.access] = _Issued(authorization, now + ACCESS_LIFETIME)
        self._refresh[tokens.refresh] = _Issued(authorization, now + REFRESH_LIFETIME)
        return tokens

    def refresh_expires_in(self, tokens: Tokens) -> int:
        """Return how many seconds the refresh token is good for."""
        return round(self._refresh[tokens.refresh].expires_at - self._clock.now())

    def owner(self, access: str) -> str | None:
        """Return the person whose access token this is, or None if it is unknown."""
        issued = self._access.get(access)
        return issued.authorization.person if issued else None

    def is_expired(self, access: str) -> bool:
        """Return whether a known access token has expired."""
        return self._access[access].expires_at <= self._clock.now()

    def revoke(self, person: str | None) -> int:
        """Revoke the authorizations of a person, or of all; return how many there were."""
        revoked = [one for one in self._authorizations if not one.is_revoked and person in (None, one.person)]
        for authorization in revoked:
            authorization.is_revoked = True
        return len(revoked)

    def expire(self, person: str | None) -> int:
        """Expire the access tokens of a person, or of all; refresh tokens stay good."""
        now, expired = self._clock.now(), 0
        for value, issued in self._access.items():
            if issued.expires_at > now and person in (None, issued.authorization.person):
                self._access[value] = _Issued(issued.authorization, now)
                expired += 1
        return expired


def _opaque() -> str:
    """Return a token: 360 characters of base64."""
    return base64.b64encode(secrets.token_bytes(_LENGTH)).decode()
