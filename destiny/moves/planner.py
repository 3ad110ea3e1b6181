"""Plan the steps to what a player wishes, or say in one sentence why there are none, before anything is sent.

The planner carries every step out on a copy of the inventory, so each is planned with what the earlier ones leave. What
nobody knows beforehand, such as an activity in which equipment is locked, is left to the game to refuse.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum

from destiny.moves.goals import Action, Aim, Goal, Why
from destiny.moves.inventory import ANY_CLASS, POSTMASTER, UNSET, VAULT, Gear, Inventory, Step


class Reason(StrEnum):
    """Why a goal is impossible (`destiny.moves.sentences` has the words)."""

    GONE = "gone"
    BOUND = "bound"
    WRONG_CLASS = "wrong_class"
    NOT_EQUIPPABLE = "not_equippable"
    NOT_LOCKABLE = "not_lockable"
    NOT_LOST = "not_lost"
    STILL_LOST = "still_lost"
    VAULT_FULL = "vault_full"
    NO_ROOM = "no_room"
    STACK_FULL = "stack_full"
    QUANTITY = "quantity"
    NOTHING_ELSE = "nothing_else"
    SAME_SLOT = "same_slot"
    SECOND_EXOTIC = "second_exotic"
    NO_GUARDIAN = "no_guardian"
    ALREADY = "already"
    TOO_MANY = "too_many"
    NO_MANIFEST = "no_manifest"


class Impossible(Exception):
    """The game's rules leave no way to a goal."""

    def __init__(self, goal: int, reason: Reason) -> None:
        super().__init__(reason.value)
        self.goal = goal
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, in order; and of several goals those that are impossible, by their place."""

    steps: tuple[Step, ...]
    left_out: Mapping[int, Reason] = field(default_factory=dict)


def plan(inventory: Inventory, goals: Sequence[Goal]) -> Plan:
    """Plan all goals that are possible. Raises Impossible, for the first of them, if none is."""
    left_out: dict[int, Reason] = {}
    while True:
        wanted = {number: goal for number, goal in enumerate(goals) if number not in left_out}
        try:
            return Plan(tuple(_Planner(inventory.copy(), wanted).steps()), left_out)
        except Impossible as error:
            left_out[error.goal] = error.reason
            if len(left_out) == len(goals):
                first = min(left_out)
                raise Impossible(first, left_out[first]) from None


class _Planner:
    """Plans some goals on an inventory, which it changes. The `goal` is the one that it plans at the moment."""

    def __init__(self, inventory: Inventory, goals: Mapping[int, Goal]) -> None:
        self._inventory = inventory
        self._goals = goals
        self._goal = 0
        self._steps: list[Step] = []
        self._wished = {goal.item for goal in goals.values()}

    def steps(self) -> list[Step]:
        """Bring what is wished, equip it with exotics last, then change plugs and locks."""
        for goal, gear in self._each():
            self._check(goal, gear)
        self._check_together()
        for goal, gear in self._each(Aim.MOVE, Aim.EQUIP, Aim.PULL):
            self._bring(gear, goal)
        for is_exotic in (False, True):
            for goal, gear in self._each(Aim.EQUIP):
                if bool(gear.unique_label) is is_exotic:
                    self._equip(gear, goal.guardian)
        for goal, gear in self._each(Aim.EQUIP):
            self._change_plugs(gear, goal)
        for goal, gear in self._each(Aim.LOCK, Aim.UNLOCK):
            self._change_lock(gear, is_locked=goal.aim is Aim.LOCK)
        return self._steps

    def _each(self, *aims: Aim) -> Iterator[tuple[Goal, Gear]]:
        """Yield the goals with these aims, or all, each with its item as it lies then; they are planned meanwhile."""
        for number, goal in self._goals.items():
            if not aims or goal.aim in aims:
                self._goal = number
                gear = self._inventory.gear.get(goal.item)
                if gear is None:
                    raise self._impossible(Reason.GONE)
                yield goal, gear

    def _impossible(self, reason: Reason) -> Impossible:
        return Impossible(self._goal, reason)

    def _do(self, action: Action, gear: Gear, guardian: int, why: Why = Why.GOAL) -> None:
        now = replace(self._inventory.gear[gear.id], quantity=gear.quantity)
        is_account_slot = self._inventory.buckets[gear.slot].is_account
        self._add(Step(action, now, guardian, self._goal, why, is_account_slot=is_account_slot))

    def _add(self, step: Step) -> None:
        self._steps.append(step)
        self._inventory.apply(step)

    # --- rules -------------------------------------------------------------------------------------------------------

    def _check(self, goal: Goal, gear: Gear) -> None:
        if not self._inventory.guardians:
            raise self._impossible(Reason.NO_GUARDIAN)
        self._part(gear, goal)  # Raises if there are not that many.
        if goal.aim is Aim.EQUIP:
            self._check_equippable(gear, goal.guardian)
        if goal.aim is Aim.PULL and gear.bucket != POSTMASTER:
            raise self._impossible(Reason.NOT_LOST)
        if goal.aim is Aim.MOVE and gear.bucket == POSTMASTER and gear.instance_id is None:
            # Once it is pulled, it is a part of another stack.
            raise self._impossible(Reason.STILL_LOST)
        if goal.aim in (Aim.LOCK, Aim.UNLOCK) and not (gear.is_lockable and gear.instance_id):
            raise self._impossible(Reason.NOT_LOCKABLE)

    def _part(self, gear: Gear, goal: Goal) -> Gear:
        """Return so much of a stack as is wished, or the whole item."""
        if goal.quantity is None:
            return gear
        if not 0 < goal.quantity <= gear.quantity:
            raise self._impossible(Reason.QUANTITY)
        return replace(gear, quantity=goal.quantity)

    def _check_equippable(self, gear: Gear, guardian: int) -> None:
        if not gear.is_equippable:
            raise self._impossible(Reason.NOT_EQUIPPABLE)
        if not self._fits_class(gear, guardian):
            raise self._impossible(Reason.WRONG_CLASS)

    def _fits_class(self, gear: Gear, guardian: int) -> bool:
        return gear.class_type in (ANY_CLASS, self._inventory.guardians[guardian])

    def _check_together(self) -> None:
        """Check that no two goals equip items which one guardian cannot wear together."""
        slots: set[tuple[int, int]] = set()
        labels: set[tuple[int, str]] = set()
        for goal, gear in self._each(Aim.EQUIP):
            if (goal.guardian, gear.slot) in slots:
                raise self._impossible(Reason.SAME_SLOT)
            if gear.unique_label and (goal.guardian, gear.unique_label) in labels:
                raise self._impossible(Reason.SECOND_EXOTIC)
            slots.add((goal.guardian, gear.slot))
            labels.add((goal.guardian, gear.unique_label))

    def _check_transferrable(self, gear: Gear) -> None:
        if not self._can_transfer(gear):
            raise self._impossible(Reason.BOUND)

    def _can_transfer(self, gear: Gear) -> bool:
        return gear.is_transferrable and self._inventory.buckets[gear.slot].has_transfers

    # --- moving ------------------------------------------------------------------------------------------------------

    def _bring(self, gear: Gear, goal: Goal) -> None:
        """Move the item to where the goal wants it, through the vault if another guardian has it."""
        gear = self._part(gear, goal)
        if gear.bucket == POSTMASTER:
            self._make_room(gear, gear.holder)
            self._do(Action.PULL, gear, gear.holder)
            if goal.aim is Aim.PULL:
                return
            gear = self._inventory.gear[gear.id]
        if self._is_at(gear, goal.guardian):
            return
        self._check_transferrable(gear)
        if gear.is_equipped:
            self._take_off(gear)
        if gear.bucket != VAULT:
            self._make_room_in_vault(gear, is_final=not goal.guardian)
            self._do(Action.TO_VAULT, gear, gear.holder or self._any_guardian())
            # A stack is now a part of the one there, or another one.
            gear = replace(self._inventory.stack_like(gear, 0, VAULT) or gear, quantity=gear.quantity)
        if goal.guardian:
            self._make_room(gear, goal.guardian)
            self._do(Action.FROM_VAULT, gear, goal.guardian)

    def _is_at(self, gear: Gear, guardian: int) -> bool:
        if not guardian:
            return gear.bucket == VAULT
        return (gear.holder, gear.bucket) == self._inventory.home(gear, guardian)

    def _any_guardian(self) -> int:
        return next(iter(self._inventory.guardians))

    def _make_room(self, gear: Gear, guardian: int) -> None:
        """Move the item that will be missed least from the full bucket to the vault."""
        holder, bucket = self._inventory.home(gear, guardian)
        if self._inventory.has_room(gear, holder, bucket):
            return
        if gear.instance_id is None or not holder:
            raise self._impossible(Reason.STACK_FULL if gear.instance_id is None else Reason.NO_ROOM)
        lying = self._inventory.lying(holder, bucket)
        least = _least(one for one in lying if not one.is_equipped and self._is_free(one))
        if least is None:
            raise self._impossible(Reason.NO_ROOM)
        self._make_room_in_vault(least, is_final=False)
        self._do(Action.TO_VAULT, least, guardian, Why.ROOM)

    def _make_room_in_vault(self, gear: Gear, *, is_final: bool) -> None:
        """Move an item from a full vault to a guardian with room, so that others can pass through.

        Not for an item that is to stay in the vault: somebody who fills it wants to tidy up themselves.
        """
        if self._inventory.has_room(gear, 0, VAULT):
            return
        if self._inventory.stack_like(gear, 0, VAULT) is not None:
            raise self._impossible(Reason.STACK_FULL)
        places = () if is_final else self._ways_out()
        found = min(places, key=lambda one: one[0].value, default=None)
        if found is None:
            raise self._impossible(Reason.VAULT_FULL)
        self._do(Action.FROM_VAULT, found[0], found[1], Why.ROOM)

    def _ways_out(self) -> Iterator[tuple[Gear, int]]:
        """Yield items of the vault, each with a guardian who has room for it."""
        buckets = self._inventory.buckets
        lying = Counter((one.holder, one.bucket) for one in self._inventory.gear.values())
        for one in self._inventory.lying(0, VAULT):
            if self._is_free(one) and not buckets[one.slot].is_account:
                for place in ((guardian, one.slot) for guardian in self._inventory.guardians):
                    if lying[place] < buckets[one.slot].size:
                        yield one, place[0]

    def _is_free(self, gear: Gear) -> bool:
        """Return whether an item can be moved to make room: nobody wished for it, and no earlier step brought it."""
        return gear.instance_id is not None and gear.id not in self._wished and self._can_transfer(gear)

    # --- wearing -----------------------------------------------------------------------------------------------------

    def _equip(self, gear: Gear, guardian: int) -> None:
        if gear.is_equipped:
            return
        if gear.unique_label:
            for other in list(self._inventory.worn(guardian)):
                if other.unique_label == gear.unique_label and other.slot != gear.slot:
                    self._take_off(other, unlike=gear.unique_label)
        self._do(Action.EQUIP, gear, guardian)

    def _take_off(self, gear: Gear, *, unlike: str = "") -> None:
        """Equip another item of the slot, that the guardian carries or else has in the vault; none with this label."""
        guardian = gear.holder
        taken = {one.unique_label for one in self._inventory.worn(guardian) if one.slot != gear.slot} | {unlike}
        other = self._strongest(gear, self._inventory.lying(guardian, gear.slot), taken)
        if other is None:
            stored = (one for one in self._inventory.lying(0, VAULT) if self._can_transfer(one))
            other = self._strongest(gear, stored, taken)
            if other is None:
                raise self._impossible(Reason.NOTHING_ELSE)
            self._wished.add(other.id)
            self._make_room(other, guardian)
            self._do(Action.FROM_VAULT, other, guardian, Why.SWAP)
        self._do(Action.EQUIP, other, guardian, Why.SWAP)

    def _strongest(self, gear: Gear, candidates: Iterable[Gear], taken: Set[str]) -> Gear | None:
        """Return the strongest of the candidates that can be equipped instead; an exotic if there is nothing else."""
        possible = (
            one
            for one in candidates
            if one.slot == gear.slot
            and one.id not in self._wished
            and one.is_equippable
            and (not one.unique_label or one.unique_label not in taken)
            and self._fits_class(one, gear.holder)
        )
        return max(possible, key=lambda one: (not one.unique_label, one.power, one.instance_id or 0), default=None)

    # --- plugs and locks ---------------------------------------------------------------------------------------------

    def _change_plugs(self, gear: Gear, goal: Goal) -> None:
        """Change plugs, those first that free energy for others."""
        costs, now = self._inventory.plug_costs, dict(enumerate(gear.plugs))

        def more_energy(change: tuple[int, int]) -> int:
            socket, plug = change
            return costs.get(plug, 0) - costs.get(now.get(socket, 0), 0)

        for socket, plug in sorted(sorted(goal.plugs.items()), key=more_energy):
            if plug not in (0, UNSET, now.get(socket)):
                self._add(Step(Action.PLUG, gear, goal.guardian, self._goal, Why.GOAL, socket, plug))

    def _change_lock(self, gear: Gear, *, is_locked: bool) -> None:
        if gear.is_locked != is_locked:
            action = Action.LOCK if is_locked else Action.UNLOCK
            self._do(action, gear, gear.holder or self._any_guardian())


def _least(gear: Iterable[Gear]) -> Gear | None:
    return min(gear, key=lambda one: one.value, default=None)
