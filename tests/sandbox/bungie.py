"""A client of the sandbox's Bungie.net, which uses it like the site."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.sandbox.client import Client, Json

CLIENT = {"client_id": "40001", "client_secret": "sandbox-secret"}
KEY = {"X-API-Key": "sandbox-api-key"}
CALLBACK = "https://127.0.0.1:8000/accounts/bungie/login/callback/"


class BungieClient:
    """Requests to the Platform, with the API key unless told otherwise."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._tokens: dict[str, str] = {}

    def authorize(self, **parameters: str) -> requests.Response:
        """Request authorization with valid parameters, except for those given; empty ones are left out."""
        asked = {
            "client_id": CLIENT["client_id"],
            "response_type": "code",
            "state": "st4te",
            "redirect_uri": CALLBACK,
            **parameters,
        }
        return self.client.get("/en/OAuth/Authorize", params={key: value for key, value in asked.items() if value})

    def code(self, persona: str, **parameters: str) -> str:
        location = self.authorize(persona=persona, **parameters).headers["Location"]
        return parse_qs(urlsplit(location).query)["code"][0]

    def token(self, **form: str) -> requests.Response:
        """Post to the token endpoint, with id and secret in the form."""
        return self.client.post("/Platform/App/OAuth/token/", data={**CLIENT, **form})

    def redeem(self, code: str, **form: str) -> requests.Response:
        return self.token(grant_type="authorization_code", code=code, **form)

    def refresh(self, token: str) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def sign_in(self, persona: str) -> Json:
        """Return the tokens of a new authorization."""
        document: Json = self.redeem(self.code(persona)).json()
        return document

    def get(self, path: str, persona: str = "", **options: Any) -> requests.Response:
        """Request a path of the Platform, signed in as a persona."""
        return self.client.get(f"/Platform/{path}", headers=self._headers(persona, options), **options)

    def post(self, path: str, persona: str = "", **options: Any) -> requests.Response:
        return self.client.post(f"/Platform/{path}", headers=self._headers(persona, options), **options)

    def read(self, path: str, persona: str = "", **options: Any) -> Any:
        """Return the ``Response`` of a successful request."""
        answer = self.get(path, persona, **options)
        assert (answer.status_code, answer.json()["ErrorCode"]) == (200, 1), answer.text
        return answer.json()["Response"]

    def control(self, path: str, body: Json | None = None) -> Json:
        if path == "clock":
            # Access tokens may have expired.
            self._tokens.clear()
        return self.client.control(f"bungie/{path}", body)

    def person(self, name: str) -> Json:
        person: Json = next(one for one in self.control("world")["people"] if one["name"] == name)
        return person

    def _headers(self, persona: str, options: dict[str, Any]) -> dict[str, str]:
        if persona and persona not in self._tokens:
            self._tokens[persona] = str(self.sign_in(persona)["access_token"])
        bearer = {"Authorization": f"Bearer {self._tokens[persona]}"} if persona else {}
        return {**KEY, **bearer, **options.pop("headers", {})}
