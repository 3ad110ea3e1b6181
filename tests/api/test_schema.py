"""The schema is OpenAPI 3.1, and every answer is what it says."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from openapi_spec_validator import OpenAPIV31SpecValidator
from pytest_django.asserts import assertContains

from api.tokens import make_token
from characters.models import ItemLevelRecord
from guilds.models import Membership, OfficerNote
from tests.api.descriptions import operations_of, problems, schema_at
from tests.api.programs import EVERYTHING, VIEW, program_of
from tests.factories import member
from tests.guilds.test_timeline import add_event
from tests.personas import Personas

SCHEMA, JSON = "/api/v1/openapi.json", "application/json"
pytestmark = pytest.mark.django_db


def schema() -> dict[str, Any]:
    return schema_at(SCHEMA)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    return operations_of(schema())


def answer_of(status: int, kind: str, content: bytes) -> HttpResponse:
    return HttpResponse(content, status=status, content_type=kind)


def test_it_is_valid() -> None:
    assert schema()["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(schema()).validate()
    assert {method for _path, method, _operation in operations()} == {"get"}
    ids = [operation["operationId"] for _path, _method, operation in operations()]
    assert len(ids) == len(set(ids)) == 11


def test_an_answer_that_is_not_as_described_is_noticed() -> None:
    path = "/api/v1/guilds"
    operation = schema()["paths"][path]["get"]
    assert problems(schema(), operation, answer_of(200, JSON, b'{"items": [], "next": null}')) == []
    assert problems(schema(), operation, answer_of(200, JSON, b'{"items": [{}], "next": 7}'))
    assert problems(schema(), operation, answer_of(200, "text/html", b"<html>"))
    assert problems(schema(), operation, answer_of(418, JSON, b"{}"))


def test_every_answer_is_as_described(personas: Personas) -> None:
    fill(personas)
    seen: set[tuple[str, int]] = set()
    mara = program_of(personas, "Mara", *EVERYTHING)
    few, outsider = program_of(personas, "Rolf", "guilds.nothing"), program_of(personas, "Nils")
    for path, _method, operation in operations():
        address = filled_in(personas, path, operation)
        first = mara.get(address)
        asked = [
            first,
            mara.get(address, {"limit": "x"}),
            few.get(address),
            outsider.get(address),
            Client().get(address),
        ]
        asked.append(mara.get(address, headers={"if-none-match": first["ETag"]}))
        for answer in asked:
            assert problems(schema(), operation, answer) == [], (address, answer.content)
            seen.add((path, answer.status_code))
    assert {status for path, status in seen} == {200, 304, 400, 401, 403, 404}
    assert {path for path, status in seen if status == 200} == set(schema()["paths"])


def filled_in(personas: Personas, path: str, operation: dict[str, Any]) -> str:
    """Return an address of Night Watch."""
    guild = personas.guild
    export = path.rsplit("/", 1)[-1]
    values = {
        "region": guild.region,
        "realm": guild.realm.slug,
        "guild": guild.slug,
        "character_id": str(Membership.objects.get(character__name="Rolfne").character_id),
        "token": make_token(
            person=personas["Mara"],
            name="x",
            permissions=[VIEW],
            guild_ids=[guild.pk],
            lifetime=timedelta(days=1),
            export=export,
        ),
    }
    places = re.findall(r"{(\w+)}", path)
    assert set(places) == {one["name"] for one in operation["parameters"] if one["in"] == "path"}
    return path.format(**{name: values[name] for name in places})


def fill(personas: Personas) -> None:
    """Make something for every list."""
    guild, rolf = personas.guild, Membership.objects.get(character__name="Rolfne")
    member(guild, "Altrolf", user=personas["Rolf"])
    member(guild, "Unknown", level=None, playable_class_id=None, active_spec_id=None, equipped_item_level=None)
    rolf.character.last_login_at = timezone.now()
    rolf.character.save()
    ItemLevelRecord.objects.create(character=rolf.character, day=timezone.localdate(), item_level=600)
    OfficerNote.objects.create(guild=guild, about_person=personas["Rolf"], text="Plays well", author=personas["Mara"])
    OfficerNote.objects.create(guild=guild, about_character=rolf.character, text="Has the set")
    guild.achievement_points, guild.member_count, guild.founded_at = 1200, 6, timezone.now()
    guild.links = [{"label": "Forum", "url": "https://forum.example/"}]
    guild.save()
    details = {"before": 5, "after": 1}
    add_event(personas, "PROMOTED", character=rolf.character, actor=personas["Mara"], details=details)
    add_event(personas, "LEFT", character_name="Gone")


def test_the_filters_in_the_schema_are_those_that_the_roster_understands(personas: Personas) -> None:
    path = "/api/v1/guilds/{region}/{realm}/{guild}/roster"
    described = {one["name"]: one["schema"] for one in schema()["paths"][path]["get"]["parameters"]}
    address = filled_in(personas, path, schema()["paths"][path]["get"])
    mara = program_of(personas, "Mara", *EVERYTHING)
    for name, kind in described.items():
        if name in ("region", "realm", "guild", "cursor"):
            continue
        options = kind.get("enum") or kind.get("items", {}).get("enum") or ["1"]
        for option in options:
            assert mara.get(address, {name: option}).status_code == 200, (name, option)


def test_people_read_the_same_as_a_page(personas: Personas) -> None:
    page = personas.browser("Rolf").get("/api/v1/docs")
    for path, _method, operation in operations():
        assertContains(page, path)
        assertContains(page, operation["description"].split("\n")[0].replace("'", "&#x27;"))
    assert set(re.findall(r'(?:src|href)="(https?:[^"]+)"', page.content.decode())) == set(), "nothing from elsewhere"
