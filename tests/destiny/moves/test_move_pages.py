"""The pages and the API that move items: what they ask first, what they show, and for whom."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from destiny.door import OwnDestiny
from destiny.models import BungieAccount, Guardian, Item, MovePlan, MoveStep
from destiny.moves.goals import Aim, Goal
from destiny.moves.inventory import VAULT
from sync.destiny.moves.services import request_plan
from tests.battlenet import Sandbox
from tests.destiny.moves.conftest import RunPlans
from tests.destiny.people import Connected

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
Place = Item.Place


@pytest.fixture
def browser(own: OwnDestiny) -> Client:
    client = Client()
    client.force_login(own.account.user, backend=BACKEND)
    return client


@pytest.fixture
def stranger(own: OwnDestiny, connected: Connected) -> Client:
    """Somebody else with a Bungie account."""
    other: BungieAccount = connected("wanderer")
    client = Client()
    client.force_login(other.user, backend=BACKEND)
    return client


def address(item: Item) -> str:
    return reverse("destiny:move", args=(item.pk,))


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def full_slot(own: OwnDestiny, guardian: Guardian) -> Item:
    """Fill the slot of a stored weapon that a guardian carries, and return the weapon, with another guardian."""
    weapon = own.items.filter(place=Place.CARRIED, guardian=guardian, bucket_hash=1498876634).first()
    assert weapon is not None
    other = own.guardians.exclude(pk=guardian.pk).order_by("character_id")[0]
    held = own.items.filter(guardian=other, bucket_hash=weapon.bucket_hash)
    more = own.items.filter(bucket_hash__in=(2465295065, 953998645), place=Place.CARRIED)[: 10 - held.count()]
    for one in more:
        Item.objects.filter(pk=one.pk).update(guardian=other, bucket_hash=weapon.bucket_hash)
    assert held.count() == 10
    return weapon


def test_a_button_moves_an_item_and_the_plan_shows_how_it_went(
    browser: Client, guardians: list[Guardian], weapon: Item, run_plans: RunPlans
) -> None:
    page = text(browser.get(reverse("destiny:item", args=(weapon.pk,))))
    assert 'name="aim" value="equip"' in page
    assert 'name="aim" value="store"' in page
    answer = browser.post(address(weapon), {"aim": "move", "guardian": guardians[1].character_id})
    plan = MovePlan.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("destiny:plan", args=(plan.pk,)))
    waiting = text(browser.get(answer["Location"]))
    assert "0 of 2 steps done" in waiting
    assert "data-updates" in waiting
    busy = browser.get(reverse("destiny:plan_updates", args=(plan.pk,))).json()
    run_plans()
    done = text(browser.get(answer["Location"]))
    assert "2 of 2 steps done" in done
    assert "data-updates" not in done
    after = browser.get(reverse("destiny:plan_updates", args=(plan.pk,))).json()
    assert (busy["busy"], after["busy"]) == (True, False)
    assert busy["version"] != after["version"]
    assert str(guardians[1]) in text(browser.get(reverse("destiny:moves")))


def test_what_moves_other_items_is_shown_first_and_done_only_when_confirmed(
    own: OwnDestiny, browser: Client, guardians: list[Guardian]
) -> None:
    weapon = full_slot(own, guardians[0])
    to = own.guardians.exclude(pk=guardians[0].pk).order_by("character_id")[0]
    wish = {"aim": "move", "guardian": to.character_id}
    asked = text(browser.post(address(weapon), wish))
    assert "Other items move, too:" in asked
    assert "(makes room)" in asked
    assert not MovePlan.objects.exists()
    assert browser.post(address(weapon), wish | {"confirmed": "yes"}).status_code == 302
    assert MoveStep.objects.filter(why="room").exists()


def test_an_impossible_wish_says_why(own: OwnDestiny, browser: Client, guardians: list[Guardian]) -> None:
    subclass = own.items.filter(bucket_hash=3284755031, place=Place.CARRIED).first()
    assert subclass is not None
    answer = browser.post(address(subclass), {"aim": "store"})
    assert answer.status_code == 409
    assert "This item can&#x27;t be moved." in text(answer)
    assert not MovePlan.objects.exists()


def test_a_part_of_a_stack_is_stored_and_comes_back(
    own: OwnDestiny, browser: Client, guardians: list[Guardian], stack: Item, run_plans: RunPlans
) -> None:
    page = text(browser.get(reverse("destiny:item", args=(stack.pk,))))
    assert '<label for="move-quantity">How many</label>' in page
    assert f'min="1" max="{stack.quantity}" value="{stack.quantity}" required' in page
    answer = browser.post(address(stack), {"aim": "store", "quantity": "2"}, follow=True)
    assert "× 2: from" in text(answer)
    run_plans()
    part = own.items.get(item_hash=stack.item_hash, bucket_hash=VAULT)
    assert part.quantity == 2
    page = text(browser.get(reverse("destiny:item", args=(part.pk,))))
    assert 'name="aim" value="move"' in page
    browser.post(address(part), {"aim": "move", "guardian": guardians[0].character_id, "quantity": "2"})
    run_plans()
    assert own.items.get(item_hash=stack.item_hash).quantity == stack.quantity


def test_one_item_is_not_counted(browser: Client, weapon: Item) -> None:
    assert 'name="quantity"' not in text(browser.get(reverse("destiny:item", args=(weapon.pk,))))


@pytest.mark.parametrize("quantity", ["0", "-1", "", "some", "1.5", "9" * 5_000])
def test_a_number_that_makes_no_sense_is_refused_with_one_sentence(browser: Client, stack: Item, quantity: str) -> None:
    answer = browser.post(address(stack), {"aim": "store", "quantity": quantity})
    assert answer.status_code == 409
    assert text(answer).count("Enter how many to move: at least 1, and no more than there are.") == 1
    assert reverse("destiny:item", args=(stack.pk,)) in text(answer)
    assert not MovePlan.objects.exists()


def test_a_plan_that_failed_says_what_to_do(
    own: OwnDestiny, browser: Client, weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    sandbox.fault(path="/Platform/Destiny2/Actions/", code=1671, times=1)
    plan = request_plan(own=own, goals=[Goal(weapon.pk, Aim.MOVE)])
    run_plans()
    shown = text(browser.get(reverse("destiny:plan", args=(plan.pk,))))
    assert "The game refused it, and would refuse the rest." in shown
    assert "Go to orbit and try again." in shown


def test_a_waiting_plan_is_canceled(own: OwnDestiny, browser: Client, weapon: Item) -> None:
    plan = request_plan(own=own, goals=[Goal(weapon.pk, Aim.MOVE)])
    answer = browser.post(reverse("destiny:plan_cancel", args=(plan.pk,)), follow=True)
    assert "You canceled it." in text(answer)
    plan.refresh_from_db()
    assert plan.state == MovePlan.State.CANCELLED


def test_of_somebody_else_there_is_nothing(
    own: OwnDestiny, browser: Client, stranger: Client, guardians: list[Guardian], weapon: Item
) -> None:
    plan = request_plan(own=own, goals=[Goal(weapon.pk, Aim.MOVE)])
    for name in ("plan", "plan_updates"):
        assert stranger.get(reverse(f"destiny:{name}", args=(plan.pk,))).status_code == 404
    assert stranger.post(reverse("destiny:plan_cancel", args=(plan.pk,))).status_code == 404
    assert stranger.post(address(weapon), {"aim": "store"}).status_code == 404
    assert stranger.get(f"/api/moves/{plan.pk}").status_code == 404
    for wish in ({"aim": "move", "guardian": 1}, {"aim": "equip", "guardian": 0}, {"aim": "x"}, {"aim": "move"}):
        assert browser.post(address(weapon), wish).status_code == 404
    plan.refresh_from_db()
    assert plan.is_open


def test_pages_need_as_many_statements_for_many_plans_as_for_one(
    own: OwnDestiny, browser: Client, weapon: Item
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            browser.get(reverse("destiny:moves"))
        return len(found)

    request_plan(own=own, goals=[Goal(weapon.pk, Aim.MOVE)])
    count()
    before = count()
    others = own.items.filter(place=Place.CARRIED, bucket_hash=weapon.bucket_hash).exclude(pk=weapon.pk)
    for one in others[:5]:
        request_plan(own=own, goals=[Goal(one.pk, Aim.MOVE)])
    # The names of the other items are read once.
    count()
    assert count() == before


# --- API -----------------------------------------------------------------------------------------------------------


def post(client: Client, **wish: Any) -> Any:
    return client.post("/api/moves", json.dumps(wish), content_type="application/json")


def test_the_api_tells_the_steps_without_moving_and_moves(
    browser: Client, guardians: list[Guardian], weapon: Item, run_plans: RunPlans
) -> None:
    wish = {"item": str(weapon.pk), "action": "move", "guardian": str(guardians[1].character_id)}
    dry = post(browser, dry_run=True, **wish)
    assert (dry.status_code, dry.json()["id"], MovePlan.objects.count()) == (200, None, 0)
    assert [one["action"] for one in dry.json()["steps"]] == ["to_vault", "from_vault"]
    made = post(browser, **wish)
    assert made.status_code == 202
    run_plans()
    found = browser.get(f"/api/moves/{made.json()['id']}").json()
    assert (found["state"], [one["state"] for one in found["steps"]]) == ("done", ["done", "done"])
    assert found["steps"][0]["instance_id"] == str(weapon.instance_id)


def test_the_api_moves_a_part_of_a_stack_and_refuses_what_is_no_number_of_it(browser: Client, stack: Item) -> None:
    wish = {"item": str(stack.pk), "action": "move"}
    made = post(browser, quantity=2, **wish)
    assert (made.status_code, [one["quantity"] for one in made.json()["steps"]]) == (202, [2])
    too_many = post(browser, quantity=stack.quantity - 1, **wish)
    assert too_many.status_code == 409
    assert too_many.json()["detail"] == "Enter how many to move: at least 1, and no more than there are."
    for quantity in (0, -1, "some", 1.5):
        refused = post(browser, quantity=quantity, **wish)
        assert refused.status_code == 400
        assert "quantity" in refused.json()["detail"]
    assert [one["quantity"] for one in post(browser, dry_run=True, **wish).json()["steps"]] == [stack.quantity - 2]


def test_the_api_says_why_something_is_impossible_and_knows_no_items_of_others(
    own: OwnDestiny, browser: Client, stranger: Client, weapon: Item
) -> None:
    aim = "unlock" if not weapon.state & 1 else "lock"
    refused = post(browser, item=str(weapon.pk), action=aim)
    assert (refused.status_code, refused.json()["detail"]) == (409, "Everything is as you want it already.")
    assert post(stranger, item=str(weapon.pk), action="lock").status_code == 404
    assert post(browser, item=str(uuid4()), action="lock").status_code == 404
    assert post(browser, item=str(weapon.pk), action="equip", guardian="1").status_code == 404
    plan = request_plan(own=own, goals=[Goal(weapon.pk, Aim.MOVE)])
    assert stranger.post(f"/api/moves/{plan.pk}/cancel").status_code == 404
    assert browser.post(f"/api/moves/{plan.pk}/cancel").json()["state"] == "cancelled"
