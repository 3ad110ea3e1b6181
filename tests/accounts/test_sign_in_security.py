"""Sign-in requests that visitors can forge: destination, method and rate."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.client_ip import client_ip_of
from accounts.models import User
from tests.accounts.oauth_flow import CALLBACK, LOGIN, consent, is_signed_in, start_sign_in
from tests.battlenet import Sandbox
from tests.html import text_of

pytestmark = pytest.mark.django_db

ATTEMPTS = 20


@pytest.mark.parametrize("inside", ["/guilds/", "/guilds/eu/argent-dawn/%C3%BCnsere-gilde/roster/?sort=-level"])
def test_signing_in_leads_to_the_requested_page(sandbox: Sandbox, client: Client, inside: str) -> None:
    assert client.get(consent(start_sign_in(client, next=inside)))["Location"] == inside


@pytest.mark.parametrize(
    "outside",
    [
        "//evil.example/",
        "///evil.example/",
        "https://evil.example/",
        "http:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "https://testserver.evil.example/",
        "http://localhost/characters/",
    ],
)
def test_signing_in_never_redirects_to_another_site(sandbox: Sandbox, client: Client, outside: str) -> None:
    assert client.get(consent(start_sign_in(client, next=outside)))["Location"] == "/characters/"


def test_the_sign_in_page_keeps_the_requested_page(sandbox: Sandbox, client: Client) -> None:
    to_sign_in = client.get("/account/")["Location"]
    assert '<input type="hidden" name="next" value="/account/">' in client.get(to_sign_in).content.decode()


def test_the_query_string_changes_neither_scopes_nor_region_nor_process(sandbox: Sandbox, client: Client) -> None:
    wishes = "scope=sc2.profile&region=cn&process=connect&auth_params=prompt%3Dnone&action=rerequest&state=mine"
    address = client.post(f"{LOGIN}?{wishes}", dict(parse_qs(wishes)))["Location"]
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{sandbox.url}/authorize?")
    assert set(asked) == {"client_id", "redirect_uri", "scope", "response_type", "state"}
    assert set(asked["scope"][0].split()) == {"openid", "wow.profile"}
    assert asked["redirect_uri"] == [f"http://127.0.0.1:8000{CALLBACK}"]
    assert asked["state"] != ["mine"]
    client.get(f"{consent(address)}&region=cn&process=connect")
    assert is_signed_in(client)
    assert User.objects.get().battlenet_id == sandbox.persona("guildmaster")["battlenet_id"]


def test_the_redirect_url_is_the_registered_one(sandbox: Sandbox, client: Client) -> None:
    response = client.post(LOGIN, headers={"host": "localhost:1234"})
    assert parse_qs(urlsplit(response["Location"]).query)["redirect_uri"] == [f"http://127.0.0.1:8000{CALLBACK}"]


def test_a_get_shows_a_button_first(sandbox: Sandbox, client: Client) -> None:
    """Otherwise any website could start a sign-in."""
    response = client.get(LOGIN, {"next": "/guilds/"})
    assert response.status_code == 200
    assert "Continue to Battle.net" in text_of(response)
    assert '<input type="hidden" name="next" value="/guilds/">' in response.content.decode()


def test_signing_out_needs_a_post(sandbox: Sandbox, client: Client) -> None:
    client.get(consent(start_sign_in(client)))
    assert client.get("/accounts/logout/").status_code == 405
    assert is_signed_in(client)


def test_another_site_can_sign_nobody_in_or_out(sandbox: Sandbox) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(LOGIN).status_code == 403
    csrf = browser.get("/").cookies["csrftoken"].value
    address = browser.post(LOGIN, {"csrfmiddlewaretoken": csrf})["Location"]
    browser.get(consent(address))
    refused = browser.post("/accounts/logout/")
    assert (refused.status_code, "form has expired" in text_of(refused)) == (403, True)
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "signup/",
            "password/reset/",
            "password/change/",
            "password/set/",
            "email/",
            "confirm-email/",
            "reauthenticate/",
        ),
        *("3rdparty/", "social/signup/", "social/connections/", "social/login/error/", "battlenet/login/token/"),
    ],
)
def test_there_are_no_password_email_or_signup_pages(client: Client, address: str) -> None:
    assert client.get(f"/accounts/{address}").status_code == 404
    assert client.get(f"/_allauth/browser/v1/{address}").status_code == 404


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze the limiter's clock, so that no window ends during a test."""
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: 1_790_000_000))


def test_the_21st_attempt_from_one_ip_address_is_refused(sandbox: Sandbox, still: None) -> None:
    mallory = Client(REMOTE_ADDR="192.0.2.1")
    statuses = [mallory.post(LOGIN).status_code for _ in range(ATTEMPTS + 1)]
    assert statuses == [302] * ATTEMPTS + [429]
    page = mallory.post(LOGIN)
    assert "Too many attempts" in text_of(page)
    assert "Wait five minutes" in text_of(page)
    assert Client(REMOTE_ADDR="192.0.2.2").post(LOGIN).status_code == 302


def test_callbacks_are_limited_too(sandbox: Sandbox, still: None) -> None:
    mallory = Client(REMOTE_ADDR="192.0.2.1")
    statuses = [mallory.get(CALLBACK, {"state": "x", "code": "y"}).status_code for _ in range(ATTEMPTS + 1)]
    assert statuses == [400] * ATTEMPTS + [429]


def test_twenty_users_at_one_ip_address_can_sign_in(sandbox: Sandbox, still: None) -> None:
    for _ in range(ATTEMPTS):
        visitor = Client(REMOTE_ADDR="192.0.2.3")
        assert visitor.get(consent(start_sign_in(visitor), "social")).status_code == 302


def test_a_forged_x_forwarded_for_does_not_help(sandbox: Sandbox, still: None) -> None:
    mallory = Client(REMOTE_ADDR="192.0.2.1")
    statuses = [
        mallory.post(LOGIN, headers={"x-forwarded-for": f"198.51.100.{number}"}).status_code
        for number in range(ATTEMPTS + 1)
    ]
    assert statuses[-1] == 429


def test_behind_a_trusted_proxy_clients_are_limited_separately(
    sandbox: Sandbox, still: None, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 1
    proxy = Client(REMOTE_ADDR="10.0.0.1")
    for number in range(ATTEMPTS):
        assert proxy.post(LOGIN, headers={"x-forwarded-for": f"198.51.100.{number}, 192.0.2.1"}).status_code == 302
    assert proxy.post(LOGIN, headers={"x-forwarded-for": "192.0.2.1"}).status_code == 429
    assert proxy.post(LOGIN, headers={"x-forwarded-for": "192.0.2.1, 192.0.2.2"}).status_code == 302


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "seen"),
    [
        (0, "192.0.2.1", None, "192.0.2.1"),
        (0, "192.0.2.1", "198.51.100.1", "192.0.2.1"),
        (1, "10.0.0.1", "198.51.100.1, 192.0.2.1", "192.0.2.1"),
        (2, "10.0.0.1", "198.51.100.1, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        (2, "10.0.0.1", "192.0.2.1", "192.0.2.1"),
        (1, "10.0.0.1", None, "10.0.0.1"),
        (1, "", "192.0.2.1", "192.0.2.1"),
        (0, "", None, "0.0.0.0"),
        (1, "10.0.0.1", "unknown", "0.0.0.0"),
        (0, "::ffff:192.0.2.1", None, "192.0.2.1"),
        (0, "2001:db8::1", None, "2001:db8::1"),
    ],
)
def test_the_client_ip_is_what_the_outermost_proxy_saw(
    settings: Settings, proxies: int, remote: str, forwarded: str | None, seen: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client_ip_of(RequestFactory(REMOTE_ADDR=remote).get("/", headers=headers)) == seen
