"""The way to Battle.net and back, one step at a time."""

from urllib.parse import parse_qs, urlsplit

import requests
from django.test import Client

LOGIN = "/accounts/battlenet/login/"
CALLBACK = "/accounts/battlenet/login/callback/"


def begin(client: Client, **data: str) -> str:
    """Press the button; the address at Battle.net to which it leads."""
    response = client.post(LOGIN, data)
    assert response.status_code == 302, response.content
    return str(response["Location"])


def consent(address: str, persona: str = "guildmaster") -> str:
    """Say yes at Battle.net; the path on this site to which it sends the browser back."""
    answer = requests.get(f"{address}&persona={persona}", allow_redirects=False, timeout=10)
    return path_of(answer.headers["Location"])


def deny(address: str) -> str:
    """Say no at Battle.net, by its own form."""
    asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    form = {**asked, "decision": "deny", "persona": "guildmaster"}
    answer = requests.post(address.partition("?")[0], data=form, allow_redirects=False, timeout=10)
    return path_of(answer.headers["Location"])


def state_of(address: str) -> str:
    """The state with which this sign-in was begun."""
    return parse_qs(urlsplit(address).query)["state"][0]


def path_of(address: str) -> str:
    """The address without its host."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def is_signed_in(client: Client) -> bool:
    """Whether the account page opens."""
    return bool(client.get("/account/").status_code == 200)
