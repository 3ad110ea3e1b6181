"""Moving stacks, whole or in part: where how many are, and what is sent once, also when answers are lost."""

from dataclasses import replace

import pytest
from django.utils import timezone

from destiny.door import OwnDestiny
from destiny.models import Guardian, Item, MovePlan, MoveStep
from destiny.moves.goals import Aim, Goal
from destiny.moves.inventory import POSTMASTER, VAULT
from sync.destiny.inventory import WRITE_LAG
from sync.destiny.moves.services import request_plan
from tests.battlenet import Sandbox
from tests.destiny.moves.conftest import ACTIONS, RunPlans, ended, sent, sent_long_ago, steps_of
from tests.destiny.people import RunProfile

Place, State, Step = Item.Place, MovePlan.State, MoveStep.State


def test_a_stack_of_the_postmaster_joins_the_one_of_the_account(
    own: OwnDestiny, run_plans: RunPlans, run_profile: RunProfile
) -> None:
    lost = own.items.filter(bucket_hash=POSTMASTER, instance_id=None).first()
    assert lost is not None
    same = own.items.filter(item_hash=lost.item_hash, place=Place.VAULT)
    before = sum(one.quantity for one in same)
    plan = request_plan(own=own, goals=[Goal(lost.pk, Aim.PULL)])
    run_plans()
    assert ended(plan) == (State.DONE, "")
    assert sum(one.quantity for one in same.all()) == before + lost.quantity
    assert not own.items.filter(pk=lost.pk, bucket_hash=POSTMASTER).exists()


def store(own: OwnDestiny, item: Item, quantity: int | None) -> MovePlan:
    return request_plan(own=own, goals=[Goal(item.pk, Aim.MOVE, quantity=quantity)])


def amounts(own: OwnDestiny, item: Item) -> dict[int, int]:
    """Return how many of what a stack is of are stored here, by bucket."""
    rows = own.items.filter(item_hash=item.item_hash)
    return {one.bucket_hash: one.quantity for one in rows}


def true_amounts(sandbox: Sandbox, item: Item) -> dict[int, int]:
    """Return how many of what a stack is of there really are, by bucket."""
    account = sandbox.account_truth(item.membership.membership_id)
    return {one["bucket"]: one["quantity"] for one in account["items"] if one["hash"] == item.item_hash}


def test_a_part_of_a_stack_is_stored_and_a_second_one_joins_it(
    own: OwnDestiny, stack: Item, run_plans: RunPlans, run_profile: RunProfile, sandbox: Sandbox
) -> None:
    slot, quantity = stack.bucket_hash, stack.quantity
    plans = [store(own, stack, 2), store(own, stack, 1)]
    run_plans()
    assert [ended(one) for one in plans] == [(State.DONE, "")] * 2
    assert [one["body"]["stackSize"] for one in sandbox.bungie_actions()["actions"]] == [2, 1]
    expected = {slot: quantity - 3, VAULT: 3}
    assert (true_amounts(sandbox, stack), amounts(own, stack)) == (expected, expected)
    # A later answer of Bungie finds nothing to change.
    Item.objects.update(written_at=None)
    rows = set(own.items.filter(item_hash=stack.item_hash).values_list("pk", "quantity"))
    run_profile(own.membership)
    assert set(own.items.filter(item_hash=stack.item_hash).values_list("pk", "quantity")) == rows


def test_a_part_comes_back_from_the_vault_and_the_rest_after_it(
    own: OwnDestiny, guardians: list[Guardian], stack: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    slot, quantity = stack.bucket_hash, stack.quantity
    store(own, stack, None)
    run_plans()
    stored = own.items.get(item_hash=stack.item_hash)
    assert amounts(own, stack) == {VAULT: quantity}
    back = Goal(stored.pk, Aim.MOVE, guardians[0].character_id)
    for some, expected in ((2, {slot: 2, VAULT: quantity - 2}), (None, {slot: quantity})):
        request_plan(own=own, goals=[replace(back, quantity=some)])
        run_plans()
        assert (true_amounts(sandbox, stack), amounts(own, stack)) == (expected, expected)


def test_a_part_is_pulled_from_the_postmaster(own: OwnDestiny, run_plans: RunPlans, sandbox: Sandbox) -> None:
    lost = own.items.filter(bucket_hash=POSTMASTER, instance_id=None, quantity__gte=2).first()
    assert lost is not None
    plan = request_plan(own=own, goals=[Goal(lost.pk, Aim.PULL, quantity=1)])
    run_plans()
    assert ended(plan) == (State.DONE, "")
    assert amounts(own, lost) == true_amounts(sandbox, lost)
    assert amounts(own, lost)[POSTMASTER] == lost.quantity - 1


def test_a_stack_is_looked_up_by_what_is_left_of_it(own: OwnDestiny, run_plans: RunPlans, sandbox: Sandbox) -> None:
    lost = own.items.filter(bucket_hash=POSTMASTER, instance_id=None).first()
    assert lost is not None
    sandbox.fault(path=ACTIONS, code=1618, after=True, times=1)
    plan = request_plan(own=own, goals=[Goal(lost.pk, Aim.PULL)])
    run_plans()
    sent_long_ago()
    run_plans()
    assert (ended(plan), sent(sandbox)) == ((State.DONE, ""), [("PullFromPostmaster", "1618")])


@pytest.mark.parametrize("is_done", [True, False])
def test_a_part_whose_answer_was_lost_is_moved_once(
    own: OwnDestiny, stack: Item, run_plans: RunPlans, sandbox: Sandbox, is_done: bool
) -> None:
    slot, quantity = stack.bucket_hash, stack.quantity
    sandbox.fault(path=ACTIONS, code=1618, times=1, **({"after": True} if is_done else {}))
    plan = store(own, stack, 2)
    run_plans()
    sent_long_ago()
    run_plans()
    assert ended(plan) == (State.DONE, "")
    assert len(sent(sandbox)) == (1 if is_done else 2)
    expected = {slot: quantity - 2, VAULT: 2}
    assert (true_amounts(sandbox, stack), amounts(own, stack)) == (expected, expected)


@pytest.mark.parametrize("is_done", [True, False])
def test_a_part_is_not_sent_again_if_its_player_found_or_used_as_many(
    own: OwnDestiny, stack: Item, run_plans: RunPlans, sandbox: Sandbox, is_done: bool
) -> None:
    # Since the profile was read, the player has found two more, or has used two.
    Item.objects.filter(pk=stack.pk).update(quantity=stack.quantity + (-2 if is_done else 2))
    sandbox.fault(path=ACTIONS, code=1618, times=1, **({"after": True} if is_done else {}))
    plan = store(own, stack, 2)
    run_plans()
    sent_long_ago()
    run_plans()
    assert (ended(plan), steps_of(plan)) == ((State.PARTLY, ""), [("to_vault", "unknown")])
    assert len(sent(sandbox)) == 1
    assert true_amounts(sandbox, stack).get(VAULT, 0) == (2 if is_done else 0)


def test_a_profile_from_before_an_earlier_part_proves_nothing(
    own: OwnDestiny, guardians: list[Guardian], stack: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    membership = str(own.membership.membership_id)
    sandbox.bungie("freeze", membership=membership)
    store(own, stack, 2)
    run_plans()
    part = own.items.get(item_hash=stack.item_hash, bucket_hash=VAULT)
    sandbox.fault(path=ACTIONS, code=1618, times=1)
    back = request_plan(own=own, goals=[Goal(part.pk, Aim.MOVE, guardians[0].character_id)])
    run_plans()
    MoveStep.objects.filter(state=Step.SENDING).update(sent_at=timezone.now() - WRITE_LAG)
    # None are in the vault, as if they had come back: they have not been there yet.
    run_plans()
    assert steps_of(back) == [("from_vault", "sending")]
    sandbox.bungie("freeze", membership=membership, frozen=False)
    run_plans()
    assert (ended(back), true_amounts(sandbox, stack)) == ((State.DONE, ""), {stack.bucket_hash: stack.quantity})
