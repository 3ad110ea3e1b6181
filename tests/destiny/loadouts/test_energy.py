"""The energy of armor in the builder, and on the page of an imported loadout."""

import json

import pytest
from django.test import Client

from destiny.loadouts.build import Build, BuildItem
from destiny.loadouts.sockets import sockets_of
from destiny.manifest.readers import Manifest
from destiny.models import DestinyMembership, Guardian, Item, Loadout
from tests.destiny.loadouts.conftest import HELMET, PLACE, fields_of, stored, worn_build
from tests.html import text_of


def costly_mods(helmet: Item, manifest: Manifest) -> tuple[dict[int, int], int]:
    """Return the most expensive mod for each of its sockets, and what all its plugs cost then."""
    sockets = sockets_of(manifest, [helmet])[helmet.instance_id or 0].choices
    costs = {
        one.hash: one.energy_cost for one in manifest.items({plug for one in sockets for plug in one.options}).values()
    }
    plugs = {one.place: max(one.options, key=lambda plug: costs[plug]) for one in sockets}
    plugs = {place: plug for place, plug in plugs.items() if costs[plug]}
    return plugs, sum(costs[plug] for plug in plugs.values())


@pytest.fixture
def helmet(guardian: Guardian) -> Item:
    """What the guardian wears on the head: less energy than its most expensive mods cost together."""
    return guardian.items.get(place=PLACE.EQUIPPED, bucket_hash=HELMET)


def test_mods_that_cost_more_energy_than_a_piece_has_are_not_saved(
    browser: Client, guardian: Guardian, helmet: Item, membership: DestinyMembership, manifest: Manifest
) -> None:
    plugs, cost = costly_mods(helmet, manifest)
    capacity, used = helmet.details["energy"]
    assert cost > capacity
    loadout = stored(membership, worn_build(guardian))
    address = f"/destiny/loadouts/{loadout.pk}/edit/"
    page = browser.get(address)
    assert f"energy {used} of {capacity}" in text_of(page)
    chosen = {f"plug-{helmet.instance_id}-{place}": str(plug) for place, plug in plugs.items()}
    fields = {**fields_of(page.content.decode()), **chosen}
    assert f"energy {cost} of {capacity}" in text_of(browser.post(address, {**fields, "show": "1"}))
    refused = browser.post(address, {**fields, "save": "1"})
    name = manifest.items([helmet.item_hash])[helmet.item_hash].name
    sentence = f"The mods of {name} cost {cost} energy, but it has {capacity}: choose fewer or cheaper ones."
    assert (refused.status_code, sentence in text_of(refused)) == (422, True)
    assert Build.of(Loadout.objects.get()) == Build.of(loadout)
    helmet.details = {**helmet.details, "energy": [cost, used]}
    helmet.save()
    assert browser.post(address, {**fields, "save": "1"}).status_code == 302


def test_armor_whose_energy_is_unknown_is_not_judged(
    browser: Client, guardian: Guardian, helmet: Item, membership: DestinyMembership, manifest: Manifest
) -> None:
    helmet.details = {key: value for key, value in helmet.details.items() if key != "energy"}
    helmet.save()
    plugs, _ = costly_mods(helmet, manifest)
    items = (BuildItem(helmet.item_hash, helmet.instance_id, plugs),)
    loadout = stored(membership, Build("Unknown", class_type=guardian.class_type, items=items))
    address = f"/destiny/loadouts/{loadout.pk}/"
    page = browser.get(f"{address}edit/")
    assert "energy" not in text_of(page).lower().replace("energy weapons", "")
    assert browser.post(f"{address}edit/", {**fields_of(page.content.decode()), "save": "1"}).status_code == 302
    assert "cost" not in text_of(browser.get(address))


def test_the_page_of_an_imported_loadout_says_that_its_mods_cost_too_much(
    browser: Client, helmet: Item, membership: DestinyMembership, manifest: Manifest
) -> None:
    plugs, cost = costly_mods(helmet, manifest)
    worn = {"id": str(helmet.instance_id), "hash": helmet.item_hash, "socketOverrides": plugs}
    document = {"name": "From DIM", "classType": 3, "equipped": [worn], "unequipped": []}
    page = browser.post("/destiny/loadouts/import/", {"text": json.dumps(document)}, follow=True)
    text = text_of(page)
    sentence = f"cost {cost} energy, but it has {helmet.details['energy'][0]}"
    assert text.index(sentence) < text.index("Equip on")
    document |= {"equipped": [{**worn, "socketOverrides": {}}]}
    cheap = browser.post("/destiny/loadouts/import/", {"text": json.dumps(document)}, follow=True)
    assert "energy, but" not in text_of(cheap)
