"""Inventories for the planner: small ones, so that buckets and vaults are full often."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from destiny.moves.goals import Aim, Goal
from destiny.moves.inventory import ANY_CLASS, POSTMASTER, VAULT, Bucket, Gear, Inventory

KINETIC, ENERGY_SLOT, HELMET, CHEST, SUBCLASS, CONSUMABLES = 1, 2, 3, 4, 5, 6
WEAPONS, ARMOR = (KINETIC, ENERGY_SLOT), (HELMET, CHEST)
SLOTS = (*WEAPONS, *ARMOR, SUBCLASS)
TITAN, HUNTER, WARLOCK = 0, 1, 2
# Plugs and their energy.
PLUG_COSTS = {901: 1, 902: 3, 903: 5, 904: 7}


def buckets(size: int, vault: int) -> dict[int, Bucket]:
    return {
        **dict.fromkeys((*WEAPONS, *ARMOR), Bucket(size)),
        SUBCLASS: Bucket(size, has_transfers=False),
        CONSUMABLES: Bucket(2, is_account=True),
        VAULT: Bucket(vault, is_account=True),
        POSTMASTER: Bucket(21, has_transfers=False),
    }


def gear(number: int, slot: int, **values: Any) -> Gear:
    """Return a weapon or a piece of armor, in its slot of guardian 1 unless told otherwise."""
    defaults: dict[str, Any] = {"bucket": slot, "holder": 1, "instance_id": 1_000 + number, "is_equippable": True}
    return Gear(id=UUID(int=number), hash=100 + slot, slot=slot, **defaults | {"is_lockable": True} | values)


def world(*items: Gear, size: int = 3, vault: int = 5, guardians: dict[int, int] | None = None) -> Inventory:
    return Inventory(
        guardians or {1: TITAN, 2: HUNTER}, buckets(size, vault), {one.id: one for one in items}, PLUG_COSTS
    )


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    """Guardians who wear something in each slot, carry more, and share a vault."""
    size, vault = draw(st.integers(2, 4)), draw(st.integers(0, 8))
    classes = draw(st.lists(st.sampled_from((TITAN, HUNTER, WARLOCK)), min_size=1, max_size=3))
    found = Inventory(dict(enumerate(classes, start=1)), buckets(size, vault), {}, PLUG_COSTS)
    for guardian, class_type in found.guardians.items():
        labels = draw(st.lists(st.sampled_from(("weapon", "armor")), unique=True))
        for slot in SLOTS:
            label = _label(slot)
            is_exotic = label in labels and draw(st.booleans())
            if is_exotic:
                labels.remove(label)
            _add(draw, found, slot, holder=guardian, bucket=slot, is_equipped=True, class_type=_class(slot, class_type),
                 unique_label=label if is_exotic else "")  # fmt: skip
            for _ in range(draw(st.integers(0, size - 1))):
                _add_any(draw, found, slot, holder=guardian, bucket=slot)
        for _ in range(draw(st.integers(0, 2))):
            _add_any(draw, found, draw(st.sampled_from(SLOTS[:-1])), holder=guardian, bucket=POSTMASTER)
        if draw(st.booleans()):
            _add_stack(draw, found, guardian, POSTMASTER)
    if draw(st.booleans()):
        _add_stack(draw, found, 0, CONSUMABLES)
    stacks = draw(st.integers(0, min(vault, 1)))
    for _ in range(stacks):
        _add_stack(draw, found, 0, VAULT)
    for _ in range(draw(st.integers(0, vault - stacks))):
        _add_any(draw, found, draw(st.sampled_from(SLOTS[:-1])), holder=0, bucket=VAULT)
    return found


def _label(slot: int) -> str:
    return "weapon" if slot in WEAPONS else "armor" if slot in ARMOR else ""


def _class(slot: int, class_type: int) -> int:
    return ANY_CLASS if slot in WEAPONS else class_type


def _add_any(draw: st.DrawFn, found: Inventory, slot: int, **values: Any) -> None:
    label = _label(slot) if draw(st.booleans()) else ""
    class_type = _class(slot, draw(st.sampled_from((TITAN, HUNTER, WARLOCK))))
    _add(draw, found, slot, unique_label=label, class_type=class_type, **values)


def _add(draw: st.DrawFn, found: Inventory, slot: int, **values: Any) -> None:
    plugs = tuple(draw(st.lists(st.sampled_from((901, 902)), min_size=3, max_size=3)))
    more = {
        "is_locked": draw(st.booleans()),
        "is_transferrable": draw(st.integers(0, 9)) > 0,
        "power": draw(st.integers(0, 5)),
        "tier": 6 if values["unique_label"] else 5,
        "plugs": plugs,
    }
    one = gear(len(found.gear) + 1, slot, **values | more)
    found.gear[one.id] = one


def _add_stack(draw: st.DrawFn, found: Inventory, holder: int, bucket: int) -> None:
    number = len(found.gear) + 1
    quantity = draw(st.integers(1, 6))
    one = Gear(UUID(int=number), 500, CONSUMABLES, bucket, holder, None, quantity, max_stack=8)
    found.gear[one.id] = one


@st.composite
def wishes(draw: st.DrawFn, inventory: Inventory) -> list[Goal]:
    """Some goals, each about another item."""
    keys = draw(st.lists(st.sampled_from(sorted(inventory.gear)), min_size=1, max_size=5, unique=True))
    return [draw(goals(inventory, key)) for key in keys]


@st.composite
def goals(draw: st.DrawFn, inventory: Inventory, key: UUID) -> Goal:
    aim = draw(st.sampled_from(list(Aim)))
    who = st.sampled_from(sorted(inventory.guardians))
    quantity = draw(st.one_of(st.none(), st.integers(0, 7))) if inventory.gear[key].instance_id is None else None
    if aim is Aim.MOVE:
        return Goal(key, aim, draw(st.one_of(st.just(0), who)), quantity=quantity)
    if aim is Aim.EQUIP:
        # Within the energy in the end: whether it is on the way is the planner's task.
        plugs = draw(st.sampled_from(({}, {0: 902, 1: 901}, {0: 904, 1: 901, 2: 901}, {2: 903, 0: 901})))
        return Goal(key, aim, draw(who), plugs)
    return Goal(key, aim, quantity=quantity)
