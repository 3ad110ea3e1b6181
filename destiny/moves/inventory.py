"""Items where they lie, as the planner sees them, and what a step changes. Plain values: no database, no request."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from destiny.moves.goals import Action, Why

VAULT, POSTMASTER = 138197802, 215593132
ANY_CLASS = 3
# Bungie's hash for a socket with nothing to choose.
UNSET = 2166136261


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket's size for each holder, and whether the account is the holder."""

    size: int
    is_account: bool = False
    has_transfers: bool = True


@dataclass(frozen=True, slots=True)
class Gear:
    """An item or a stack. `holder` is a character id, 0 for the account; `slot` the bucket where it belongs, `bucket`
    where it lies. Of items with the same `unique_label`, a guardian can equip only one."""

    id: UUID
    hash: int
    slot: int
    bucket: int
    holder: int = 0
    instance_id: int | None = None
    quantity: int = 1
    max_stack: int = 1
    is_equipped: bool = False
    is_locked: bool = False
    class_type: int = ANY_CLASS
    unique_label: str = ""
    is_equippable: bool = False
    is_transferrable: bool = True
    is_lockable: bool = False
    tier: int = 0
    power: int = 0
    plugs: tuple[int, ...] = ()

    @property
    def value(self) -> tuple[bool, int, int, int]:
        """Return what orders items by how little somebody will miss them: unlocked ones first."""
        return self.is_locked, self.tier, self.power, self.instance_id or 0


@dataclass(frozen=True, slots=True)
class Step:
    """One request, about an item as it lies then, or about so much of a stack. `guardian` gives, receives or wears it.

    `is_account_slot` says whether the item belongs into a bucket of the whole account.
    """

    action: Action
    gear: Gear
    guardian: int
    goal: int
    why: Why = Why.GOAL
    socket: int | None = None
    plug: int | None = None
    is_account_slot: bool = False


def plugged(plugs: Sequence[int], socket: int, plug: int) -> tuple[int, ...]:
    """Return the plugs with another one in a socket, also in one that was not known."""
    filled = [*plugs, *(0 for _ in range(socket + 1 - len(plugs)))]
    filled[socket] = plug
    return tuple(filled)


@dataclass(slots=True)
class Inventory:
    """Everything that a membership has. `guardians` are classes by character id; `plug_costs` energy by plug hash."""

    guardians: Mapping[int, int]
    buckets: Mapping[int, Bucket]
    gear: dict[UUID, Gear]
    plug_costs: Mapping[int, int] = field(default_factory=dict)

    def copy(self) -> "Inventory":
        """Return one that can be changed without this one."""
        return replace(self, gear=dict(self.gear))

    def lying(self, holder: int, bucket: int) -> Iterator[Gear]:
        """Return what lies in a bucket, including what is equipped."""
        return (one for one in self.gear.values() if one.bucket == bucket and one.holder == holder)

    def worn(self, guardian: int) -> Iterator[Gear]:
        return (one for one in self.gear.values() if one.is_equipped and one.holder == guardian)

    def home(self, gear: Gear, guardian: int) -> tuple[int, int]:
        """Return holder and bucket of an item that a guardian receives: some buckets are the whole account's."""
        return (0 if self.buckets[gear.slot].is_account else guardian), gear.slot

    def has_room(self, gear: Gear, holder: int, bucket: int) -> bool:
        """Return whether the item fits there, or so much of a stack onto one that lies there."""
        there = self.stack_like(gear, holder, bucket)
        if there is not None:
            return there.quantity + gear.quantity <= gear.max_stack
        return sum(1 for _ in self.lying(holder, bucket)) < self.buckets[bucket].size

    def find(self, item_hash: int, instance_id: int | None, holder: int, bucket: int) -> Gear | None:
        """Return an item by its instance id wherever it is, or a stack where it lies."""
        if instance_id is not None:
            return next((one for one in self.gear.values() if one.instance_id == instance_id), None)
        return next((one for one in self.lying(holder, bucket) if one.hash == item_hash and not one.instance_id), None)

    def apply(self, step: Step) -> None:
        """Change what the step changes. Whether the game allows it is not asked here."""
        gear = self.gear[step.gear.id]
        if step.action is Action.TO_VAULT:
            self._lay(gear, step.gear.quantity, 0, VAULT)
        elif step.action in (Action.FROM_VAULT, Action.PULL):
            self._lay(gear, step.gear.quantity, *self.home(gear, step.guardian))
        elif step.action is Action.EQUIP:
            for other in list(self.lying(step.guardian, gear.slot)):
                self._put(replace(other, is_equipped=other.id == gear.id))
        elif step.action is Action.PLUG:
            self._put(replace(gear, plugs=plugged(gear.plugs, step.socket or 0, step.plug or 0)))
        else:
            self._put(replace(gear, is_locked=step.action is Action.LOCK))

    def _lay(self, gear: Gear, quantity: int, holder: int, bucket: int) -> None:
        """Lay so much of it there: onto the stack that lies there, or else as one of its own. The rest stays."""
        there = self.stack_like(gear, holder, bucket)
        moved = replace(gear, quantity=min(quantity, gear.quantity), holder=holder, bucket=bucket)
        if moved.quantity < gear.quantity:
            self._put(replace(gear, quantity=gear.quantity - moved.quantity))
            moved = replace(moved, id=uuid4())
        elif there is not None:
            del self.gear[gear.id]
        self._put(moved if there is None else replace(there, quantity=there.quantity + moved.quantity))

    def stack_like(self, gear: Gear, holder: int, bucket: int) -> Gear | None:
        """Return the stack there onto which this one can be laid."""
        if gear.instance_id is not None:
            return None
        return self.find(gear.hash, None, holder, bucket)

    def _put(self, gear: Gear) -> None:
        self.gear[gear.id] = gear
