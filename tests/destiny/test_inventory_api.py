"""The inventory through the API: filtered as the page is, in pages, as described, and of its owner only."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openapi_spec_validator import OpenAPIV31SpecValidator

from accounts.models import User
from api.tokens import make_token
from destiny import game
from destiny.models import DestinyMembership, DestinyProfile, Guardian, Item
from tests.api.descriptions import operations_of, problems, schema_at
from tests.api.programs import error_of, program, read
from tests.destiny import armory
from tests.destiny.armory import COILS, HOOD, LANTERN, OATH, RANGE, guardian, item, items, own_membership
from tests.personas import browser_of

INVENTORY = "/api/inventory"
SCHEMA = "/api/openapi.json"


@pytest.fixture
def membership(db: None, settings: Any, someone: User) -> DestinyMembership:
    settings.DESTINY_ENABLED = True
    armory.manifest()
    return own_membership(someone)


@pytest.fixture
def hunter(membership: DestinyMembership) -> Guardian:
    return guardian(membership)


@pytest.fixture
def program_of_someone(membership: DestinyMembership, someone: User) -> Client:
    token = make_token(person=someone, name="x", permissions=["destiny.view"], guild_ids=(), lifetime=timedelta(days=1))
    return program(token)


def names(client: Client, **query: object) -> list[str]:
    return [one["name"] for one in read(client, INVENTORY, **query)["items"]]


def test_a_program_reads_everything_that_the_player_has(
    program_of_someone: Client, membership: DestinyMembership, hunter: Guardian
) -> None:
    oath = item(membership, OATH, hunter, place=Item.Place.EQUIPPED, state=Item.State.LOCKED)
    item(membership, COILS, quantity=400)
    answer = read(program_of_someone, INVENTORY)
    assert (answer["count"], answer["next"], answer["membership"]) == (2, None, str(membership.membership_id))
    assert answer["freshness"]["as_of"]
    found = next(one for one in answer["items"] if one["id"] == str(oath.pk))
    assert (found["name"], found["type_name"], found["tier_name"]) == ("Oath of Éowyn", "Bow", "Legendary")
    assert (found["place"], found["character"]) == ("equipped", str(hunter.character_id))
    assert (found["instance_id"], found["hash"]) == (str(oath.instance_id), OATH)
    assert (found["slot"], found["power"], found["element_name"]) == (game.KINETIC, 1750, "Kinetic")
    assert found["states"] == ["locked"]
    coils = next(one for one in answer["items"] if one["hash"] == COILS)
    assert (coils["quantity"], coils["instance_id"], coils["power"]) == (400, None, None)


def test_the_filters_are_those_of_the_page(
    program_of_someone: Client, membership: DestinyMembership, hunter: Guardian
) -> None:
    for found in (OATH, LANTERN, HOOD, COILS):
        item(membership, found)
    item(membership, OATH, hunter)
    assert names(program_of_someone, name="lantern") == ["Lantern & Key"]
    assert names(program_of_someone, slot=game.HELMET) == ["Hood of <Ash>"]
    assert names(program_of_someone, perk="keen", element=3) == ["Lantern & Key"]
    assert names(program_of_someone, duplicates="on") == ["Oath of Éowyn"] * 2
    assert len(names(program_of_someone, name="", slot="")) == 5
    for query in ({"slot": "1"}, {"color": "red"}, {"locked": "maybe"}, {"limit": "0"}, {"cursor": "x"}):
        assert error_of(program_of_someone.get(INVENTORY, query)) == (400, "bad_request"), query


def test_pages_have_each_item_once(program_of_someone: Client, membership: DestinyMembership) -> None:
    items(membership, OATH, 7)
    seen, address = [], f"{INVENTORY}?limit=3&name=oath"
    while address:
        answer = read(program_of_someone, address)
        assert answer["count"] == 7
        seen += [one["id"] for one in answer["items"]]
        address = answer["next"]
    assert len(seen) == len(set(seen)) == 7


def test_an_unchanged_inventory_is_not_sent_twice(program_of_someone: Client, membership: DestinyMembership) -> None:
    item(membership, OATH)
    first = program_of_someone.get(INVENTORY)
    again = program_of_someone.get(INVENTORY, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    item(membership, LANTERN)
    assert program_of_someone.get(INVENTORY, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_an_item_has_stats_and_sockets(program_of_someone: Client, membership: DestinyMembership) -> None:
    oath = item(membership, OATH)
    found = read(program_of_someone, f"{INVENTORY}/{oath.pk}")
    assert {"hash": RANGE, "name": "Range", "value": 64} in found["stats"]
    (perks,) = found["sockets"]
    assert [[plug["name"] for plug in plugs] for plugs in perks["sockets"]] == [
        ["Steady Hands"],
        ["Keen Eye", "Dim Light"],
    ]
    assert [plug["is_in_use"] for plug in perks["sockets"][1]] == [True, False]


def test_what_bungie_keeps_back_is_said(program_of_someone: Client, membership: DestinyMembership) -> None:
    DestinyProfile.objects.filter(membership=membership).update(hidden={"vault": "private"})
    assert read(program_of_someone, INVENTORY)["freshness"]["hidden"] == {"vault": "private"}


def test_another_membership_of_the_player_is_chosen_by_its_id(
    program_of_someone: Client, membership: DestinyMembership, someone: User
) -> None:
    other = own_membership(someone, 2, membership_type=1)
    item(membership, LANTERN)
    item(other, HOOD)
    assert names(program_of_someone, membership=other.membership_id) == ["Hood of <Ash>"]
    assert names(program_of_someone, membership=membership.membership_id) == ["Lantern & Key"]


def test_nobody_reads_what_is_somebody_elses(
    program_of_someone: Client, people: Callable[[str], User], membership: DestinyMembership
) -> None:
    theirs = own_membership(people("Nils"), 9)
    their_item = item(theirs, OATH)
    for address in (
        f"{INVENTORY}?membership={theirs.membership_id}",
        f"{INVENTORY}/{their_item.pk}",
        f"{INVENTORY}/{their_item.pk}?membership={theirs.membership_id}",
    ):
        assert error_of(program_of_someone.get(address)) == (404, "not_found"), address
    assert program_of_someone.get(f"{INVENTORY}/{item(membership, OATH).pk}").status_code == 200
    assert error_of(browser_of(people("Mara")).get(INVENTORY)) == (404, "not_found")


def test_many_items_need_no_more_statements_than_few(
    program_of_someone: Client, membership: DestinyMembership, hunter: Guardian
) -> None:
    counts = []
    for number in (5, 300):
        armory.fill(membership, number)
        read(program_of_someone, INVENTORY)
        with CaptureQueriesContext(connection) as queries:
            read(program_of_someone, INVENTORY, limit=500)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_schema_is_valid_and_every_answer_is_as_described(
    program_of_someone: Client, membership: DestinyMembership, hunter: Guardian
) -> None:
    schema = schema_at(SCHEMA)
    OpenAPIV31SpecValidator(schema).validate()
    oath = item(membership, OATH, hunter, expires_at=timezone.now())
    item(membership, COILS)
    # An address of what this player has not is described as well.
    places = defaultdict(lambda: str(uuid4())) | {
        "item_id": str(oath.pk),
        "table": "DestinyInventoryItemDefinition",
        "key": str(OATH),
    }
    seen = set()
    for path, method, operation in operations_of(schema):
        if method != "get":
            continue
        query = {"q": "oath"} if path.endswith("/definitions") else {}
        address = path.format_map(places)
        first = program_of_someone.get(address, query)
        asked = [first, Client().get(address, query), program_of_someone.get(address, {**query, "limit": "x"})]
        if "ETag" in first:
            asked.append(program_of_someone.get(address, query, headers={"if-none-match": first["ETag"]}))
        for answer in asked:
            assert problems(schema, operation, answer) == [], (address, answer.content)
            seen.add((path, answer.status_code))
    assert {status for _path, status in seen} >= {200, 302, 304, 400, 401}
    assert (INVENTORY, 200) in seen
