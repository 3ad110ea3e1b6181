"""Programs that use the API with a token."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.test import Client

from api.tokens import make_token
from guilds.models import Guild
from tests.personas import Personas

VIEW, MANAGE, NOTES = "guilds.view", "guilds.manage_roster", "guilds.read_notes"
EVERYTHING = (VIEW, MANAGE, NOTES)
GUILDS = "/api/v1/guilds"
NIGHT_WATCH = f"{GUILDS}/eu/tarren-mill/night-watch"


def token_of(
    personas: Personas,
    name: str,
    *permissions: str,
    guilds: Collection[Guild] | None = None,
    lifetime: timedelta = timedelta(days=1),
) -> str:
    """Return a new token of a person, by default for Night Watch with the permission to view."""
    chosen = [personas.guild] if guilds is None else guilds
    return make_token(
        person=personas[name],
        name="Sheet",
        permissions=permissions or (VIEW,),
        guild_ids=[one.pk for one in chosen],
        lifetime=lifetime,
    )


def program(token: str) -> Client:
    """Return a program that sends the token."""
    return Client(headers={"authorization": f"Bearer {token}"})


def program_of(personas: Personas, name: str, *permissions: str) -> Client:
    """Return a program with a new token of a person."""
    return program(token_of(personas, name, *permissions))


def read(client: Client, address: str, **query: Any) -> Any:
    """Return the content of an answer that must be a success."""
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def error_of(answer: Any) -> tuple[int, str]:
    """Return status and code of an error, whose shape is always the same."""
    body = answer.json()
    assert set(body) == {"status", "code", "detail"}
    assert body["status"] == answer.status_code
    assert body["detail"]
    return answer.status_code, body["code"]
