"""The game's own loadouts: equipped, saved, renamed and cleared in the sandbox's Bungie, once each."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from destiny.door import OwnDestiny
from destiny.models import Guardian, Item, MovePlan, MoveStep
from destiny.moves.goals import Action
from destiny.moves.sentences import why_not
from sandbox.bungie.world.build import build_definitions
from sync.destiny.moves.loadouts import SAVED, request_loadout_action
from tests.battlenet import Sandbox
from tests.destiny.moves.conftest import RunPlans, steps_of
from tests.destiny.people import RunProfile

ACTIONS = "/Platform/Destiny2/Actions/"
LOADOUTS = f"{ACTIONS}Loadouts/"
SPARE = 7


@pytest.fixture
def guardian(own: OwnDestiny) -> Guardian:
    guardian = own.guardians.order_by("character_id").first()
    assert guardian is not None
    return guardian


@pytest.fixture(scope="module")
def identifiers() -> tuple[int, int, int]:
    """The third name, the fifth icon and the second color."""
    row = build_definitions(seed=1).tables["LoadoutConstants"][1]
    return row["loadoutNameHashes"][2], row["loadoutIconHashes"][4], row["loadoutColorHashes"][1]


def truth(sandbox: Sandbox, guardian: Guardian) -> list[Any]:
    """Return the guardian's loadouts as they really are."""
    account = sandbox.account_truth(guardian.membership.membership_id)
    found: list[Any] = next(one for one in account["guardians"] if one["id"] == str(guardian.character_id))["loadouts"]
    return found


def sent(sandbox: Sandbox) -> list[str]:
    return [one["action"] for one in sandbox.bungie_actions()["actions"]]


def worn(guardian: Guardian) -> set[int]:
    items = Item.objects.filter(guardian=guardian, place=Item.Place.EQUIPPED, bucket_hash__in=SAVED)
    return {one.instance_id or 0 for one in items}


def request(own: OwnDestiny, guardian: Guardian, action: Action, index: int = 0, **more: Any) -> MovePlan:
    return request_loadout_action(own=own, guardian=guardian, action=action, index=index, name="test", **more)


def test_what_a_guardian_wears_is_saved_renamed_and_cleared(
    own: OwnDestiny,
    guardian: Guardian,
    run_plans: RunPlans,
    run_profile: RunProfile,
    sandbox: Sandbox,
    identifiers: tuple[int, int, int],
) -> None:
    request(own, guardian, Action.SNAPSHOT, SPARE, identifiers=identifiers)
    run_plans()
    shown = truth(sandbox, guardian)[SPARE]
    assert {int(one) for one in shown["items"]} == worn(guardian)
    guardian.refresh_from_db()
    assert {instance for instance, _ in guardian.loadouts[SPARE]["items"]} == worn(guardian)
    other = (*identifiers[:2], next(one["color"] for one in truth(sandbox, guardian) if one))
    request(own, guardian, Action.RENAME, SPARE, identifiers=other)
    run_plans()
    assert truth(sandbox, guardian)[SPARE]["color"] == other[2]
    request(own, guardian, Action.CLEAR, SPARE)
    run_plans()
    assert truth(sandbox, guardian)[SPARE] is None
    guardian.refresh_from_db()
    assert guardian.loadouts[SPARE] is None
    assert sent(sandbox) == ["SnapshotLoadout", "UpdateLoadoutIdentifiers", "ClearLoadout"]
    assert sandbox.bungie_actions()["too_early"] == {}
    assert {plan.state for plan in own.membership.plans.all()} == {MovePlan.State.DONE}


def test_an_answer_from_before_an_action_does_not_undo_it_and_a_later_one_confirms_it(
    own: OwnDestiny, guardian: Guardian, run_plans: RunPlans, run_profile: RunProfile, sandbox: Sandbox
) -> None:
    sandbox.bungie("accounts", lag_seconds=20)
    request(own, guardian, Action.CLEAR)
    run_plans()
    run_profile(own.membership)
    guardian.refresh_from_db()
    assert guardian.loadouts[0] is None
    assert guardian.loadouts_written_at is not None
    Guardian.objects.update(loadouts_written_at=timezone.now() - timedelta(minutes=1))
    sandbox.bungie("clock", seconds=60)
    run_profile(own.membership)
    guardian.refresh_from_db()
    assert guardian.loadouts[0] is None
    assert not guardian.loadouts_written_at


def test_a_guardian_in_a_strike_is_told_to_go_to_orbit(
    own: OwnDestiny, guardian: Guardian, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    sandbox.bungie("activity", guardian=str(guardian.character_id), mode=3)
    plan = request(own, guardian, Action.EQUIP_SET)
    run_plans()
    assert steps_of(plan) == [("equip_set", MoveStep.State.REFUSED)]
    assert "Go to orbit" in why_not(plan.steps.get())
    sandbox.bungie("activity", guardian=str(guardian.character_id), mode="orbit")
    plan = request(own, guardian, Action.EQUIP_SET)
    run_plans()
    assert steps_of(plan) == [("equip_set", MoveStep.State.DONE)]


@pytest.mark.parametrize("is_done", [True, False])
def test_an_action_whose_answer_was_lost_is_looked_up_before_it_is_sent_again(
    own: OwnDestiny, guardian: Guardian, run_plans: RunPlans, sandbox: Sandbox, is_done: bool
) -> None:
    sandbox.fault(path=LOADOUTS, code=1618, times=1, **({"after": True} if is_done else {}))
    plan = request(own, guardian, Action.CLEAR)
    run_plans()
    assert steps_of(plan) == [("clear", MoveStep.State.SENDING)]
    MoveStep.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
    run_plans()
    assert steps_of(plan) == [("clear", MoveStep.State.DONE)]
    assert truth(sandbox, guardian)[0] is None
    assert sent(sandbox) == ["ClearLoadout"] * (1 if is_done else 2)


def test_the_page_asks_for_all_three_and_shows_what_was_done(
    own: OwnDestiny, guardian: Guardian, run_plans: RunPlans, sandbox: Sandbox
) -> None:
    browser = Client()
    browser.force_login(own.account.user, "allauth.account.auth_backends.AuthenticationBackend")
    address = f"/destiny/loadouts/game/{guardian.character_id}/{SPARE}/"
    for data in ({"do": "snapshot", "name": "1", "icon": "2", "color": "3"}, {"do": "clear"}, {"do": "rename"}, {}):
        browser.post(address, data)
    assert not MovePlan.objects.exists()
    browser.post(f"/destiny/loadouts/game/{guardian.character_id}/1/", {"do": "clear"})
    run_plans()
    content = browser.get(f"/destiny/loadouts/game/{guardian.character_id}/1/").content.decode()
    assert "Clear the loadout" in content
    assert "Bungie has not confirmed it yet" in content
    assert truth(sandbox, guardian)[0] is None
