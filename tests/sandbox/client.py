"""A sandbox process, and a client that uses it like the site."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

ROOT = Path(__file__).resolve().parents[2]
CREDENTIALS = ("sandbox-client", "sandbox-secret")
CALLBACK = "http://localhost:8000/accounts/battlenet/login/callback/"
# A day in the past on any machine, so that the world's times are the same to the second.
TODAY = "2025-06-02"

Json = dict[str, Any]


class Client:
    """A client of a sandbox, which uses a client token by default."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self._token = ""

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.base_url + path, timeout=60, allow_redirects=False, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.session.post(self.base_url + path, timeout=60, allow_redirects=False, **options)

    def app_token(self) -> str:
        answer = self.post("/token", data={"grant_type": "client_credentials"}, auth=CREDENTIALS)
        return str(answer.json()["access_token"])

    def api(
        self,
        path: str,
        namespace: str | None = "profile-eu",
        *,
        token: str | None = None,
        locale: str | None = "en_US",
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """Send a request to the game API, with locale en_US by default."""
        self._token = self._token or self.app_token()
        sent = {"Authorization": f"Bearer {token or self._token}", **(headers or {})}
        if namespace:
            sent["Battlenet-Namespace"] = namespace
        return self.get(path, headers=sent, params={"locale": locale} if locale else None, **options)

    def authorize(self, **parameters: str) -> requests.Response:
        """Request authorization with valid parameters, except for those given; empty ones are left out."""
        asked = {
            "client_id": CREDENTIALS[0],
            "response_type": "code",
            "scope": "openid wow.profile",
            "state": "st4te",
            "redirect_uri": CALLBACK,
            **parameters,
        }
        return self.get("/authorize", params={name: value for name, value in asked.items() if value})

    def code(self, persona: str, **parameters: str) -> str:
        location = self.authorize(persona=persona, **parameters).headers["Location"]
        return parse_qs(urlsplit(location).query)["code"][0]

    def redeem(self, code: str, redirect_uri: str = CALLBACK) -> requests.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self.post("/token", data=form, auth=CREDENTIALS)

    def sign_in(self, persona: str, **parameters: str) -> str:
        """Return an access token of the persona."""
        return str(self.redeem(self.code(persona, **parameters)).json()["access_token"])

    def control(self, path: str, body: Json | None = None) -> Json:
        """Read a control, or post to it."""
        address = f"/_sandbox/{path}"
        answer = self.get(address) if body is None else self.post(address, json=body)
        assert answer.status_code == 200, answer.text
        document: Json = answer.json()
        return document

    def mutate(self, action: str, **details: Any) -> Json:
        """Apply one mutation and return its event."""
        event: Json = self.control("mutate", {"action": action, **details})["events"][0]
        return event

    def demo_guild(self) -> Json:
        """Return the ground truth about the demo guild."""
        return self.control("truth/guild/eu/tarn-hollow/gravel-orchard")

    def member(self, **wanted: Any) -> Json:
        """Return a member of the demo guild without an owner, with a profile, and with the given properties."""
        wanted = {"persona": None, "profile": 200, **wanted}
        return next(
            member
            for member in self.demo_guild()["members"]
            if member["rank"] > 0 and all(member[key] == value for key, value in wanted.items())
        )

    def summary(self, member: Json, document: str = "", **options: Any) -> requests.Response:
        """Return a document of a character."""
        return self.api(character_path(member) + document, f"profile-{member['region']}", **options)


def character_path(member: Json) -> str:
    return f"/profile/wow/character/{member['realm_slug']}/{member['name'].lower()}"


def address(member: Json) -> Json:
    """Return the keys that address a character in a mutation."""
    return {key: member[key] for key in ("region", "realm_slug", "name")}


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A sandbox process and its first line of output."""
    command = [sys.executable, "-m", "sandbox", "--today", TODAY, *arguments]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


@contextmanager
def client_of(*arguments: str) -> Iterator[Client]:
    with running("--port", "0", *arguments) as (_, line):
        client = Client(line.split()[3])
        with client.session:
            yield client


Launch = Callable[..., Client]
