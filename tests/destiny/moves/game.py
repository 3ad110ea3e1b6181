"""The game's rules about items, written apart from the planner: it does a step, or breaks a rule."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from destiny.moves.goals import Action
from destiny.moves.inventory import ANY_CLASS, POSTMASTER, VAULT, Gear, Inventory, Step


class RuleBroken(Exception):
    """Bungie would refuse the step with this code."""


@dataclass
class Game:
    """A world with one account, in which steps are done."""

    inventory: Inventory
    items: dict[UUID, Gear]

    @classmethod
    def of(cls, inventory: Inventory) -> "Game":
        return cls(inventory, dict(inventory.gear))

    def do(self, step: Step) -> None:
        """Do a step. Raises RuleBroken."""
        item = self.items.get(step.gear.id) if step.gear.instance_id else self._stack(step.gear)
        if item is None:
            raise RuleBroken("1623: no such item")
        {
            Action.TO_VAULT: self._store,
            Action.FROM_VAULT: self._take,
            Action.PULL: self._pull,
            Action.EQUIP: self._equip,
            Action.PLUG: self._plug,
            Action.LOCK: self._lock,
            Action.UNLOCK: self._lock,
        }[step.action](item, step)

    def _stack(self, gear: Gear) -> Gear | None:
        """Return the stack that lies where the step takes one."""
        place = (gear.hash, gear.holder, gear.bucket)
        return next((one for one in self.items.values() if (one.hash, one.holder, one.bucket) == place), None)

    def _store(self, item: Gear, step: Step) -> None:
        bucket = self.inventory.buckets[item.slot]
        holder = 0 if bucket.is_account else step.guardian
        if (item.holder, item.bucket) != (holder, item.slot):
            raise RuleBroken("1623: the guardian doesn't have it")
        if item.is_equipped:
            raise RuleBroken("1656: it is equipped")
        self._transfer(item, step, 0, VAULT)

    def _take(self, item: Gear, step: Step) -> None:
        if item.bucket != VAULT:
            raise RuleBroken("1623: it is not in the vault")
        self._transfer(item, step, self._home(item, step), item.slot)

    def _transfer(self, item: Gear, step: Step, holder: int, bucket: int) -> None:
        if not item.is_transferrable or not self.inventory.buckets[item.slot].has_transfers:
            raise RuleBroken("1660: it can't be transferred")
        self._put(item, step.gear.quantity, holder, bucket)

    def _pull(self, item: Gear, step: Step) -> None:
        if (item.holder, item.bucket) != (step.guardian, POSTMASTER):
            raise RuleBroken("1623: it is not at the postmaster")
        self._put(item, step.gear.quantity, self._home(item, step), item.slot)

    def _home(self, item: Gear, step: Step) -> int:
        return 0 if self.inventory.buckets[item.slot].is_account else step.guardian

    def _put(self, item: Gear, quantity: int, holder: int, bucket: int) -> None:
        if not 0 < quantity <= item.quantity:
            raise RuleBroken("1622: there are not that many")
        there = [one for one in self.items.values() if (one.holder, one.bucket) == (holder, bucket)]
        same = [one for one in there if item.instance_id is None and one.hash == item.hash]
        if same:
            total = same[0].quantity + quantity
            if total > item.max_stack:
                raise RuleBroken("1642: the stack is full")
            self.items[same[0].id] = replace(same[0], quantity=total)
        elif len(there) >= self.inventory.buckets[bucket].size:
            raise RuleBroken("1642: no room")
        else:
            key = item.id if quantity == item.quantity else uuid4()
            self.items[key] = replace(item, id=key, quantity=quantity, holder=holder, bucket=bucket)
        if quantity < item.quantity:
            self.items[item.id] = replace(item, quantity=item.quantity - quantity)
        elif same:
            del self.items[item.id]

    def _equip(self, item: Gear, step: Step) -> None:
        if (item.holder, item.bucket) != (step.guardian, item.slot):
            raise RuleBroken("1623: the guardian doesn't have it")
        if not item.is_equippable or item.class_type not in (ANY_CLASS, self.inventory.guardians[step.guardian]):
            raise RuleBroken("1639: it can't be equipped")
        worn = [one for one in self.items.values() if one.is_equipped and one.holder == step.guardian]
        if any(item.unique_label and one.unique_label == item.unique_label and one.slot != item.slot for one in worn):
            raise RuleBroken("1641: a second exotic")
        for other in worn:
            if other.slot == item.slot:
                self.items[other.id] = replace(other, is_equipped=False)
        self.items[item.id] = replace(self.items[item.id], is_equipped=True)

    def _plug(self, item: Gear, step: Step) -> None:
        assert step.socket is not None
        assert step.plug is not None
        plugs = list(item.plugs)
        if plugs[step.socket] == step.plug:
            raise RuleBroken("1679: it is in the socket already")
        plugs[step.socket] = step.plug
        if sum(self.inventory.plug_costs.get(plug, 0) for plug in plugs) > ENERGY:
            raise RuleBroken("1676: not enough energy")
        self.items[item.id] = replace(item, plugs=tuple(plugs))

    def _lock(self, item: Gear, step: Step) -> None:
        if not item.is_lockable or not item.instance_id:
            raise RuleBroken("1622: it can't be locked")
        self.items[item.id] = replace(item, is_locked=step.action is Action.LOCK)


# Of a piece of armor.
ENERGY = 10
