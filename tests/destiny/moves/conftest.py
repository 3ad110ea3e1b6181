"""A membership with three guardians, whose items can be moved, and the job that does so."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from destiny.door import OwnDestiny, own_destiny
from destiny.models import BungieAccount, Item, MovePlan
from sandbox.bungie.world.build import build_definitions
from sandbox.bungie.world.definitions import ITEM
from sandbox.bungie.world.text import encode
from sync.destiny.jobs import BungieJob, open_plan_job
from tests.destiny.conftest import run_job
from tests.destiny.content_files import BUCKETS, ITEMS, tables
from tests.destiny.editions import load_edition
from tests.destiny.people import Connected, Run, RunProfile

RunPlans = Callable[[], BungieJob]


@pytest.fixture
def account(connected: Connected, run: Run) -> BungieAccount:
    """The account of an officer, who has three guardians and 350 items."""
    account = connected("officer")
    run(account, BungieJob.Kind.MEMBERSHIPS)
    return account


@pytest.fixture
def own(account: BungieAccount, run_profile: RunProfile) -> OwnDestiny:
    """The officer's items, with the definitions of all of them."""
    run_profile(account.memberships.get(membership_type=3))
    found = own_destiny(account.user)
    assert found is not None
    hashes = set(Item.objects.filter(membership=found.membership).values_list("item_hash", flat=True))
    load_edition({"en": tables() | {ITEMS: _rows(ITEM, hashes), BUCKETS: _rows("InventoryBucket")}})
    return found


def _rows(table: str, hashes: set[int] | None = None) -> dict[int | str, Any]:
    """Return definitions of the sandbox, all or those with these hashes."""
    rows = build_definitions(seed=1).tables[table]
    found = json.loads(encode({key: row for key, row in rows.items() if hashes is None or key in hashes}, "en"))
    return {int(key): row for key, row in found.items()}


@pytest.fixture
def run_plans(own: OwnDestiny) -> RunPlans:
    """Run the job of the membership's plans as a worker does, and return it."""
    return lambda: run_job(open_plan_job(own.membership))


def steps_of(plan: MovePlan) -> list[tuple[str, str]]:
    """Return what each step of a plan was, and its state."""
    return [(one.action, one.state) for one in plan.steps.all()]
