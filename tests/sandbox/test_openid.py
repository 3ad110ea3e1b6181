"""OpenID Connect, and the legacy paths that common client libraries still use."""

import time
from typing import Any

import jwt
import pytest
import requests

from tests.sandbox.client import CALLBACK, CREDENTIALS, Client


def verified(sandbox: Client, token: str, **options: Any) -> dict[str, Any]:
    """Return the claims of an id token, verified like a client library does: by discovery and the published keys."""
    discovery = sandbox.get("/.well-known/openid-configuration").json()
    keys = requests.get(discovery["jwks_uri"], timeout=10).json()["keys"]
    kid = jwt.get_unverified_header(token)["kid"]
    key = jwt.PyJWK(next(one for one in keys if one["kid"] == kid))
    algorithms = discovery["id_token_signing_alg_values_supported"]
    expected = {"audience": CREDENTIALS[0], "issuer": discovery["issuer"], **options}
    return jwt.decode(token, key, algorithms=algorithms, **expected)


def test_an_id_token_identifies_the_persona(sandbox: Client) -> None:
    document = sandbox.redeem(sandbox.code("raider", nonce="n0nce")).json()
    claims = verified(sandbox, document["id_token"])
    assert (claims["sub"], claims["battle_tag"], claims["nonce"]) == ("2480117903", "Jörunn#1734", "n0nce")
    assert (claims["iss"], claims["aud"]) == (sandbox.base_url, "sandbox-client")
    assert 86_000 < claims["exp"] - time.time() < 86_500
    assert claims["iat"] <= time.time() + 1


def test_an_id_token_belongs_to_its_access_token(sandbox: Client) -> None:
    one, other = (sandbox.redeem(sandbox.code("raider")).json() for _ in range(2))
    hashes = {verified(sandbox, document["id_token"])["at_hash"] for document in (one, other)}
    assert len(hashes) == 2


def test_a_nonce_is_included_only_if_requested(sandbox: Client) -> None:
    document = sandbox.redeem(sandbox.code("social")).json()
    assert "nonce" not in verified(sandbox, document["id_token"])


def test_the_page_keeps_the_nonce(sandbox: Client) -> None:
    assert 'name="nonce" value="n0nce"' in sandbox.authorize(nonce="n0nce").text


def test_an_id_token_for_another_client_or_with_another_signature_is_refused(sandbox: Client) -> None:
    token = sandbox.redeem(sandbox.code("social")).json()["id_token"]
    with pytest.raises(jwt.InvalidAudienceError):
        verified(sandbox, token, audience="stranger")
    head, body, signature = token.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    with pytest.raises(jwt.InvalidTokenError):
        verified(sandbox, forged)


@pytest.mark.parametrize("scope", ["wow.profile", ""])
def test_without_openid_there_is_no_id_token(sandbox: Client, scope: str) -> None:
    assert "id_token" not in sandbox.redeem(sandbox.code("social", scope=scope)).json()


def test_the_unticker_still_gets_an_id_token(sandbox: Client) -> None:
    document = sandbox.redeem(sandbox.code("unticker")).json()
    assert document["scope"] == "openid"
    assert verified(sandbox, document["id_token"])["sub"] == "958771340"


def test_signing_in_works_at_the_legacy_paths(sandbox: Client) -> None:
    asked = {"client_id": CREDENTIALS[0], "response_type": "code", "scope": "openid wow.profile", "state": "s"}
    answer = sandbox.get("/oauth/authorize", params={**asked, "redirect_uri": CALLBACK, "persona": "officer"})
    code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    document = sandbox.post("/oauth/token", data=form, auth=CREDENTIALS).json()
    headers = {"Authorization": f"Bearer {document['access_token']}"}
    assert sandbox.get("/oauth/userinfo", headers=headers).json()["battletag"] == "Morwick#21185"
    checked = sandbox.post("/oauth/check_token", data={"token": document["access_token"]}).json()
    assert checked["user_name"] == document["sub"] == "517904122"
    assert sandbox.api("/profile/user/wow", token=document["access_token"]).status_code == 200


def test_legacy_paths_are_counted_and_affected_by_faults(sandbox: Client) -> None:
    form = {"grant_type": "client_credentials"}
    assert sandbox.post("/oauth/token", data=form, auth=CREDENTIALS).status_code == 200
    sandbox.control("faults", {"path": "/token", "status": 503})
    assert sandbox.post("/oauth/token", data=form, auth=CREDENTIALS).status_code == 503
    assert sandbox.control("stats")["oauth"] == {"token 200": 1, "token 503": 1}


def test_the_openid_configuration_is_also_at_the_legacy_path(sandbox: Client) -> None:
    path = "/.well-known/openid-configuration"
    assert sandbox.get(f"/oauth{path}").json() == sandbox.get(path).json()
