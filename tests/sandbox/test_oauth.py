"""Signing in, and checking tokens."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.client import CALLBACK, CREDENTIALS, Client


def test_a_client_token_is_valid_for_a_day(sandbox: Client) -> None:
    answer = sandbox.post("/token", data={"grant_type": "client_credentials"}, auth=CREDENTIALS)
    document = answer.json()
    assert list(document) == ["access_token", "token_type", "expires_in", "sub"]
    assert (document["token_type"], document["expires_in"], document["sub"]) == ("bearer", 86399, "sandbox-client")


def test_a_client_token_is_reused(sandbox: Client) -> None:
    assert sandbox.app_token() == sandbox.app_token()


def test_the_grant_type_can_be_in_the_query_and_the_credentials_in_the_body(sandbox: Client) -> None:
    body = {"client_id": CREDENTIALS[0], "client_secret": CREDENTIALS[1]}
    assert sandbox.post("/token?grant_type=client_credentials", data=body).status_code == 200


def test_wrong_credentials_are_an_invalid_client(sandbox: Client) -> None:
    form = {"grant_type": "client_credentials"}
    for wrong in (("sandbox-client", "guess"), ("stranger", "sandbox-secret"), None):
        answer = sandbox.post("/token", data=form, auth=wrong)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_the_token_endpoint_needs_a_post(sandbox: Client) -> None:
    assert sandbox.get("/token?grant_type=client_credentials", auth=CREDENTIALS).status_code == 403


def test_the_page_lists_every_persona_and_says_that_it_is_not_battlenet(sandbox: Client) -> None:
    page = sandbox.authorize()
    assert page.status_code == 200
    assert "Sandbox: not the real Battle.net" in page.text
    for persona in sandbox.control("world")["personas"]:
        assert f'value="{persona["name"]}"' in page.text
        assert persona["battletag"] in page.text
        assert persona["description"] in page.text


def test_allowing_on_the_page_leads_back_with_a_code(sandbox: Client) -> None:
    answer = sandbox.post("/authorize", data=_form(persona="social", decision="allow", **{"wow.profile": "on"}))
    assert answer.status_code == 302
    location = urlsplit(answer.headers["Location"])
    assert answer.headers["Location"].startswith(CALLBACK)
    query = parse_qs(location.query)
    assert query["state"] == ["st4te"]
    assert sandbox.redeem(query["code"][0]).json()["scope"] == "openid wow.profile"


def test_clearing_the_box_on_the_page_grants_less(sandbox: Client) -> None:
    answer = sandbox.post("/authorize", data=_form(persona="social", decision="allow"))
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    assert sandbox.redeem(code).json()["scope"] == "openid"


def test_the_unticker_can_tick_the_box(sandbox: Client) -> None:
    answer = sandbox.post("/authorize", data=_form(persona="unticker", decision="allow", **{"wow.profile": "on"}))
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    assert sandbox.redeem(code).json()["scope"] == "openid wow.profile"


def test_denying_leads_back_with_an_error_and_the_state(sandbox: Client) -> None:
    answer = sandbox.post("/authorize", data=_form(persona="social", decision="deny"))
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query == {"error": ["access_denied"], "state": ["st4te"]}


def test_a_sign_in_without_state_is_refused(sandbox: Client) -> None:
    answer = sandbox.authorize(state="", persona="social")
    assert answer.status_code == 400
    assert "The state parameter must be provided" in answer.text


def test_an_unknown_client_is_an_error_page_without_a_redirect(sandbox: Client) -> None:
    answer = sandbox.authorize(client_id="stranger", persona="social")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Location" not in answer.headers


@pytest.mark.parametrize("uri", ["http://example.org/cb", "javascript:alert(1)", "https://", "localhost/cb", ""])
def test_a_redirect_to_an_untrusted_address_is_an_error_page(sandbox: Client, uri: str) -> None:
    answer = sandbox.authorize(redirect_uri=uri, persona="social")
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize("uri", ["https://guild.example/cb", "http://127.0.0.1:8000/cb"])
def test_https_anywhere_and_http_on_this_machine_are_trusted(sandbox: Client, uri: str) -> None:
    assert sandbox.authorize(redirect_uri=uri, persona="social").headers["Location"].startswith(uri)


def test_an_unknown_persona_is_an_error_page(sandbox: Client) -> None:
    assert sandbox.authorize(persona="nobody").status_code == 400


def test_a_person_gets_a_token_without_a_refresh_token(sandbox: Client) -> None:
    document = sandbox.redeem(sandbox.code("guildmaster")).json()
    assert list(document) == ["access_token", "token_type", "expires_in", "sub", "scope", "id_token"]
    assert document["sub"] == "482210377"
    assert document["scope"] == "openid wow.profile"
    assert document["expires_in"] == 86399


def test_the_unticker_grants_only_openid(sandbox: Client) -> None:
    assert sandbox.redeem(sandbox.code("unticker")).json()["scope"] == "openid"


def test_a_code_works_once(sandbox: Client) -> None:
    code = sandbox.code("social")
    assert sandbox.redeem(code).status_code == 200
    again = sandbox.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_bound_to_its_redirect_uri(sandbox: Client) -> None:
    answer = sandbox.redeem(sandbox.code("social"), "http://localhost:8000/elsewhere/")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_userinfo_identifies_the_persona(sandbox: Client) -> None:
    token = sandbox.sign_in("raider")
    answer = sandbox.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"sub": "2480117903", "id": 2_480_117_903, "battletag": "Jörunn#1734"}


def test_userinfo_works_without_openid(sandbox: Client) -> None:
    token = sandbox.sign_in("social", scope="wow.profile")
    assert sandbox.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_userinfo_without_a_user_token_is_an_error_page(sandbox: Client) -> None:
    for headers in ({}, {"Authorization": f"Bearer {sandbox.app_token()}"}):
        answer = sandbox.get("/userinfo", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"].startswith("text/html")


def test_a_token_can_be_checked(sandbox: Client) -> None:
    document = sandbox.post("/check_token", data={"token": sandbox.sign_in("officer")}).json()
    assert document["scope"] == ["openid", "wow.profile"]
    assert document["user_name"] == "517904122"
    assert document["client_id"] == "sandbox-client"


def test_a_checked_client_token_has_no_user_name(sandbox: Client) -> None:
    assert "user_name" not in sandbox.post("/check_token", data={"token": sandbox.app_token()}).json()


def test_only_the_newer_path_accepts_get(sandbox: Client) -> None:
    token = sandbox.app_token()
    assert sandbox.get(f"/check_token?token={token}").status_code == 405
    assert sandbox.get(f"/v2/check_token?token={token}").status_code == 200


def test_a_revoked_token_is_not_recognized(sandbox: Client) -> None:
    token = sandbox.sign_in("officer")
    assert sandbox.post("/revoke", data={"token": token}).status_code == 200
    answer = sandbox.post("/check_token", data={"token": token})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_token")


def test_the_openid_configuration_links_to_the_sandbox(sandbox: Client) -> None:
    document = sandbox.get("/.well-known/openid-configuration").json()
    assert document["authorization_endpoint"] == f"{sandbox.base_url}/authorize"
    assert "code_challenge_methods_supported" not in document


def _form(**more: str) -> dict[str, str]:
    asked = {"client_id": CREDENTIALS[0], "redirect_uri": CALLBACK, "response_type": "code"}
    return {**asked, "scope": "openid wow.profile", "state": "st4te", **more}
