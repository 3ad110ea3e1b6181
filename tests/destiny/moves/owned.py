"""What a persona owns, with the definitions of all of it."""

import json
from typing import Any

from destiny.door import OwnDestiny, own_destiny
from destiny.models import BungieAccount, Item
from sandbox.bungie.world.build import build_definitions
from sandbox.bungie.world.definitions import ITEM
from sandbox.bungie.world.text import encode
from sync.destiny.jobs import BungieJob
from tests.destiny.content_files import BUCKETS, ITEMS, tables
from tests.destiny.editions import load_edition
from tests.destiny.people import Connected, Run, RunProfile


def connect(persona: str, connected: Connected, run: Run, run_profile: RunProfile) -> OwnDestiny:
    """Let a persona connect their Bungie account, and fetch what they own of the membership that counts."""
    account = connected(persona)
    run(account, BungieJob.Kind.MEMBERSHIPS)
    found = own_of(account)
    run_profile(found.membership)
    return found


def own_of(account: BungieAccount) -> OwnDestiny:
    found = own_destiny(account.user)
    assert found is not None
    return found


def load_definitions() -> None:
    """Load an edition with the items that anybody owns, and all buckets."""
    hashes = set(Item.objects.values_list("item_hash", flat=True))
    load_edition({"en": tables() | {ITEMS: _rows(ITEM, hashes), BUCKETS: _rows("InventoryBucket")}})


def _rows(table: str, hashes: set[int] | None = None) -> dict[int | str, Any]:
    """Return definitions of the sandbox, all or those with these hashes."""
    rows = build_definitions(seed=1).tables[table]
    found = json.loads(encode({key: row for key, row in rows.items() if hashes is None or key in hashes}, "en"))
    return {int(key): row for key, row in found.items()}
