"""The steps of the OAuth flow with Battle.net."""

from urllib.parse import parse_qs, urlsplit

import requests
from django.test import Client

LOGIN = "/accounts/battlenet/login/"
CALLBACK = "/accounts/battlenet/login/callback/"


def start_sign_in(client: Client, **data: str) -> str:
    """Start signing in; return the authorization URL."""
    response = client.post(LOGIN, data)
    assert response.status_code == 302, response.content
    return str(response["Location"])


def consent(address: str, persona: str = "guildmaster") -> str:
    """Consent at Battle.net; return the path of the callback."""
    answer = requests.get(f"{address}&persona={persona}", allow_redirects=False, timeout=10)
    return path_of(answer.headers["Location"])


def deny(address: str) -> str:
    """Decline at Battle.net; return the path of the callback."""
    asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    form = {**asked, "decision": "deny", "persona": "guildmaster"}
    answer = requests.post(address.partition("?")[0], data=form, allow_redirects=False, timeout=10)
    return path_of(answer.headers["Location"])


def state_of(address: str) -> str:
    """Return the `state` of an authorization URL."""
    return parse_qs(urlsplit(address).query)["state"][0]


def path_of(address: str) -> str:
    """Return path and query of a URL."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def is_signed_in(client: Client) -> bool:
    """Return True if the account page opens."""
    return bool(client.get("/account/").status_code == 200)
