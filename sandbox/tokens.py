"""Access tokens and authorization codes, in memory."""

import secrets
import time
from dataclasses import dataclass, replace

LIFETIME = 86_399
CODE_LIFETIME = 60
# Seconds. A client token is reused while it is valid for at least this long.
_MIN_LIFETIME_TO_REUSE = 300


@dataclass(frozen=True, slots=True)
class Token:
    """An access token. ``persona`` is None for a client token; ``nonce`` goes into the id token."""

    value: str
    client_id: str
    persona: str | None
    scopes: tuple[str, ...]
    expires_at: float
    nonce: str = ""

    @property
    def expires_in(self) -> int:
        """Return the remaining lifetime in whole seconds."""
        return max(0, int(self.expires_at - time.time()))


@dataclass(frozen=True, slots=True)
class Grant:
    """A persona's consent, until the code is redeemed."""

    client_id: str
    redirect_uri: str
    persona: str
    scopes: tuple[str, ...]
    expires_at: float
    nonce: str = ""


class Tokens:
    """All tokens issued since the start."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._applications: dict[str, Token] = {}
        self._grants: dict[str, Grant] = {}

    def valid(self, value: str | None) -> Token | None:
        """Return the token, or None if it is unknown, revoked or expired."""
        token = self._tokens.get(value or "")
        return token if token and token.expires_at > time.time() else None

    def bearer(self, authorization: str | None) -> Token | None:
        """Return the valid token of an Authorization header, or None."""
        scheme, _, value = (authorization or "").partition(" ")
        return self.valid(value.strip()) if scheme.lower() == "bearer" else None

    def for_application(self, client_id: str) -> Token:
        """Return the client token; the same one until it is about to expire."""
        token = self._applications.get(client_id)
        if token is None or self.valid(token.value) is None or token.expires_in < _MIN_LIFETIME_TO_REUSE:
            token = self._applications[client_id] = self._issue(client_id, None, ())
        return token

    def issue_code(
        self, client_id: str, redirect_uri: str, persona: str, scopes: tuple[str, ...], nonce: str = ""
    ) -> str:
        """Issue an authorization code, valid for one minute and one use."""
        code = "EU" + secrets.token_hex(16)
        self._grants[code] = Grant(client_id, redirect_uri, persona, scopes, time.time() + CODE_LIFETIME, nonce)
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str) -> Token | None:
        """Return the user token for a code, or None if the code is invalid, used, expired or of another client."""
        grant = self._grants.pop(code, None)
        if grant is None or grant.expires_at < time.time():
            return None
        if (grant.client_id, grant.redirect_uri) != (client_id, redirect_uri):
            return None
        return self._issue(client_id, grant.persona, grant.scopes, grant.nonce)

    def revoke(self, value: str) -> None:
        """Revoke the token, if it exists."""
        self._tokens.pop(value, None)

    def expire(self, persona: str | None = None) -> int:
        """Expire the tokens of one persona, or of all; return how many there were."""
        running = [t for t in self._tokens.values() if t.persona and persona in (None, t.persona) and t.expires_in]
        for token in running:
            self._tokens[token.value] = replace(token, expires_at=time.time() - 1)
        return len(running)

    def clear(self) -> None:
        """Remove all tokens and codes."""
        self._tokens.clear()
        self._applications.clear()
        self._grants.clear()

    def _issue(self, client_id: str, persona: str | None, scopes: tuple[str, ...], nonce: str = "") -> Token:
        # Half a second more, so that a new token reports 86399 and not 86398.
        expires_at = time.time() + LIFETIME + 0.5
        token = Token("EU" + secrets.token_hex(16), client_id, persona, scopes, expires_at, nonce)
        self._tokens[token.value] = token
        return token
