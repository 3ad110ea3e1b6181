"""A membership's items, as the planner sees them: as stored, after all that is still planned for them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from destiny.door import OwnDestiny
from destiny.manifest.items import ItemDefinition
from destiny.manifest.readers import Json, Manifest
from destiny.models import Guardian, Item, MovePlan, MoveStep
from destiny.moves.goals import LOADOUT_ACTIONS, Action, Goal, Why
from destiny.moves.inventory import POSTMASTER, VAULT, Bucket, Gear, Inventory, Step

BUCKETS = "DestinyInventoryBucketDefinition"
# TransferStatuses.NotTransferrable
BOUND = 2
# Of a bucket that the manifest lacks, nothing is moved.
UNKNOWN_BUCKET = Bucket(size=0, has_transfers=False)


def snapshot(own: OwnDestiny, manifest: Manifest, goals: Iterable[Goal]) -> Inventory:
    """Read the items, and the plugs of those that the goals name, in a constant number of statements."""
    rows = list(own.items.defer("details"))
    guardians = {one.pk: one for one in own.guardians}
    definitions = manifest.items({one.item_hash for one in rows})
    plugs = _plugs(own, goals)
    gear = (_gear(one, guardians, definitions.get(one.item_hash), plugs.get(one.pk, ())) for one in rows)
    inventory = Inventory(
        guardians={one.character_id: one.class_type for one in guardians.values()},
        buckets=_buckets(manifest, rows, definitions),
        gear={one.id: one for one in gear},
        plug_costs=_plug_costs(manifest, goals, plugs),
    )
    _apply_planned(inventory, own)
    return inventory


def _plugs(own: OwnDestiny, goals: Iterable[Goal]) -> dict[UUID, tuple[int, ...]]:
    wished = [goal.item for goal in goals if goal.plugs]
    if not wished:
        return {}
    return {
        key: tuple(details.get("plugs", ()))
        for key, details in own.items.filter(pk__in=wished).values_list("pk", "details")
    }


def _plug_costs(manifest: Manifest, goals: Iterable[Goal], plugs: Mapping[UUID, tuple[int, ...]]) -> dict[int, int]:
    wanted = {plug for goal in goals for plug in goal.plugs.values()} | {
        plug for some in plugs.values() for plug in some
    }
    return {key: one.energy_cost for key, one in manifest.items(wanted).items()} if wanted else {}


def _gear(
    row: Item, guardians: Mapping[UUID, Guardian], definition: ItemDefinition | None, plugs: tuple[int, ...]
) -> Gear:
    holder = guardians[row.guardian_id].character_id if row.guardian_id else 0
    is_locked = bool(row.state & Item.State.LOCKED)
    if definition is None:
        return Gear(
            row.pk, row.item_hash, row.bucket_hash, row.bucket_hash, holder, row.instance_id, is_transferrable=False
        )
    return Gear(
        id=row.pk,
        hash=row.item_hash,
        slot=definition.bucket_hash,
        bucket=row.bucket_hash,
        holder=holder,
        instance_id=row.instance_id,
        quantity=row.quantity,
        max_stack=definition.max_stack_size,
        is_equipped=row.place == Item.Place.EQUIPPED,
        is_locked=is_locked,
        class_type=definition.class_type,
        unique_label=definition.unique_label,
        is_equippable=definition.is_equippable and row.instance_id is not None,
        is_transferrable=definition.is_transferrable and not row.transfer_status & BOUND,
        is_lockable=row.is_lockable,
        tier=definition.tier_type,
        power=row.power or 0,
        plugs=plugs,
    )


def _buckets(manifest: Manifest, rows: Iterable[Item], definitions: Mapping[int, ItemDefinition]) -> dict[int, Bucket]:
    hashes = {one.bucket_hash for one in rows} | {one.bucket_hash for one in definitions.values()} | {VAULT}
    found: defaultdict[int, Bucket] = defaultdict(lambda: UNKNOWN_BUCKET)
    found.update((key, _bucket(json)) for key, json in manifest.definitions(BUCKETS, hashes).items())
    return found


def _bucket(json: Json) -> Bucket:
    return Bucket(json.get("itemCount", 0), json.get("scope") == 1, bool(json.get("hasTransferDestination")))


def _apply_planned(inventory: Inventory, own: OwnDestiny) -> None:
    """Carry out on the inventory what plans that have not ended will still do."""
    left = (MoveStep.State.PLANNED, MoveStep.State.SENDING)
    open_plans = MovePlan.objects.filter(MovePlan.OPEN, membership=own.membership)
    steps = MoveStep.objects.filter(plan__in=open_plans, state__in=left).exclude(action__in=LOADOUT_ACTIONS)
    for one in steps.order_by("plan__created_at", "plan", "number"):
        action = Action(one.action)
        holder, bucket = _source(one, action)
        gear = inventory.find(one.item_hash, one.instance_id, holder, bucket)
        if gear is not None and one.character_id in inventory.guardians:
            part = replace(gear, quantity=one.quantity)
            step = Step(action, part, one.character_id, one.goal, Why(one.why), one.socket, one.plug_hash)
            inventory.apply(step)


def _source(step: MoveStep, action: Action) -> tuple[int, int]:
    """Return holder and bucket from which a stack is taken."""
    if action is Action.PULL:
        return step.character_id, POSTMASTER
    if action is Action.FROM_VAULT:
        return 0, VAULT
    return (0 if step.is_account_slot else step.character_id), step.slot_hash
