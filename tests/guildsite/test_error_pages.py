"""Error pages work whatever else is broken."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver

from guildsite import error_pages
from tests.guildsite.test_policy import assert_protected
from tests.html import text_of

pytestmark = pytest.mark.django_db
PAGES = {
    400: error_pages.bad_request,
    403: error_pages.permission_denied,
    404: error_pages.page_not_found,
    413: error_pages.too_large,
    500: error_pages.server_error,
    503: error_pages.took_too_long,
}


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_the_site_uses_our_handlers(status: int) -> None:
    assert get_resolver().resolve_error_handler(status) is PAGES[status]


@pytest.mark.parametrize("status", PAGES)
def test_a_template_that_cannot_be_rendered_does_not_break_the_response(rf: RequestFactory, status: int) -> None:
    with patch.object(error_pages, "render_to_string", side_effect=RuntimeError("the secret is hunter2")):
        response: HttpResponse = PAGES[status](rf.get("/"))
    assert response.status_code == status
    assert 'href="/"' in response.content.decode()
    assert "hunter2" not in response.content.decode()


def test_page_not_found_works_without_the_database(client: Client) -> None:
    client.cookies["sessionid"] = "a" * 32
    with patch.object(connection, "cursor", side_effect=OperationalError):
        response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "Page not found" in text_of(response)
    assert_protected(response)


def test_server_error_works_without_the_database(client: Client) -> None:
    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32
    with patch.object(connection, "cursor", side_effect=OperationalError):
        response = client.get("/characters/")
    assert response.status_code == 500
    assert "Server error" in text_of(response)
    assert_protected(response)


def test_a_form_without_csrf_token_gets_our_error_page(client: Client) -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/logout/")
    assert response.status_code == 403
    assert "This form has expired" in text_of(response)
    assert_protected(response)


def test_error_pages_keep_the_users_menu(sign_in: Callable[..., Any], client: Client) -> None:
    sign_in("newcomer")
    assert "Sign out" in text_of(client.get("/nowhere/"))
    # The request is not read again: nobody knows who it is, and nobody is told to sign in.
    assert "Sign in" not in text_of(client.get("/nowhere/%00"))


def test_handlers_do_not_need_the_request() -> None:
    assert error_pages.bad_request(HttpRequest()).status_code == 400
