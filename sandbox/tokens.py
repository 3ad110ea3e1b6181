"""Access tokens and authorization codes, kept in memory only."""

import secrets
import time
from dataclasses import dataclass, replace

LIFETIME = 86_399
CODE_LIFETIME = 60
# A cached application token is handed out again as long as it has this many seconds left.
_MIN_LIFETIME_TO_REUSE = 300


@dataclass(frozen=True, slots=True)
class Token:
    """``persona`` is None for an application's own token, which opens nothing of a person.

    ``nonce`` is what the application asked to find in the id token.
    """

    value: str
    client_id: str
    persona: str | None
    scopes: tuple[str, ...]
    expires_at: float
    nonce: str = ""

    @property
    def expires_in(self) -> int:
        """Whole seconds that are left."""
        return max(0, int(self.expires_at - time.time()))


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person consented to, waiting behind a code to be fetched."""

    client_id: str
    redirect_uri: str
    persona: str
    scopes: tuple[str, ...]
    expires_at: float
    nonce: str = ""


class Tokens:
    """All tokens given out since the start."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._applications: dict[str, Token] = {}
        self._grants: dict[str, Grant] = {}

    def valid(self, value: str | None) -> Token | None:
        """The token with the value, unless it is unknown, revoked or expired."""
        token = self._tokens.get(value or "")
        return token if token and token.expires_at > time.time() else None

    def bearer(self, authorization: str | None) -> Token | None:
        """The valid token an Authorization header carries."""
        scheme, _, value = (authorization or "").partition(" ")
        return self.valid(value.strip()) if scheme.lower() == "bearer" else None

    def for_application(self, client_id: str) -> Token:
        """The application's token: the same one as long as it is worth it, then a new one."""
        token = self._applications.get(client_id)
        if token is None or self.valid(token.value) is None or token.expires_in < _MIN_LIFETIME_TO_REUSE:
            token = self._applications[client_id] = self._issue(client_id, None, ())
        return token

    def issue_code(
        self, client_id: str, redirect_uri: str, persona: str, scopes: tuple[str, ...], nonce: str = ""
    ) -> str:
        """A code for what the person consented to, good for one minute and one use."""
        code = "EU" + secrets.token_hex(16)
        self._grants[code] = Grant(client_id, redirect_uri, persona, scopes, time.time() + CODE_LIFETIME, nonce)
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str) -> Token | None:
        """The person's token for a code; None for a code that is wrong, used, expired or somebody else's."""
        grant = self._grants.pop(code, None)
        if grant is None or grant.expires_at < time.time():
            return None
        if (grant.client_id, grant.redirect_uri) != (client_id, redirect_uri):
            return None
        return self._issue(client_id, grant.persona, grant.scopes, grant.nonce)

    def revoke(self, value: str) -> None:
        """End the token, if there is one."""
        self._tokens.pop(value, None)

    def expire(self, persona: str | None = None) -> int:
        """Let the tokens of the persona, or of all personas, run out; how many there were."""
        running = [t for t in self._tokens.values() if t.persona and persona in (None, t.persona) and t.expires_in]
        for token in running:
            self._tokens[token.value] = replace(token, expires_at=time.time() - 1)
        return len(running)

    def clear(self) -> None:
        """Drop everything, so that nobody is known any more."""
        self._tokens.clear()
        self._applications.clear()
        self._grants.clear()

    def _issue(self, client_id: str, persona: str | None, scopes: tuple[str, ...], nonce: str = "") -> Token:
        # Half a second of grace, so that a fresh token says 86399 and not 86398.
        expires_at = time.time() + LIFETIME + 0.5
        token = Token("EU" + secrets.token_hex(16), client_id, persona, scopes, expires_at, nonce)
        self._tokens[token.value] = token
        return token
