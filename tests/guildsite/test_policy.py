"""Security headers, cookies, and error pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.templatetags.static import static
from django.test import Client

from accounts.services import grant_admin
from tests.accounts.oauth_flow import CALLBACK, LOGIN
from tests.html import text_of

pytestmark = pytest.mark.django_db

VISITORS_PAGES = ["/", "/accounts/login/", LOGIN, CALLBACK, "/accounts/inactive/", "/admin/", "/nowhere/", "/healthz"]
MEMBERS_PAGES = ["/characters/", "/guilds/", "/account/", "/nowhere/", "/guilds/eu/nowhere/nobody/"]


def policy_of(response: Any) -> dict[str, list[str]]:
    words = [part.split() for part in response.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in filter(None, words)}


def assert_protected(response: Any) -> None:
    policy = policy_of(response)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert not [value for values in policy.values() for value in values if "unsafe" in value or value == "*"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in response.headers["Cache-Control"]
    assert "private" in response.headers["Cache-Control"]
    for feature in ("camera", "geolocation", "microphone", "payment", "usb"):
        assert f"{feature}=()" in response.headers["Permissions-Policy"]


@pytest.mark.parametrize("path", VISITORS_PAGES)
def test_pages_for_visitors_have_security_headers(client: Client, path: str) -> None:
    assert_protected(client.get(path))


@pytest.fixture
def admin_browser(sign_in: Callable[..., Any], client: Client) -> Client:
    """Sign in as the social member, who is a site admin."""
    sign_in("social")
    grant_admin(battletag="Pebblecup#11902")
    return client


def test_pages_for_members_have_security_headers(sign_in: Callable[..., Any], client: Client) -> None:
    sign_in("newcomer")
    for path in MEMBERS_PAGES:
        assert_protected(client.get(path))


def test_cookies_are_httponly_and_samesite(sign_in: Callable[..., Any], client: Client) -> None:
    sign_in("newcomer")
    session = client.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")


def test_browsers_do_not_store_admin_pages(admin_browser: Client) -> None:
    for path in ("/admin/", "/admin/accounts/user/", "/admin/jsi18n/"):
        assert_protected(admin_browser.get(path))


def test_static_files_are_cached(client: Client) -> None:
    response = client.get(static("css/base.css"))
    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    response.close()


def test_over_https_cookies_have_the_host_prefix(sign_in: Callable[..., Any], client: Client, settings: Any) -> None:
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    sign_in("newcomer")
    assert client.get("/account/").status_code == 200
    for name in ("__Host-sessionid", "__Host-csrftoken"):
        cookie = client.cookies[name]
        # What a browser asks of a cookie with this prefix.
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    assert all(name.startswith("__Host-") for name in client.cookies)


def test_page_not_found(client: Client) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "Page not found" in text_of(response)


def test_permission_denied(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise PermissionDenied

    monkeypatch.setattr("accounts.views.render", refuse)
    response = client.get("/")
    assert response.status_code == 403
    assert "You don't have access to this page" in text_of(response)
    assert_protected(response)


def test_a_server_error_reveals_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_error(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the secret is hunter2")

    monkeypatch.setattr("accounts.views.render", raise_error)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "Server error" in text_of(response)
    assert "hunter2" not in response.content.decode()
    assert_protected(response)


def test_a_host_that_is_not_ours_is_refused(client: Client) -> None:
    assert client.get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400
