"""Plans of moves: whatever somebody has and wishes, no plan breaks a rule, and each ends as it was wished."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny.moves.goals import Action, Aim, Goal, Why
from destiny.moves.inventory import ANY_CLASS, POSTMASTER, VAULT, Gear, Inventory
from destiny.moves.planner import Impossible, Plan, Reason, plan
from tests.destiny.moves.game import Game
from tests.destiny.moves.worlds import (
    CHEST,
    CONSUMABLES,
    ENERGY_SLOT,
    HELMET,
    HUNTER,
    KINETIC,
    SUBCLASS,
    TITAN,
    gear,
    inventories,
    wishes,
    world,
)


def actions(found: Plan) -> list[tuple[str, int, int]]:
    """Return each step's action, item number and guardian."""
    return [(step.action.value, step.gear.id.int, step.guardian) for step in found.steps]


def one(inventory: Inventory, goal: Goal) -> Plan:
    """Plan one goal, and let the game judge it."""
    found = plan(inventory, [goal])
    carried_out(inventory, found)
    return found


def carried_out(inventory: Inventory, found: Plan) -> Game:
    game = Game.of(inventory)
    for step in found.steps:
        game.do(step)
    return game


def reason(inventory: Inventory, *goals: Goal) -> Reason:
    with pytest.raises(Impossible) as raised:
        plan(inventory, goals)
    return raised.value.reason


# --- whatever there is ---------------------------------------------------------------------------------------------


@given(st.data())
def test_no_plan_breaks_a_rule_and_each_ends_as_it_was_wished(data: st.DataObject) -> None:
    inventory = data.draw(inventories())
    goals = data.draw(wishes(inventory))
    before = dict(inventory.gear)
    try:
        found = plan(inventory, goals)
    except Impossible:
        return
    game = carried_out(inventory, found)
    assert inventory.gear == before, "planning changes nothing"
    for number, goal in enumerate(goals):
        if number not in found.left_out:
            assert is_fulfilled(game, goal, before), (goal, found)
    assert amounts(game.items) == amounts_wished(goals, found, before)
    assert_nothing_else_happened(goals, found, before, game)


def amounts(items: Mapping[UUID, Gear]) -> Counter[tuple[int, int]]:
    """Return how many of what stacks lie where, by holder and bucket."""
    found: Counter[tuple[int, int]] = Counter()
    for item in items.values():
        if item.instance_id is None:
            found[item.holder, item.bucket] += item.quantity
    return found


def amounts_wished(goals: Sequence[Goal], found: Plan, before: Mapping[UUID, Gear]) -> Counter[tuple[int, int]]:
    """Return the amounts when as many as each goal says, or all, have gone to where it says, one after the other."""
    expected = amounts(before)
    for number, goal in enumerate(goals):
        item = before.get(goal.item)
        if item is not None and item.instance_id is None and number not in found.left_out:
            source = (item.holder, item.bucket)
            quantity = expected[source] if goal.quantity is None else goal.quantity
            expected[source] -= quantity
            expected[(0, CONSUMABLES) if goal.guardian or goal.aim is Aim.PULL else (0, VAULT)] += quantity
    return +expected


def is_fulfilled(game: Game, goal: Goal, before: dict[UUID, Gear]) -> bool:
    if before[goal.item].instance_id is None:
        # How many are where in the end is judged for all stacks together.
        return goal.aim in (Aim.PULL, Aim.MOVE)
    item = game.items[goal.item]
    if goal.aim is Aim.LOCK or goal.aim is Aim.UNLOCK:
        return item.is_locked is (goal.aim is Aim.LOCK)
    if goal.aim is Aim.PULL:
        return item.bucket != POSTMASTER
    if goal.aim is Aim.EQUIP:
        has_plugs = all(item.plugs[socket] == plug for socket, plug in goal.plugs.items())
        return item.is_equipped and item.holder == goal.guardian and has_plugs
    if not goal.guardian:
        return item.bucket == VAULT
    return item.bucket == item.slot and item.holder in (goal.guardian, 0)


def assert_nothing_else_happened(goals: Sequence[Goal], found: Plan, before: dict[UUID, Gear], game: Game) -> None:
    """Nothing is lost, guardians wear something in each slot, and locks and plugs of other items stay."""
    assert sum(item.quantity for item in before.values()) == sum(item.quantity for item in game.items.values())
    worn = {(item.holder, item.slot) for item in before.values() if item.is_equipped}
    assert {(item.holder, item.slot) for item in game.items.values() if item.is_equipped} == worn
    wished = {goal.item for goal in goals}
    for key, item in game.items.items():
        if key not in wished and item.instance_id is not None:
            assert (item.is_locked, item.plugs) == (before[key].is_locked, before[key].plugs)
    assert all(step.why is not Why.GOAL or step.gear.id in wished for step in found.steps)


@given(st.data())
def test_with_room_everywhere_a_carried_weapon_always_reaches_every_guardian_and_the_vault(data: st.DataObject) -> None:
    inventory = data.draw(inventories())
    roomy = {key: replace(bucket, size=1_000) for key, bucket in inventory.buckets.items()}
    inventory = replace(inventory, buckets=roomy)
    free = [item for item in inventory.gear.values() if item.is_transferrable and item.slot in (KINETIC, ENERGY_SLOT)]
    for item in free:
        if not item.is_equipped and item.instance_id:
            for guardian in (0, *inventory.guardians):
                found = plan(inventory, [Goal(item.id, Aim.MOVE, guardian)])
                assert all(step.gear.id == item.id for step in found.steps)


# --- moving --------------------------------------------------------------------------------------------------------


def test_from_guardian_to_guardian_goes_through_the_vault() -> None:
    found = one(world(gear(1, KINETIC), gear(2, KINETIC, is_equipped=True)), Goal(gear(1, KINETIC).id, Aim.MOVE, 2))
    assert actions(found) == [("to_vault", 1, 1), ("from_vault", 1, 2)]


def test_an_equipped_weapon_is_replaced_by_the_strongest_other_that_is_no_exotic() -> None:
    worn = gear(1, KINETIC, is_equipped=True)
    others = (gear(2, KINETIC, power=4), gear(3, KINETIC, power=9, unique_label="weapon"))
    found = one(world(worn, *others), Goal(worn.id, Aim.MOVE, 0))
    assert actions(found) == [("equip", 2, 1), ("to_vault", 1, 1)]
    assert found.steps[0].why is Why.SWAP


def test_what_replaces_it_comes_from_the_vault_if_the_guardian_carries_nothing_else() -> None:
    worn = gear(1, HELMET, is_equipped=True, class_type=TITAN)
    stored = gear(2, HELMET, holder=0, bucket=VAULT, class_type=TITAN)
    of_a_hunter = gear(3, HELMET, holder=0, bucket=VAULT, class_type=HUNTER, power=9)
    found = one(world(worn, stored, of_a_hunter), Goal(worn.id, Aim.MOVE, 0))
    assert actions(found) == [("from_vault", 2, 1), ("equip", 2, 1), ("to_vault", 1, 1)]
    assert reason(world(worn, of_a_hunter), Goal(worn.id, Aim.MOVE, 0)) is Reason.NOTHING_ELSE


def test_room_is_made_by_the_weakest_unlocked_item_that_is_not_an_exotic() -> None:
    full = (
        gear(1, KINETIC, is_equipped=True),
        gear(2, KINETIC, power=1, is_locked=True),
        gear(3, KINETIC, power=2, tier=6, unique_label="weapon"),
        gear(4, KINETIC, power=3, tier=5),
        gear(5, KINETIC, power=0, tier=5, is_transferrable=False),
    )
    wanted = gear(9, KINETIC, holder=0, bucket=VAULT)
    found = one(world(*full, wanted, size=5), Goal(wanted.id, Aim.MOVE, 1))
    assert actions(found) == [("to_vault", 4, 1), ("from_vault", 9, 1)]
    assert found.steps[0].why is Why.ROOM


def test_a_locked_item_makes_room_if_all_are_locked() -> None:
    full = (gear(1, KINETIC, is_equipped=True), gear(2, KINETIC, is_locked=True))
    wanted = gear(9, KINETIC, holder=0, bucket=VAULT)
    found = one(world(*full, wanted, size=2), Goal(wanted.id, Aim.MOVE, 1))
    assert actions(found)[0] == ("to_vault", 2, 1)


def test_without_anything_that_can_make_room_it_is_refused() -> None:
    full = (gear(1, KINETIC, is_equipped=True), gear(2, KINETIC, is_transferrable=False))
    wanted = gear(9, KINETIC, holder=0, bucket=VAULT)
    assert reason(world(*full, wanted, size=2), Goal(wanted.id, Aim.MOVE, 1)) is Reason.NO_ROOM


def test_a_full_vault_takes_nothing_more_but_lets_things_through() -> None:
    mine, stored = gear(1, KINETIC), gear(2, ENERGY_SLOT, holder=0, bucket=VAULT)
    inventory = world(mine, stored, vault=1)
    assert reason(inventory, Goal(mine.id, Aim.MOVE, 0)) is Reason.VAULT_FULL
    found = one(inventory, Goal(mine.id, Aim.MOVE, 2))
    assert actions(found) == [("from_vault", 2, 1), ("to_vault", 1, 1), ("from_vault", 1, 2)]
    assert found.steps[0].why is Why.ROOM


def test_what_will_be_worn_instead_is_not_moved_out_of_a_full_vault() -> None:
    worn, of_a_hunter = gear(1, HELMET, is_equipped=True, class_type=TITAN), gear(2, HELMET, class_type=HUNTER)
    stored = gear(3, HELMET, holder=0, bucket=VAULT, class_type=TITAN)
    inventory = world(worn, of_a_hunter, stored, size=2, vault=1)
    assert reason(inventory, Goal(worn.id, Aim.MOVE, 2)) is Reason.VAULT_FULL
    other = gear(4, KINETIC, holder=0, bucket=VAULT)
    found = one(world(worn, of_a_hunter, stored, other, size=2, vault=2), Goal(worn.id, Aim.MOVE, 2))
    assert actions(found) == [
        ("from_vault", 4, 1), ("to_vault", 2, 1), ("from_vault", 3, 1), ("equip", 3, 1), ("to_vault", 1, 1),
        ("from_vault", 1, 2),
    ]  # fmt: skip


def test_what_is_bound_to_a_guardian_stays() -> None:
    bound, subclass = gear(1, KINETIC, is_transferrable=False), gear(2, SUBCLASS)
    inventory = world(bound, subclass)
    assert reason(inventory, Goal(bound.id, Aim.MOVE, 0)) is Reason.BOUND
    assert reason(inventory, Goal(subclass.id, Aim.MOVE, 2)) is Reason.BOUND
    assert actions(one(inventory, Goal(subclass.id, Aim.EQUIP, 1))) == [("equip", 2, 1)]


def test_what_is_there_already_needs_no_step() -> None:
    inventory = world(gear(1, KINETIC), gear(2, KINETIC, holder=0, bucket=VAULT))
    assert one(inventory, Goal(gear(1, KINETIC).id, Aim.MOVE, 1)).steps == ()
    assert one(inventory, Goal(gear(2, KINETIC).id, Aim.MOVE, 0)).steps == ()


# --- postmaster and stacks -----------------------------------------------------------------------------------------


def test_an_item_at_the_postmaster_is_pulled_first_with_room_made_for_it() -> None:
    lost = gear(1, KINETIC, bucket=POSTMASTER)
    full = (gear(2, KINETIC, is_equipped=True), gear(3, KINETIC))
    inventory = world(lost, *full, size=2)
    assert actions(one(inventory, Goal(lost.id, Aim.PULL))) == [("to_vault", 3, 1), ("pull", 1, 1)]
    moved = one(inventory, Goal(lost.id, Aim.MOVE, 2))
    assert actions(moved) == [("to_vault", 3, 1), ("pull", 1, 1), ("to_vault", 1, 1), ("from_vault", 1, 2)]
    assert reason(inventory, Goal(full[1].id, Aim.PULL)) is Reason.NOT_LOST


def stack(number: int, quantity: int, holder: int, bucket: int) -> Gear:
    return replace(
        gear(number, CONSUMABLES), instance_id=None, quantity=quantity, max_stack=8, holder=holder, bucket=bucket
    )


def test_a_stack_joins_the_one_of_the_account_unless_that_is_full() -> None:
    lost, mine = stack(1, 3, 1, POSTMASTER), stack(2, 5, 0, CONSUMABLES)
    assert actions(one(world(lost, mine), Goal(lost.id, Aim.PULL))) == [("pull", 1, 1)]
    assert reason(world(lost, replace(mine, quantity=6)), Goal(lost.id, Aim.PULL)) is Reason.STACK_FULL
    assert reason(world(lost, mine), Goal(lost.id, Aim.MOVE, 0)) is Reason.STILL_LOST


def test_a_part_of_a_stack_goes_to_the_vault_and_the_rest_stays() -> None:
    mine, stored = stack(1, 5, 0, CONSUMABLES), stack(2, 4, 0, VAULT)
    goal = Goal(mine.id, Aim.MOVE, quantity=3)
    alone, joined = {3: VAULT, 2: CONSUMABLES}, {7: VAULT, 2: CONSUMABLES}
    for inventory, expected in ((world(mine), alone), (world(mine, stored), joined)):
        found = one(inventory, goal)
        assert [(step.action, step.gear.quantity) for step in found.steps] == [(Action.TO_VAULT, 3)]
        lying = carried_out(inventory, found).items.values()
        assert {item.quantity: item.bucket for item in lying} == expected


def test_room_is_needed_for_what_is_moved_only() -> None:
    lost, mine = stack(1, 3, 1, POSTMASTER), stack(2, 6, 0, CONSUMABLES)
    assert reason(world(lost, mine), Goal(lost.id, Aim.PULL)) is Reason.STACK_FULL
    assert [step.gear.quantity for step in one(world(lost, mine), Goal(lost.id, Aim.PULL, quantity=2)).steps] == [2]
    full = world(mine, stack(3, 7, 0, VAULT), vault=1)
    assert len(one(full, Goal(mine.id, Aim.MOVE, quantity=1)).steps) == 1
    assert reason(full, Goal(mine.id, Aim.MOVE, quantity=2)) is Reason.STACK_FULL
    other = gear(4, KINETIC, holder=0, bucket=VAULT)
    assert reason(world(mine, other, vault=1), Goal(mine.id, Aim.MOVE, quantity=1)) is Reason.VAULT_FULL


@pytest.mark.parametrize("quantity", [-1, 0, 6])
def test_more_than_there_are_and_fewer_than_one_are_refused(quantity: int) -> None:
    mine, weapon = stack(1, 5, 0, CONSUMABLES), gear(2, KINETIC)
    inventory = world(mine, weapon)
    for item in (mine, weapon):
        assert reason(inventory, Goal(item.id, Aim.MOVE, quantity=quantity)) is Reason.QUANTITY


def test_two_parts_of_one_stack_are_taken_one_after_the_other() -> None:
    mine = stack(1, 5, 0, CONSUMABLES)
    found = plan(world(mine), [Goal(mine.id, Aim.MOVE, quantity=3), Goal(mine.id, Aim.MOVE, quantity=2)])
    assert [step.gear.quantity for step in found.steps] == [3, 2]
    too_many = plan(world(mine), [Goal(mine.id, Aim.MOVE, quantity=3), Goal(mine.id, Aim.MOVE, quantity=3)])
    assert too_many.left_out == {1: Reason.QUANTITY}


@pytest.mark.parametrize("stored", [0, 4])
def test_a_part_goes_from_guardian_to_guardian_through_the_vault_and_leaves_what_lies_there(stored: int) -> None:
    mine = replace(stack(1, 5, 1, KINETIC), slot=KINETIC)
    others = [replace(stack(2, stored, 0, VAULT), slot=KINETIC)] if stored else []
    inventory = world(mine, *others)
    found = one(inventory, Goal(mine.id, Aim.MOVE, 2, quantity=3))
    assert [(step.action.value, step.gear.quantity) for step in found.steps] == [("to_vault", 3), ("from_vault", 3)]
    left = amounts(carried_out(inventory, found).items)
    assert left == +Counter({(1, KINETIC): 2, (2, KINETIC): 3, (0, VAULT): stored})


def test_a_goal_is_stored_with_its_quantity_only_if_it_has_one() -> None:
    whole = Goal(UUID(int=1), Aim.MOVE)
    part = replace(whole, quantity=3)
    assert "quantity" not in whole.as_json()
    assert [Goal.from_json(goal.as_json()) for goal in (whole, part)] == [whole, part]


# --- equipping -----------------------------------------------------------------------------------------------------


def test_another_exotic_is_replaced_before_an_exotic_is_equipped() -> None:
    worn = (gear(1, KINETIC, is_equipped=True, unique_label="weapon"), gear(2, ENERGY_SLOT, is_equipped=True))
    wanted = gear(3, ENERGY_SLOT, unique_label="weapon")
    found = one(world(*worn, gear(4, KINETIC), wanted), Goal(wanted.id, Aim.EQUIP, 1))
    assert actions(found) == [("equip", 4, 1), ("equip", 3, 1)]
    only_exotics = world(*worn, gear(4, KINETIC, unique_label="weapon"), wanted)
    assert reason(only_exotics, Goal(wanted.id, Aim.EQUIP, 1)) is Reason.NOTHING_ELSE


def test_exotics_of_a_set_come_last_and_need_no_replacement_of_their_own() -> None:
    worn = (gear(1, KINETIC, is_equipped=True, unique_label="weapon"), gear(2, ENERGY_SLOT, is_equipped=True))
    exotic, plain = gear(3, ENERGY_SLOT, unique_label="weapon"), gear(4, KINETIC)
    found = plan(world(*worn, exotic, plain), [Goal(exotic.id, Aim.EQUIP, 1), Goal(plain.id, Aim.EQUIP, 1)])
    assert actions(found) == [("equip", 4, 1), ("equip", 3, 1)]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (gear(1, HELMET, class_type=HUNTER), Reason.WRONG_CLASS),
        (gear(1, KINETIC, is_equippable=False), Reason.NOT_EQUIPPABLE),
        (gear(1, SUBCLASS, holder=2), Reason.BOUND),
    ],
)
def test_what_a_titan_cannot_wear_is_refused(item: Gear, expected: Reason) -> None:
    assert reason(world(item), Goal(item.id, Aim.EQUIP, 1)) is expected


def test_of_a_set_the_impossible_is_left_out_and_the_rest_is_planned() -> None:
    helmet, second, weapon = gear(1, HELMET), gear(2, HELMET), gear(3, KINETIC)
    exotic, other = gear(4, CHEST, unique_label="armor"), gear(5, HELMET, unique_label="armor")
    inventory = world(helmet, second, weapon, exotic, other)
    items = (helmet, second, weapon, exotic)
    found = plan(inventory, [Goal(item.id, Aim.EQUIP, 1) for item in items])
    assert actions(found) == [("equip", 1, 1), ("equip", 3, 1), ("equip", 4, 1)]
    assert found.left_out == {1: Reason.SAME_SLOT}
    found = plan(inventory, [Goal(exotic.id, Aim.EQUIP, 1), Goal(other.id, Aim.EQUIP, 1)])
    assert found.left_out == {1: Reason.SECOND_EXOTIC}
    gone = Goal(gear(99, KINETIC).id, Aim.EQUIP, 1)
    assert plan(inventory, [gone, Goal(weapon.id, Aim.EQUIP, 1)]).left_out == {0: Reason.GONE}
    assert reason(inventory, gone) is Reason.GONE


def test_plugs_that_free_energy_come_first() -> None:
    helmet = gear(1, HELMET, is_equipped=True, plugs=(902, 904))
    found = one(world(helmet), Goal(helmet.id, Aim.EQUIP, 1, {0: 904, 1: 902}))
    assert [(step.action, step.socket, step.plug) for step in found.steps] == [
        (Action.PLUG, 1, 902),
        (Action.PLUG, 0, 904),
    ]


# --- locks ---------------------------------------------------------------------------------------------------------


def test_an_item_is_locked_where_it_lies() -> None:
    mine, stored = gear(1, KINETIC, holder=2), gear(2, KINETIC, holder=0, bucket=VAULT, is_locked=True)
    inventory = world(mine, stored)
    assert actions(one(inventory, Goal(mine.id, Aim.LOCK))) == [("lock", 1, 2)]
    assert actions(one(inventory, Goal(stored.id, Aim.UNLOCK))) == [("unlock", 2, 1)]
    assert one(inventory, Goal(stored.id, Aim.LOCK)).steps == ()
    assert reason(world(replace(mine, is_lockable=False)), Goal(mine.id, Aim.LOCK)) is Reason.NOT_LOCKABLE


def test_without_a_guardian_nothing_can_be_done() -> None:
    stored = gear(1, KINETIC, holder=0, bucket=VAULT, class_type=ANY_CLASS)
    inventory = replace(world(stored), guardians={})
    assert reason(inventory, Goal(stored.id, Aim.LOCK)) is Reason.NO_GUARDIAN
