"""Filling an account: equipment, bags, vault, postmaster, currencies and loadouts."""

from sandbox.bungie.accounts.account import TRACKED, Account, Guardian, Item, Loadout
from sandbox.bungie.accounts.rolls import Roller
from sandbox.bungie.people import Membership
from sandbox.bungie.world import game
from sandbox.bungie.world.activities import SOCIAL_MODE
from sandbox.bungie.world.belongings import BRIGHT_DUST_ITEM, GLIMMER_ITEM, SILVER_ITEM
from sandbox.bungie.world.definitions import Definitions, Json
from sandbox.world.rng import SeededRandom

_FIRST_GUARDIAN = 2_305_843_009_300_000_000
_LOST, _QUESTS, _LOADOUTS, _FEW = 6, 9, 3, 3
# Items of one kind in the vault, of which a good part are the same with other perks.
_DUPLICATES = 0.3
_STACKS = 40
# Minutes within which somebody who played still plays.
_JUST_NOW = 30
_WEEK = 7 * 86_400


def first_guardian_id(membership: Membership) -> int:
    """Return the id of a membership's first character; the others follow it."""
    return _FIRST_GUARDIAN + membership.id % 100_000_000 * 10


def fill_account(definitions: Definitions, seed: int, membership: Membership, now: float) -> Account:
    """Return the account of a membership, with about as many items as it says. Bounties expire in a week."""
    account, number = Account(), membership.id % 100_000_000
    filler = _Filler(definitions, account, SeededRandom(seed, "account", membership.id), number, now + _WEEK)
    for place in range(membership.guardians):
        filler.add_guardian(place, membership)
    if membership.guardians:
        filler.add_account_items()
        filler.fill_vault(membership.items)
        account.collected = filler.collected()
    return account


class _Filler:
    def __init__(
        self, definitions: Definitions, account: Account, rng: SeededRandom, number: int, expires_at: float
    ) -> None:
        self._definitions = definitions
        self._account = account
        self._rng = rng
        self._expires_at = expires_at
        self._roller = Roller(definitions, rng, number)
        self._rows: dict[tuple[int, int | None], list[Json]] = {}

    def _items_in(self, bucket: int, class_type: int | None) -> list[Json]:
        key = (bucket, class_type)
        if key not in self._rows:
            rows = self._definitions.items_in(bucket, class_type)
            self._rows[key] = [row for row in rows if row["itemType"] != game.DUMMY]
        return self._rows[key]

    def _add(self, row: Json, holder: int, bucket: int, *, quantity: int = 1, is_equipped: bool = False) -> Item:
        item = self._roller.item(row, holder, bucket, quantity=quantity, is_equipped=is_equipped)
        self._account.items.append(item)
        return item

    def add_guardian(self, place: int, membership: Membership) -> None:
        rng, class_type = self._rng, (place + membership.person.bungie_id) % 3
        guardian = Guardian(
            first_guardian_id(membership) + place,
            class_type,
            rng.below(3),
            rng.below(2),
            rng.between(900, 90_000),
        )
        self._account.guardians[guardian.id] = guardian
        if place == 0 and membership.minutes_ago < _JUST_NOW:
            guardian.is_online, guardian.activity = True, self._social_space()
        self._equip(guardian)
        self._fill_bags(guardian, few=membership.items < 200)
        self._add_pursuits(guardian)
        guardian.loadouts[:_LOADOUTS] = [self._loadout(guardian, number) for number in range(_LOADOUTS)]

    def _social_space(self) -> int:
        rows = self._definitions.tables["Activity"]
        return next(number for number, row in rows.items() if row["directActivityModeType"] == SOCIAL_MODE)

    def _equip(self, guardian: Guardian) -> None:
        """Equip one item in each slot; one weapon and one piece of armor are exotic."""
        exotic = {self._rng.pick(game.WEAPON_BUCKETS), self._rng.pick(game.ARMOR_BUCKETS[:4])}
        for bucket in game.EQUIPMENT:
            wanted = game.EXOTIC if bucket in exotic else game.LEGENDARY
            candidates = self._items_in(bucket, guardian.class_type)
            rows = [row for row in candidates if row["inventory"]["tierType"] == wanted]
            self._add(self._rng.pick(rows or candidates), guardian.id, bucket, is_equipped=True)

    def _fill_bags(self, guardian: Guardian, *, few: bool) -> None:
        for bucket in (*game.WEAPON_BUCKETS, *game.ARMOR_BUCKETS, game.GHOST, game.VEHICLE, game.SHIP):
            for _ in range(_FEW if few else self._rng.between(3, 9)):
                self._add(self._rng.pick(self._items_in(bucket, guardian.class_type)), guardian.id, bucket)
        for bucket in (game.EMBLEM, game.FINISHER):
            for row in self._rng.sample(self._items_in(bucket, None), 4):
                self._add(row, guardian.id, bucket)
        # All subclasses of the class, one of which is equipped already.
        equipped = {one.hash for one in self._account.equipped(guardian.id)}
        for row in self._items_in(game.SUBCLASS, guardian.class_type):
            if row["hash"] not in equipped:
                self._add(row, guardian.id, game.SUBCLASS)
        for _ in range(_LOST):
            bucket = self._rng.pick((*game.WEAPON_BUCKETS, *game.ARMOR_BUCKETS))
            self._add(self._rng.pick(self._items_in(bucket, guardian.class_type)), guardian.id, game.POSTMASTER)
        material = self._rng.pick(self._items_in(game.CONSUMABLES, None))
        self._add(material, guardian.id, game.POSTMASTER, quantity=12)

    def _add_pursuits(self, guardian: Guardian) -> None:
        for place, row in enumerate(self._rng.sample(self._items_in(game.QUESTS, None), _QUESTS)):
            item = self._add(row, guardian.id, game.QUESTS)
            item.state = TRACKED if place == 0 else 0
            item.expires_at = self._expires_at if row["itemType"] == game.BOUNTY else None
        for row in self._rng.sample(self._items_in(game.ENGRAMS, None), 2):
            self._add(row, guardian.id, game.ENGRAMS)

    def _loadout(self, guardian: Guardian, number: int) -> Loadout:
        """Return what is equipped, under the names of the constants' table."""
        constants = self._definitions.tables["LoadoutConstants"][1]
        name, icon, color = (constants[f"loadout{kind}Hashes"][number] for kind in ("Name", "Icon", "Color"))
        return Loadout(name, icon, color, snapshot(self._account, guardian.id))

    def add_account_items(self) -> None:
        for hash_, quantity in ((GLIMMER_ITEM, 187_500), (BRIGHT_DUST_ITEM, 6_420), (SILVER_ITEM, 0)):
            row = self._definitions.item(hash_)
            self._add(row, 0, row["inventory"]["bucketTypeHash"], quantity=quantity)
        for row in self._rng.sample(self._items_in(game.CONSUMABLES, None), _STACKS):
            self._add(row, 0, game.CONSUMABLES, quantity=self._rng.between(1, 999))

    def fill_vault(self, wanted: int) -> None:
        """Put weapons and armor into the vault until the account has so many items."""
        rows = [row for bucket in (*game.WEAPON_BUCKETS, *game.ARMOR_BUCKETS) for row in self._items_in(bucket, None)]
        rows += self._items_in(game.GHOST, None)
        last = self._rng.pick(rows)
        while len(self._account.items) < wanted:
            last = last if self._rng.chance(_DUPLICATES) else self._rng.pick(rows)
            self._add(last, 0, game.VAULT)

    def collected(self) -> set[int]:
        """Return the collectibles of all items here, and of some that were owned before."""
        tables = self._definitions.tables
        owned = {one.hash for one in self._account.items}
        return {
            number for number, row in tables["Collectible"].items() if row["itemHash"] in owned or self._rng.chance(0.4)
        }


# What a loadout remembers.
_LOADOUT_BUCKETS = (*game.WEAPON_BUCKETS, *game.ARMOR_BUCKETS, game.SUBCLASS, game.ARTIFACT)


def snapshot(account: Account, holder: int) -> list[tuple[int, list[int]]]:
    """Return what a character has equipped as a loadout remembers it: instances with their plugs."""
    return [(one.instance, list(one.plugs)) for one in account.equipped(holder) if one.bucket in _LOADOUT_BUCKETS]
