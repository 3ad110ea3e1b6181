"""The sandbox's world, over its control API and its sign-in."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

TIMEOUT = 60


@dataclass(frozen=True, slots=True)
class SandboxToken:
    """A sign-in: the player, and a token for their characters."""

    battlenet_id: int
    battletag: str
    access_token: str
    scopes: list[str]


class SandboxWorld:
    """The world of a running sandbox."""

    def __init__(self, url: str, *, client_id: str, client_secret: str, callback: str) -> None:
        self._url, self._client, self._callback = url, (client_id, client_secret), callback
        self._http = requests.Session()
        self._http.trust_env = False

    def summary(self) -> dict[str, Any]:
        """Return day, demo guild and personas."""
        return self._json("GET", "/_sandbox/world")

    def advance(self, days: int) -> list[dict[str, Any]]:
        """Let days pass; return what happened, without logins."""
        events: list[dict[str, Any]] = self._json("POST", "/_sandbox/advance", json={"days": days})["events"]
        return events

    def sign_in(self, persona: str) -> SandboxToken:
        """Sign in as a persona who consents to everything."""
        asked = {
            "client_id": self._client[0],
            "redirect_uri": self._callback,
            "response_type": "code",
            "scope": "openid wow.profile",
            "state": "demo",
            "persona": persona,
        }
        answer = self._http.get(f"{self._url}/authorize", params=asked, allow_redirects=False, timeout=TIMEOUT)
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._callback}
        token = self._json("POST", "/token", data=form, auth=self._client)
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        person = self._json("GET", "/userinfo", headers=bearer)
        return SandboxToken(person["id"], person["battletag"], token["access_token"], token["scope"].split())

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._http.request(method, f"{self._url}{path}", timeout=TIMEOUT, **options)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document
