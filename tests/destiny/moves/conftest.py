"""A membership with three guardians, whose items can be moved, and the job that does so."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from destiny.door import OwnDestiny
from destiny.models import Guardian, Item, MovePlan, MoveStep
from destiny.moves.inventory import VAULT
from sync.destiny.jobs import BungieJob, open_plan_job
from tests.battlenet import Sandbox
from tests.destiny.conftest import run_job
from tests.destiny.moves.owned import connect, load_definitions
from tests.destiny.people import Connected, Run, RunProfile

RunPlans = Callable[[], BungieJob]
ACTIONS = "/Platform/Destiny2/Actions/"
WEAPON_SLOTS = KINETIC, ENERGY, POWER = 1498876634, 2465295065, 953998645


@pytest.fixture
def own(connected: Connected, run: Run, run_profile: RunProfile) -> OwnDestiny:
    """What the officer owns, who has three guardians and 350 items."""
    found = connect("officer", connected, run, run_profile)
    load_definitions()
    return found


@pytest.fixture
def guardians(own: OwnDestiny) -> list[Guardian]:
    """The three guardians, in a fixed order."""
    return list(own.guardians.order_by("character_id"))


@pytest.fixture
def weapon(own: OwnDestiny, guardians: list[Guardian]) -> Item:
    """A weapon that the first guardian carries, of a slot in which the others have room."""
    carried = own.items.filter(guardian=guardians[0], place=Item.Place.CARRIED, bucket_hash__in=WEAPON_SLOTS)
    for found in carried.order_by("instance_id"):
        if all(own.items.filter(guardian=one, bucket_hash=found.bucket_hash).count() < 10 for one in guardians[1:]):
            return found
    raise AssertionError("no slot in which the others have room")


@pytest.fixture
def stack(own: OwnDestiny) -> Item:
    """A stack of the account, of something that lies nowhere else."""
    for found in own.items.filter(place=Item.Place.VAULT, instance_id=None, quantity__gte=5).exclude(bucket_hash=VAULT):
        if own.items.filter(item_hash=found.item_hash).count() == 1:
            return found
    raise AssertionError("no stack of something that lies nowhere else")


@pytest.fixture
def run_plans(own: OwnDestiny) -> RunPlans:
    """Run the job of the membership's plans as a worker does, and return it."""
    return lambda: run_job(open_plan_job(own.membership))


def steps_of(plan: MovePlan) -> list[tuple[str, str]]:
    """Return what each step of a plan was, and its state."""
    return [(one.action, one.state) for one in plan.steps.all()]


def sent(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Return the actions that arrived, and the codes of their answers."""
    return [(one["action"], one["code"]) for one in sandbox.bungie_actions()["actions"]]


def ended(plan: MovePlan) -> tuple[str, str]:
    plan.refresh_from_db()
    assert (plan.finished_at is None) is plan.is_open
    return plan.state, plan.reason


def sent_long_ago() -> None:
    """Let what is being sent have been sent so long ago that a profile shows whether it was done."""
    MoveStep.objects.filter(state=MoveStep.State.SENDING).update(sent_at=timezone.now() - timedelta(minutes=1))
