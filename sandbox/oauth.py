"""Battle.net's OAuth service: client tokens, user tokens, and what is known about them.

There are no refresh tokens. A user token comes with an ``id_token`` if ``openid`` was granted. All paths also
work below ``/oauth``, which common client libraries still use.
"""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote_plus

from aiohttp import web

from sandbox import consent
from sandbox.identity import ALGORITHM
from sandbox.pages import message_page
from sandbox.responses import empty_response, html_response, json_response
from sandbox.state import Sandbox
from sandbox.tokens import Token

_LEGACY = "/oauth"
_PATHS = {
    "/authorize": "authorize",
    "/token": "token",
    "/userinfo": "userinfo",
    "/check_token": "check_token",
    "/v2/check_token": "check_token",
    "/revoke": "revoke",
    "/jwks/certs": "jwks",
    "/.well-known/openid-configuration": "discovery",
}


def serves(path: str) -> bool:
    """Return whether the path belongs to this service."""
    return _without_legacy_prefix(path) in _PATHS


def _without_legacy_prefix(path: str) -> str:
    return path.removeprefix(_LEGACY)


async def respond(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Answer one OAuth request and count it; faults apply."""
    path = _without_legacy_prefix(request.path)

    async def answer() -> web.Response:
        return await _HANDLERS[_PATHS[path]](sandbox, request)

    response = await sandbox.faults.apply(path, answer)
    sandbox.stats.count_oauth(_PATHS[path], response.status)
    return response


async def token(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Issue a token for client credentials, with or without a code. Parameters can be in the body or the query."""
    if request.method != "POST":
        return empty_response(403)
    parameters = await _parameters(request)
    if not _is_known_client(sandbox, request, parameters):
        return _error(401, "invalid_client", "Bad client credentials")
    kind = parameters.get("grant_type")
    if kind == "client_credentials":
        return _token_answer(sandbox.tokens.for_application(sandbox.options.client_id))
    if kind == "authorization_code":
        return _exchange(sandbox, parameters)
    return _error(400, "unsupported_grant_type", f"Unsupported grant type: {kind}")


def _exchange(sandbox: Sandbox, parameters: Mapping[str, str]) -> web.Response:
    client_id, redirect_uri = sandbox.options.client_id, parameters.get("redirect_uri", "")
    issued = sandbox.tokens.redeem(parameters.get("code", ""), client_id, redirect_uri)
    if issued is None:
        return _error(400, "invalid_grant", "Invalid authorization code")
    return _token_answer(issued, _subject(sandbox, issued), _id_token(sandbox, issued))


def _id_token(sandbox: Sandbox, issued: Token) -> str | None:
    """Return a signed id token if ``openid`` was granted."""
    if issued.persona is None or "openid" not in issued.scopes:
        return None
    return sandbox.identity.id_token(
        issuer=sandbox.base_url,
        subject=_subject(sandbox, issued),
        client_id=issued.client_id,
        battletag=sandbox.world.personas[issued.persona].battletag,
        access_token=issued.value,
        lifetime=issued.expires_in,
        nonce=issued.nonce,
    )


def _token_answer(issued: Token, subject: str | None = None, id_token: str | None = None) -> web.Response:
    document: dict[str, object] = {
        "access_token": issued.value,
        "token_type": "bearer",
        "expires_in": issued.expires_in,
        "sub": subject or issued.client_id,
    }
    if issued.persona is not None:
        document["scope"] = " ".join(issued.scopes)
    if id_token is not None:
        document["id_token"] = id_token
    return json_response(document)


async def userinfo(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Return the owner of the token."""
    known = sandbox.tokens.bearer(request.headers.get("Authorization"))
    if known is None or known.persona is None:
        return html_response(message_page("Unauthorized", "A user access token is required."), 401)
    person = sandbox.world.personas[known.persona]
    return json_response({"sub": str(person.battlenet_id), "id": person.battlenet_id, "battletag": person.battletag})


async def check_token(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Describe a token. The old path takes only a form, the newer one also a query."""
    if request.method != "POST" and _without_legacy_prefix(request.path) != "/v2/check_token":
        return empty_response(405)
    known = sandbox.tokens.valid((await _parameters(request)).get("token"))
    if known is None:
        return _error(400, "invalid_token", "Token was not recognized")
    document: dict[str, object] = {
        "scope": list(known.scopes),
        "account_authorities": [],
        "exp": int(known.expires_at),
        "client_authorities": [],
        "authorities": ["IS_AUTHENTICATED_FULLY"] if known.persona else [],
        "client_id": known.client_id,
    }
    if known.persona is not None:
        document["user_name"] = _subject(sandbox, known)
    return json_response(document)


async def revoke(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Revoke a token. Revoking an unknown token is not an error."""
    if request.method != "POST":
        return empty_response(405)
    sandbox.tokens.revoke((await _parameters(request)).get("token", ""))
    return empty_response(200)


async def jwks(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Return the public key that verifies id tokens."""
    return json_response(sandbox.identity.jwks)


async def discovery(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Return the OpenID configuration. It advertises more than is served, as Battle.net's does."""
    base = sandbox.base_url
    return json_response(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "end_session_endpoint": f"{base}/logout",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks/certs",
            "revocation_endpoint": f"{base}/revoke",
            "introspection_endpoint": f"{base}/v2/check_token",
            "userinfo_endpoint": f"{base}/userinfo",
            "device_authorization_endpoint": f"{base}/device/code",
            "response_types_supported": ["code", "code id_token", "id_token", "token id_token"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "grant_types_supported": _ADVERTISED_GRANTS,
        }
    )


_ADVERTISED_GRANTS = [
    "authorization_code", "client_credentials", "implicit", "token_extension", "server_sso", "client_sso",
    "device_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
]  # fmt: skip
_HANDLERS = {
    "authorize": consent.authorize,
    "token": token,
    "userinfo": userinfo,
    "check_token": check_token,
    "revoke": revoke,
    "jwks": jwks,
    "discovery": discovery,
}


def _subject(sandbox: Sandbox, known: Token) -> str:
    return str(sandbox.world.personas[known.persona or ""].battlenet_id)


async def _parameters(request: web.BaseRequest) -> dict[str, str]:
    form = await request.post()
    body = {name: value for name, value in form.items() if isinstance(value, str)}
    return {**request.query, **body}


def _is_known_client(sandbox: Sandbox, request: web.BaseRequest, parameters: Mapping[str, str]) -> bool:
    known = (sandbox.options.client_id, sandbox.options.client_secret)
    basic = basic_credentials(request.headers.get("Authorization", ""))
    return (basic or (parameters.get("client_id"), parameters.get("client_secret"))) == known


def basic_credentials(authorization: str) -> tuple[str, str] | None:
    """Return id and secret of a Basic header, two empty texts if it is malformed, or None if it is another header."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return unquote_plus(client_id), unquote_plus(secret)


def _error(status: int, error: str, description: str) -> web.Response:
    return json_response({"error": error, "error_description": description}, status)
