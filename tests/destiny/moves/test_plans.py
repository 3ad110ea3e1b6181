"""Plans against the sandbox's Bungie: what is done there, what is sent, and what the plan says if something fails."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from destiny.door import OwnDestiny
from destiny.models import Guardian, Item, MovePlan, MoveStep
from destiny.moves.goals import Aim, Goal
from destiny.moves.inventory import POSTMASTER
from destiny.moves.planner import Impossible, Reason
from destiny.moves.sentences import why_not
from sync.destiny.jobs import BungieJob, open_plan_job
from sync.destiny.moves.run import LONGEST, MOST_TRIES, PlanRun
from sync.destiny.moves.services import MOST_OPEN, apply_set, cancel, forget_plans, request_plan
from sync.destiny.provider import client_for
from sync.engine.claims import Claim, ClaimLost
from sync.engine.rate_limiter import Lane
from tests.battlenet import Sandbox
from tests.destiny.moves.conftest import ACTIONS, ENERGY, KINETIC, POWER, RunPlans, ended, sent, sent_long_ago, steps_of
from tests.destiny.people import RunProfile

Place, State, Step = Item.Place, MovePlan.State, MoveStep.State
ARMOR = (3448274439, 3551918588, 14239492, 20886954, 1585787867)


def truth(sandbox: Sandbox, item: Item) -> Any:
    """Return an item as it really is."""
    account = sandbox.account_truth(item.membership.membership_id)
    return next(one for one in account["items"] if one["instance"] == str(item.instance_id))


def move(own: OwnDestiny, item: Item, guardian: Guardian | None) -> MovePlan:
    goal = Goal(item.pk, Aim.MOVE, guardian.character_id if guardian else 0)
    return request_plan(own=own, goals=[goal], name="test")


# --- what is done --------------------------------------------------------------------------------------------------


def test_a_weapon_goes_to_another_guardian_with_the_bodies_that_bungie_needs(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    plan = move(own, weapon, guardians[1])
    assert (plan.state, steps_of(plan)) == (State.WAITING, [("to_vault", "planned"), ("from_vault", "planned")])
    job = run_plans()
    assert (job.state, job.error_kind, ended(plan)) == (BungieJob.State.RESTING, "", (State.DONE, ""))
    assert truth(sandbox, weapon)["holder"] == str(guardians[1].character_id)
    body = {
        "itemReferenceHash": weapon.item_hash,
        "stackSize": 1,
        "itemId": str(weapon.instance_id),
        "membershipType": 3,
    }
    assert [(one["action"], one["body"]) for one in sandbox.bungie_actions()["actions"]] == [
        ("TransferItem", body | {"transferToVault": True, "characterId": str(guardians[0].character_id)}),
        ("TransferItem", body | {"transferToVault": False, "characterId": str(guardians[1].character_id)}),
    ]
    assert sandbox.bungie_actions()["too_early"] == {}


def test_pages_show_it_at_once_and_answers_from_before_do_not_undo_it(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, run_profile: RunProfile,
    sandbox: Sandbox,
) -> None:  # fmt: skip
    slot = weapon.bucket_hash
    sandbox.bungie("accounts", lag_seconds=60)
    move(own, weapon, guardians[1])
    run_plans()
    for _ in range(2):
        weapon.refresh_from_db()
        assert (weapon.place, weapon.guardian, weapon.bucket_hash) == (Place.CARRIED, guardians[1], slot)
        run_profile(own.membership)


def test_a_guardian_equips_a_set_with_its_plugs_in_one_request(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    helmet = next(
        one
        for one in own.items.filter(place=Place.EQUIPPED, guardian=guardians[0], bucket_hash__in=ARMOR)
        if one.details.get("options") and any(len(some) > 1 for some in one.details["options"].values())
    )
    socket, options = next((int(key), some) for key, some in helmet.details["options"].items() if len(some) > 1)
    plug = next(one for one in options if one != helmet.details["plugs"][socket])
    slots = {KINETIC, ENERGY, POWER} - {weapon.bucket_hash}
    other = own.items.filter(guardian=guardians[0], place=Place.CARRIED, bucket_hash=min(slots)).first()
    assert other is not None
    wanted = [(weapon.pk, {}), (other.pk, {}), (helmet.pk, {socket: plug}), (UUID(int=1), {})]
    plan = apply_set(own=own, guardian=guardians[0], items=wanted, name="Raid")
    run_plans()
    assert ended(plan) == (State.PARTLY, "")
    assert Counter(steps_of(plan)) == {("equip", "done"): 2, ("plug", "done"): 1, ("equip", "refused"): 1}
    assert why_not(plan.steps.get(state="refused")) == "You no longer have this item. Refresh the inventory."
    assert sent(sandbox) == [("EquipItems", "1"), ("InsertSocketPlugFree", "1")]
    assert truth(sandbox, weapon)["is_equipped"]
    assert truth(sandbox, helmet)["plugs"][socket] == plug
    worn = own.items.filter(guardian=guardians[0], bucket_hash=weapon.bucket_hash, place=Place.EQUIPPED)
    assert [one.pk for one in worn] == [weapon.pk]
    helmet.refresh_from_db()
    assert helmet.details["plugs"][socket] == plug


def test_an_item_is_locked_and_unlocked_and_pulled_from_the_postmaster(
    own: OwnDestiny, weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    lost = own.items.filter(bucket_hash=POSTMASTER, instance_id__isnull=False).first()
    assert lost is not None
    aim = Aim.UNLOCK if weapon.state & 1 else Aim.LOCK
    plans = [request_plan(own=own, goals=[Goal(*one)]) for one in ((lost.pk, Aim.PULL), (weapon.pk, aim))]
    run_plans()
    assert [ended(one) for one in plans] == [(State.DONE, "")] * 2
    assert truth(sandbox, lost)["bucket"] != POSTMASTER
    assert truth(sandbox, weapon)["state"] & 1 == (aim is Aim.LOCK)
    lost.refresh_from_db()
    weapon.refresh_from_db()
    assert (lost.place, weapon.state & 1) == (Place.CARRIED, aim is Aim.LOCK)


def test_the_second_of_two_plans_counts_on_the_first(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    there, back = move(own, weapon, guardians[1]), move(own, weapon, guardians[2])
    assert [one.character_id for one in back.steps.all()] == [guardians[1].character_id, guardians[2].character_id]
    run_plans()
    assert (ended(there), ended(back)) == ((State.DONE, ""), (State.DONE, ""))
    assert truth(sandbox, weapon)["holder"] == str(guardians[2].character_id)


# --- what Bungie refuses -------------------------------------------------------------------------------------------


def test_a_refusal_ends_the_goal_and_says_what_to_do(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    sandbox.fault(path=f"{ACTIONS}Items/TransferItem", code=1642, times=1)
    plan = move(own, weapon, guardians[1])
    run_plans()
    assert (ended(plan), steps_of(plan)) == ((State.FAILED, ""), [("to_vault", "refused"), ("from_vault", "skipped")])
    assert why_not(plan.steps.first()) == "There was no room. Make room and try again."  # type: ignore[arg-type]
    assert truth(sandbox, weapon)["holder"] == str(guardians[0].character_id)


def test_in_a_raid_nothing_more_of_the_plan_is_sent(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    sandbox.bungie("activity", guardian=str(guardians[1].character_id), mode=4)
    armor = own.items.filter(guardian=guardians[1], place=Place.EQUIPPED, details__has_key="plugs").first()
    assert armor is not None
    goals = [Goal(weapon.pk, Aim.EQUIP, guardians[1].character_id), Goal(armor.pk, Aim.LOCK)]
    plan = request_plan(own=own, goals=[*goals, Goal(armor.pk, Aim.UNLOCK)])
    run_plans()
    states = [state for _, state in steps_of(plan)]
    assert states[:3] == ["done", "done", "refused"]
    assert set(states[3:]) == {"skipped"}
    assert ended(plan) == (State.PARTLY, "refused")
    assert "Go to orbit" in why_not(plan.steps.get(state="refused"))
    assert len(sent(sandbox)) == 3


def test_what_is_refused_of_one_item_leaves_the_others_alone(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    sandbox.fault(path=f"{ACTIONS}Items/TransferItem", code=1663, times=1)
    other = own.items.filter(guardian=guardians[0], place=Place.CARRIED, bucket_hash=POWER).exclude(pk=weapon.pk)[0]
    plan = request_plan(own=own, goals=[Goal(weapon.pk, Aim.MOVE), Goal(other.pk, Aim.MOVE)])
    run_plans()
    assert (ended(plan), steps_of(plan)) == ((State.PARTLY, ""), [("to_vault", "refused"), ("to_vault", "done")])
    other.refresh_from_db()
    assert other.place == Place.VAULT


def test_somebody_who_has_to_connect_again_is_told_so(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    sandbox.bungie("tokens/forget")
    plan = move(own, weapon, guardians[1])
    job = run_plans()
    assert (ended(plan), job.state) == ((State.FAILED, "connect_again"), BungieJob.State.RESTING)
    assert {state for _, state in steps_of(plan)} == {"skipped"}


# --- what has to wait ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [{"code": 57, "wait_seconds": 10}, {"code": 1672, "status": 200}, {"code": 5}])
def test_a_throttled_or_closed_bungie_postpones_the_rest_of_the_plan(
    own: OwnDestiny, weapon: Item, run_plans: RunPlans, sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    sandbox.fault(path=ACTIONS, times=1, **fault)
    plan = move(own, weapon, None)
    job = run_plans()
    assert (job.state, steps_of(plan)) == (BungieJob.State.DUE, [("to_vault", "planned")])
    assert job.next_due_at is not None
    run_plans()
    assert ended(plan) == (State.DONE, "")
    assert [code for _, code in sent(sandbox)] == [str(fault["code"]), "1"]


def test_an_hour_later_nothing_more_is_sent(
    own: OwnDestiny, weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    plan = move(own, weapon, None)
    MovePlan.objects.update(created_at=timezone.now() - LONGEST)
    run_plans()
    assert (ended(plan), steps_of(plan), sent(sandbox)) == ((State.FAILED, "too_old"), [("to_vault", "skipped")], [])


def test_a_canceled_plan_sends_nothing_more(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    waiting = move(own, weapon, guardians[1])
    cancel(plan=waiting)
    assert ended(waiting) == (State.CANCELLED, "cancelled")
    running = move(own, weapon, guardians[1])
    sandbox.fault(path=ACTIONS, code=57, wait_seconds=5, times=1)
    run_plans()
    cancel(plan=running)
    assert ended(running) == (State.RUNNING, "")
    run_plans()
    assert (ended(running), {state for _, state in steps_of(running)}) == ((State.CANCELLED, "cancelled"), {"skipped"})
    assert [code for _, code in sent(sandbox)] == ["57"]


# --- lost answers --------------------------------------------------------------------------------------------------


def test_an_action_whose_answer_was_lost_is_not_sent_again(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    sandbox.fault(path=ACTIONS, code=1618, after=True, times=1)
    plan = move(own, weapon, guardians[1])
    job = run_plans()
    assert (job.state, job.error_kind) == (BungieJob.State.DUE, "answer_lost")
    assert steps_of(plan) == [("to_vault", "sending"), ("from_vault", "planned")]
    before = sandbox.bungie_stats()["requests"]
    run_plans()
    assert sandbox.bungie_stats()["requests"] == before, "Bungie's answers have not caught up yet"
    sent_long_ago()
    run_plans()
    assert ended(plan) == (State.DONE, "")
    assert sent(sandbox) == [("TransferItem", "1618"), ("TransferItem", "1")]
    assert truth(sandbox, weapon)["holder"] == str(guardians[1].character_id)


def test_an_action_that_was_not_done_is_sent_again(
    own: OwnDestiny, weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    sandbox.fault(path=ACTIONS, code=1618, times=1)
    plan = move(own, weapon, None)
    run_plans()
    sent_long_ago()
    run_plans()
    assert (ended(plan), sent(sandbox)) == ((State.DONE, ""), [("TransferItem", "1618"), ("TransferItem", "1")])


def test_an_action_that_fails_again_and_again_is_given_up(
    own: OwnDestiny, weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    sandbox.fault(path=ACTIONS, body="truncated", status=502)
    plan = move(own, weapon, None)
    for _ in range(MOST_TRIES + 1):
        run_plans()
        sent_long_ago()
    assert (ended(plan), steps_of(plan)) == ((State.FAILED, ""), [("to_vault", "refused")])
    assert len(sent(sandbox)) == MOST_TRIES


@pytest.mark.parametrize("is_done", [True, False])
def test_what_a_killed_worker_was_sending_is_looked_up_first(
    own: OwnDestiny, weapon: Item, run_plans: RunPlans, sandbox: Sandbox, is_done: bool
) -> None:
    if is_done:
        run_of_a_killed_worker(own, weapon, run_plans, sandbox)
    plan = move(own, weapon, None)
    MoveStep.objects.filter(plan=plan).update(
        state=Step.SENDING, sent_at=timezone.now() - timedelta(minutes=1), tries=1
    )
    arrived = len(sent(sandbox))
    run_plans()
    assert ended(plan) == (State.DONE, "")
    assert len(sent(sandbox)) - arrived == (0 if is_done else 1)


def run_of_a_killed_worker(own: OwnDestiny, weapon: Item, run_plans: RunPlans, sandbox: Sandbox) -> None:
    """Store the weapon at Bungie, and nothing of it here."""
    plan = move(own, weapon, None)
    run_plans()
    assert ended(plan) == (State.DONE, "")
    MovePlan.objects.all().delete()
    weapon.save()


def test_an_item_that_somebody_else_moved_meanwhile_ends_the_goal(
    own: OwnDestiny, guardians: list[Guardian], weapon: Item, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    plan = move(own, weapon, guardians[1])
    run_plans()
    weapon.refresh_from_db()
    MovePlan.objects.update(state=State.RUNNING, finished_at=None)
    plan.steps.filter(number=0).update(state=Step.SENDING, sent_at=timezone.now() - timedelta(minutes=1))
    plan.steps.filter(number=1).update(state=Step.PLANNED)
    run_plans()
    assert (ended(plan), steps_of(plan)) == ((State.PARTLY, ""), [("to_vault", "unknown"), ("from_vault", "skipped")])


def test_a_worker_that_has_lost_its_claim_sends_and_writes_nothing(
    own: OwnDestiny, weapon: Item, sandbox: Sandbox
) -> None:
    plan = move(own, weapon, None)
    stale = Claim(open_plan_job(own.membership), UUID(int=1))
    with pytest.raises(ClaimLost):
        PlanRun(plan, own.membership, stale, client_for(Lane.INTERACTIVE)).run()
    assert (steps_of(plan), sent(sandbox)) == ([("to_vault", "planned")], [])


# --- requests ------------------------------------------------------------------------------------------------------


def test_what_is_impossible_is_refused_before_anything_is_stored(own: OwnDestiny, weapon: Item) -> None:
    with pytest.raises(Impossible) as raised:
        request_plan(own=own, goals=[Goal(UUID(int=1), Aim.MOVE)])
    assert raised.value.reason is Reason.GONE
    with pytest.raises(Impossible) as raised:
        request_plan(own=own, goals=[Goal(weapon.pk, Aim.UNLOCK if not weapon.state & 1 else Aim.LOCK)])
    assert raised.value.reason is Reason.ALREADY
    MovePlan.objects.bulk_create(MovePlan(membership=own.membership) for _ in range(MOST_OPEN))
    with pytest.raises(Impossible) as raised:
        request_plan(own=own, goals=[Goal(weapon.pk, Aim.MOVE)])
    assert raised.value.reason is Reason.TOO_MANY


def test_plans_are_forgotten_after_a_month(own: OwnDestiny, weapon: Item) -> None:
    old = move(own, weapon, None)
    young, is_open = (MovePlan.objects.create(membership=own.membership) for _ in range(2))
    MovePlan.objects.filter(pk__in=(old.pk, is_open.pk)).update(created_at=timezone.now() - timedelta(days=31))
    MovePlan.objects.filter(pk__in=(old.pk, young.pk)).update(state=State.DONE)
    assert forget_plans() == 1
    assert set(MovePlan.objects.all()) == {young, is_open}
