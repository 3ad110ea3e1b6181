"""Bungie's token endpoint. Its answers have no envelope."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.bungie.state import Bungie
from sandbox.bungie.tokens import ACCESS_LIFETIME, TokenError, Tokens
from sandbox.oauth import basic_credentials
from sandbox.responses import empty_response, json_response

PATH = "/platform/app/oauth/token/"
_FORM = "application/x-www-form-urlencoded"


async def token(bungie: Bungie, request: web.BaseRequest) -> web.Response:
    """Answer a request for tokens, by code or by refresh token. Parameters are only read from a form."""
    if request.method != "POST":
        return empty_response(405)
    if bungie.maintenance is not None:
        return _error("server_error", "SystemDisabled")
    form = await request.post() if request.content_type == _FORM else {}
    parameters = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        return json_response(_answer(bungie, parameters, request.headers.get("Authorization", "")))
    except TokenError as error:
        return _error(error.error, error.description, 401 if error.error == "invalid_client" else 400)


def _answer(bungie: Bungie, parameters: Mapping[str, str], authorization: str) -> dict[str, Any]:
    kind = parameters.get("grant_type")
    if not kind:
        raise TokenError("invalid_request", "Missing required parameter grant_type")
    _check_client(bungie, parameters, authorization)
    if kind == "authorization_code":
        tokens = bungie.tokens.redeem(
            parameters.get("code", ""), parameters.get("redirect_uri", ""), _challenge(bungie, parameters)
        )
    elif kind == "refresh_token":
        tokens = bungie.tokens.refresh(parameters.get("refresh_token", ""))
    else:
        raise TokenError("unsupported_grant_type", kind)
    return _document(bungie, tokens)


def _check_client(bungie: Bungie, parameters: Mapping[str, str], authorization: str) -> None:
    """Raise TokenError unless id and secret are right, in the Basic header or in the form."""
    in_form = parameters.get("client_id", ""), parameters.get("client_secret", "")
    client_id, secret = basic_credentials(authorization) or in_form
    if not client_id.isdecimal():
        raise TokenError("invalid_request", "Cannot parse client_id")
    if (client_id, secret) != (bungie.options.bungie_client_id, bungie.options.client_secret):
        raise TokenError("invalid_client", "Client authentication failed")


def _challenge(bungie: Bungie, parameters: Mapping[str, str]) -> str | None:
    """Return the S256 challenge of the verifier, or None where PKCE is ignored, as at Bungie."""
    if not bungie.strict_pkce:
        return None
    digest = hashlib.sha256(parameters.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _document(bungie: Bungie, tokens: Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access,
        "token_type": "Bearer",
        "expires_in": ACCESS_LIFETIME,
        "refresh_token": tokens.refresh,
        "refresh_expires_in": bungie.tokens.refresh_expires_in(tokens),
        "membership_id": str(bungie.people[tokens.authorization.person].bungie_id),
    }


def _error(error: str, description: str, status: int = 400) -> web.Response:
    return json_response({"error": error, "error_description": description}, status)
