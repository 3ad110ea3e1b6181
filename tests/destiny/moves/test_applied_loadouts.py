"""A loadout that a player built is equipped from its page: brought from another guardian, and worn."""

import pytest
from django.test import Client

from destiny.door import OwnDestiny
from destiny.loadouts.build import Build, BuildItem
from destiny.loadouts.services import add_loadouts
from destiny.manifest.readers import open_manifest
from destiny.models import Item, Loadout, MovePlan
from tests.battlenet import Sandbox
from tests.destiny.moves.conftest import RunPlans
from tests.html import text_of

WEAPONS = (1498876634, 2465295065, 953998645)


@pytest.fixture
def weapon(own: OwnDestiny) -> Item:
    """A weapon that is not exotic, which the last guardian carries."""
    manifest = open_manifest("en")
    assert manifest is not None
    last = own.guardians.order_by("character_id").last()
    carried = own.items.filter(guardian=last, place=Item.Place.CARRIED, bucket_hash__in=WEAPONS)
    return next(one for one in carried if not manifest.items([one.item_hash])[one.item_hash].is_exotic)


def loadout_of(own: OwnDestiny, *items: BuildItem) -> Loadout:
    return add_loadouts(membership=own.membership, builds=[Build("Test", items=items)])[0]


def test_a_player_equips_a_loadout_and_sees_that_it_is_worn(
    own: OwnDestiny, weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    guardian = own.guardians.order_by("character_id").first()
    assert guardian is not None
    loadout = loadout_of(own, BuildItem(weapon.item_hash, weapon.instance_id), BuildItem(987654321, 42))
    browser = Client()
    browser.force_login(own.account.user, "allauth.account.auth_backends.AuthenticationBackend")
    address, who = f"/destiny/loadouts/{loadout.pk}/", {"guardian": str(guardian.character_id)}
    assert "differs in 1 slot" in text_of(browser.get(address, who))
    browser.post(f"{address}apply/", who)
    plan = MovePlan.objects.get()
    assert plan.name == "Test"
    run_plans()
    plan.refresh_from_db()
    assert plan.state == MovePlan.State.DONE
    weapon.refresh_from_db()
    assert (weapon.place, weapon.guardian) == (Item.Place.EQUIPPED, guardian)
    assert [one["action"] for one in sandbox.bungie_actions()["actions"]][-1] == "EquipItem"
    text = text_of(browser.get(address, who))
    assert "wears all of it that you have" in text
    assert "1 item is not in your inventory." in text
    browser.post(f"{address}apply/", who)
    assert MovePlan.objects.count() == 1


def test_a_loadout_without_anything_that_the_player_has_says_so(own: OwnDestiny) -> None:
    guardian = own.guardians.order_by("character_id").first()
    assert guardian is not None
    loadout = loadout_of(own, BuildItem(987654321, 42))
    browser = Client()
    browser.force_login(own.account.user, "allauth.account.auth_backends.AuthenticationBackend")
    answer = browser.post(
        f"/destiny/loadouts/{loadout.pk}/apply/", {"guardian": str(guardian.character_id)}, follow=True
    )
    assert not MovePlan.objects.exists()
    assert 'class="error"' in answer.content.decode()
