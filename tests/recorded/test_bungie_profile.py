"""Recorded answers of GetProfile become rows, value by value; changed at random, they are applied or refused."""

import copy
import html
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from destiny.manifest.readers import open_manifest
from destiny.models import DestinyMembership, DestinyProfile, Guardian, Item
from sandbox.hostile import VALUES
from sandbox.world.rng import SeededRandom
from sync.bungie.profile import Profile
from sync.destiny.jobs import BungieJob
from sync.engine.errors import PayloadError
from tests.bungie_server import Bungie, envelope
from tests.destiny.conftest import run_job
from tests.destiny.editions import load_edition
from tests.html import text_of
from tests.personas import browser_of
from tests.recorded.bungie import read
from tests.recorded.test_bungie_manifest import recorded_tables
from tests.sync.test_mutated_answers import OURS, report
from tests.sync.test_payloads import assert_in_bounds

PROFILE, CHARACTERS, LOADOUTS = "dim-profile-2021-05-28", "hakke-characters-2023-06-12", "character-loadouts-2024-05-24"
UNSET = 2166136261
# Items of each inventory in an answer that is mutated often.
KEPT = 12
MUTATIONS, LARGE_MUTATIONS = 80, 12
# Of the processor. Those 2 MB need about a fifth of a second.
MOST_SECONDS = 5
Answered = Callable[[Any], BungieJob]


@pytest.fixture
def answered(api: Bungie, membership: DestinyMembership) -> Answered:
    """Run the job of the membership's guardians and items as a worker does, with this answer."""

    def run(response: Any) -> BungieJob:
        api.answers = [(200, envelope(response))] * 2
        jobs = BungieJob.objects.filter(kind=BungieJob.Kind.PROFILE, membership=membership)
        if not jobs:
            BungieJob.objects.create(kind=BungieJob.Kind.PROFILE, membership=membership)
        return run_job(jobs.all())

    return run


@pytest.fixture
def profile(samples: Path) -> Any:
    return read(samples, PROFILE)


# --- what was recorded ------------------------------------------------------------------------------------------------


def recorded_items(profile: Any) -> Counter[str]:
    """Return what our rows have to be, one text for each item, straight from the answer."""
    found: Counter[str] = Counter()
    for key, place in (("characterInventories", "carried"), ("characterEquipment", "equipped")):
        for character, held in profile[key]["data"].items():
            found.update(_recorded(one, place, int(character), profile["itemComponents"]) for one in held["items"])
    for key, place in (("profileInventory", "vault"), ("profileCurrencies", "currency")):
        items = profile[key]["data"]["items"]
        found.update(_recorded(one, place, None, profile["itemComponents"]) for one in items)
    return found


def _recorded(item: Any, place: str, character: int | None, components: Any) -> str:
    id_ = item.get("itemInstanceId")
    instance = components["instances"]["data"].get(id_, {})
    sockets = components["sockets"]["data"].get(id_, {}).get("sockets", [])
    options = components["reusablePlugs"]["data"].get(id_, {}).get("plugs", {})
    energy = instance.get("energy")
    details = {
        "energy": energy and [energy["energyCapacity"], energy["energyUsed"]],
        "plugs": [one.get("plugHash", 0) for one in sockets],
        "options": {place: [one["plugItemHash"] for one in offered] for place, offered in options.items()},
    }
    row = {
        "place": place,
        "character": character,
        "instance_id": None if id_ is None else int(id_),
        "item_hash": item["itemHash"],
        "bucket_hash": item["bucketHash"],
        "quantity": item["quantity"],
        "state": item["state"],
        "transfer_status": item["transferStatus"],
        "is_lockable": item["lockable"],
        "expires_at": item.get("expirationDate"),
        "power": instance.get("primaryStat", {}).get("value"),
        "damage_type": instance.get("damageType", 0),
        "details": {name: value for name, value in details.items() if value},
    }
    return json.dumps(row, sort_keys=True)


def our_items(membership: DestinyMembership) -> Counter[str]:
    rows = Item.objects.filter(membership=membership).select_related("guardian")
    return Counter(
        json.dumps(
            {
                "place": one.place,
                "character": one.guardian and one.guardian.character_id,
                "instance_id": one.instance_id,
                "item_hash": one.item_hash,
                "bucket_hash": one.bucket_hash,
                "quantity": one.quantity,
                "state": one.state,
                "transfer_status": one.transfer_status,
                "is_lockable": one.is_lockable,
                "expires_at": one.expires_at and f"{one.expires_at:%Y-%m-%dT%H:%M:%SZ}",
                "power": one.power,
                "damage_type": one.damage_type,
                "details": one.details,
            },
            sort_keys=True,
        )
        for one in rows
    )


def assert_guardians_are_recorded(membership: DestinyMembership, characters: Any) -> None:
    ours = {str(one.character_id): one for one in Guardian.objects.filter(membership=membership)}
    assert ours.keys() == characters.keys()
    for id_, recorded in characters.items():
        one = ours[id_]
        numbers = (one.class_type, one.race_type, one.gender_type, one.light, one.minutes_played)
        assert numbers == (
            recorded["classType"],
            recorded["raceType"],
            recorded["genderType"],
            recorded["light"],
            int(recorded["minutesPlayedTotal"]),
        )
        assert one.stats == recorded["stats"]
        assert (one.emblem_hash, one.emblem_path) == (recorded["emblemHash"], recorded["emblemPath"])
        assert (one.background_path, one.title_hash) == (
            recorded["emblemBackgroundPath"],
            recorded.get("titleRecordHash"),
        )
        assert one.last_played_at == datetime.fromisoformat(recorded["dateLastPlayed"])


def test_the_recorded_profile_is_stored_value_by_value(
    answered: Answered, membership: DestinyMembership, profile: Any
) -> None:
    job = answered(profile)
    assert (job.state, job.error_kind, job.unreadable_entries) == (BungieJob.State.RESTING, "", 0)
    expected = recorded_items(profile)
    assert expected.total() == 972
    assert our_items(membership) == expected
    assert_guardians_are_recorded(membership, profile["characters"]["data"])
    assert membership.profile.hidden == {"loadouts": "missing", "activities": "missing"}


def test_the_recorded_profile_is_on_the_pages(answered: Answered, membership: DestinyMembership, profile: Any) -> None:
    """Without the manifest of 2021, items are numbers; everything else is there."""
    answered(profile)
    browser = browser_of(membership.account.user)
    inventory = browser.get("/destiny/inventory/").content.decode()
    assert Counter(re.findall(r"<span>#(\d+)</span>", inventory)) == Counter(
        str(one) for one in membership.items.values_list("item_hash", flat=True)
    )
    home = text_of(browser.get("/destiny/"))
    assert {str(one["light"]) for one in profile["characters"]["data"].values()} <= set(home.split())
    for one in membership.items.filter(place=Item.Place.EQUIPPED):
        page = text_of(browser.get(f"/destiny/items/{one.pk}/"))
        assert f"Equipped by {one.guardian}" in page
    worn = membership.items.filter(place=Item.Place.EQUIPPED).values_list("pk", flat=True)[:4]
    assert browser.get("/destiny/compare/", {"item": [str(one) for one in worn]}).status_code == 200


def test_the_same_profile_once_more_writes_nothing(
    answered: Answered, membership: DestinyMembership, profile: Any
) -> None:
    changed_at = answered(profile).changed_at
    before = sorted(membership.items.values_list("pk", "updated_at"))
    assert answered(profile).changed_at == changed_at
    assert sorted(membership.items.values_list("pk", "updated_at")) == before


def test_recorded_characters_come_without_items(
    answered: Answered, membership: DestinyMembership, samples: Path
) -> None:
    recorded = read(samples, CHARACTERS)
    assert answered(recorded).error_kind == ""
    assert_guardians_are_recorded(membership, recorded["characters"]["data"])
    assert membership.profile.minted_at == datetime.fromisoformat(recorded["responseMintedTimestamp"])
    assert not membership.items.exists()


def test_recorded_loadouts_are_stored_in_their_places(
    answered: Answered, membership: DestinyMembership, samples: Path
) -> None:
    recorded, known = read(samples, LOADOUTS), read(samples, CHARACTERS)["characters"]["data"]
    # Nobody recorded both of the same person.
    characters = {id_: one | {"characterId": id_} for id_, one in zip(recorded, known.values(), strict=True)}
    job = answered({"characters": {"data": characters}, "characterLoadouts": {"data": recorded, "privacy": 2}})
    assert (job.error_kind, job.unreadable_entries) == ("", 0)
    ours = {str(one.character_id): one.loadouts for one in Guardian.objects.filter(membership=membership)}
    assert ours == {
        id_: [
            {
                "name": one["nameHash"],
                "icon": one["iconHash"],
                "color": one["colorHash"],
                "items": [[int(item["itemInstanceId"]), item["plugItemHashes"]] for item in one["items"]],
            }
            for one in held["loadouts"]
        ]
        for id_, held in recorded.items()
    }
    assert [len(one) for one in ours.values()] == [10, 10, 10]
    # Sockets with a single option are recorded as unset, and stay so.
    assert any(UNSET in plugs for held in ours.values() for one in held for _, plugs in one["items"])


def test_the_recorded_inventory_is_shown_with_names_of_known_items_and_numbers_of_others(
    answered: Answered, membership: DestinyMembership, profile: Any, samples: Path
) -> None:
    answered(profile)
    browser = browser_of(membership.account.user)
    load_edition({"en": recorded_tables(samples)})
    manifest = open_manifest("en")
    assert manifest is not None
    page = html.unescape(browser.get("/destiny/inventory/").content.decode())
    hashes = set(membership.items.values_list("item_hash", flat=True))
    known = manifest.items(hashes)
    assert len(hashes - known.keys()) > 0
    assert {one.name for one in known.values() if one.name not in page} == set()
    assert {number for number in hashes - known.keys() if f"#{number}" not in page} == set()


# --- what nobody should send ------------------------------------------------------------------------------------------


def contents() -> list[Any]:
    tables = (DestinyMembership, DestinyProfile, Guardian, Item)
    return [list(table._default_manager.order_by("pk").values_list()) for table in tables]


def test_a_mutated_profile_is_applied_or_refused_and_empties_no_inventory(
    answered: Answered, membership: DestinyMembership, profile: Any
) -> None:
    small = cut(profile)
    answered(small)
    before, held = contents(), inventories(membership)
    assert min(held.values()) > 5
    small["responseMintedTimestamp"] = f"{timezone.now() + timedelta(seconds=5):%Y-%m-%dT%H:%M:%SZ}"
    rng, outcomes = SeededRandom("profile"), Counter[str]()
    for _ in range(MUTATIONS):
        with transaction.atomic():
            error = answered(mutated(small, rng)).error_kind
            assert error not in OURS
            if error not in ("", "doubtful"):
                assert contents() == before
            left = inventories(membership)
            assert all(2 * left[place] >= count for place, count in held.items()), left
            outcomes[error or "applied"] += 1
            transaction.set_rollback(True)
    report("profiles of Destiny", outcomes)


@pytest.mark.parametrize(
    "path",
    ["profileInventory", "profileCurrencies", "characterInventories/first", "characterEquipment/first", "characters"],
)
def test_an_inventory_that_is_suddenly_empty_is_believed_the_second_time(
    answered: Answered, membership: DestinyMembership, profile: Any, path: str
) -> None:
    answered(profile)
    before = our_items(membership)
    key, _, of_one = path.partition("/")
    emptied = copy.deepcopy(profile)
    data = emptied[key]["data"]
    if key == "characters":
        data.clear()
    else:
        (next(iter(data.values())) if of_one else data)["items"] = []
    assert answered(emptied).error_kind == "doubtful"
    assert our_items(membership) == before


def test_an_answer_from_the_future_does_not_stop_later_ones(
    answered: Answered, membership: DestinyMembership, profile: Any
) -> None:
    answered(profile | {"responseMintedTimestamp": "2099-01-01T00:00:00Z"})
    latest = timezone.now() + timedelta(minutes=5)
    assert DestinyProfile.objects.filter(membership=membership, minted_at__lte=latest).exists()


def test_large_mutated_profiles_are_parsed_or_refused_in_time(profile: Any) -> None:
    rng, outcomes, longest = SeededRandom("large"), Counter[str](), 0.0
    for _ in range(LARGE_MUTATIONS):
        answer, began = mutated(profile, rng), time.process_time()
        try:
            assert_in_bounds(Profile.from_json(answer))
            outcomes["applied"] += 1
        except PayloadError:
            outcomes["refused"] += 1
        longest = max(longest, time.process_time() - began)
    report("large profiles of Destiny", outcomes)
    print(f"the longest took {longest:.2f} s of the processor")
    assert longest < MOST_SECONDS


def inventories(membership: DestinyMembership) -> Counter[tuple[str, int | None]]:
    """Return how many items are in each place of each guardian, and of the account."""
    return Counter(membership.items.values_list("place", "guardian__character_id"))


def cut(profile: Any) -> Any:
    """Return the answer with a few items of each inventory, so that many can be tried."""
    small = copy.deepcopy(profile)
    held = [*small["characterInventories"]["data"].values(), *small["characterEquipment"]["data"].values()]
    held += [small["profileInventory"]["data"], small["profileCurrencies"]["data"]]
    for one in held:
        del one["items"][KEPT:]
    kept = {item.get("itemInstanceId") for one in held for item in one["items"]}
    for component in small["itemComponents"].values():
        component["data"] = {id_: value for id_, value in component["data"].items() if id_ in kept}
    return small


def mutated(answer: Any, rng: SeededRandom) -> Any:
    """Return a copy with hostile values, or none, at one to three places.

    Each place is found by a walk from the top: of all values, most are numbers of single plugs.
    """
    changed = copy.deepcopy(answer)
    for _ in range(rng.between(1, 3)):
        node: Any = changed
        key = rng.pick(sorted(node))
        while isinstance(node[key], dict | list) and node[key] and not rng.chance(0.25):
            node = node[key]
            key = rng.pick(sorted(node) if isinstance(node, dict) else range(len(node)))
        if rng.chance(0.1):
            del node[key]
        else:
            node[key] = copy.deepcopy(rng.pick(VALUES))
    return changed
