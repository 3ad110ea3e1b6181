"""Moving items: between a character and the vault, and out of the postmaster."""

from sandbox.bungie.accounts.account import Item
from sandbox.bungie.actions.subject import Subject, subject_of
from sandbox.bungie.endpoints.endpoint import PlatformRequest
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.world import game


def transfer(request: PlatformRequest) -> int:
    """Move an item to the vault or from there to the character; from character to character takes both."""
    subject = subject_of(request)
    to_vault = subject.body.get("transferToVault")
    if not isinstance(to_vault, bool):
        # The real answer to a body without it, misleading as it is.
        raise PlatformError(1623, response=0)
    source = _at_hand if to_vault else _in_vault
    item = source(subject)
    _check_transferrable(subject, item)
    if to_vault:
        _move(subject, item, 0, game.VAULT)
    else:
        _move(subject, item, *_slot(subject, item))
    return 0


def pull_from_postmaster(request: PlatformRequest) -> int:
    """Move an item from the postmaster to where it belongs."""
    subject = subject_of(request)
    item = _named(subject, subject.guardian.id, game.POSTMASTER)
    _move(subject, item, *_slot(subject, item))
    return 0


def _at_hand(subject: Subject) -> Item:
    """Return the item that the character has, or the stack that the account has outside of the vault."""
    instance, hash_ = subject.number("itemId"), subject.number("itemReferenceHash")
    if not instance:
        bucket = subject.definitions.item(hash_)["inventory"]["bucketTypeHash"] if _is_known(subject, hash_) else 0
        return _named(subject, 0, bucket)
    item = subject.instance(instance)
    if item.holder != subject.guardian.id or item.bucket == game.POSTMASTER or item.hash != hash_:
        raise PlatformError(1623, response=0)
    if item.is_equipped:
        raise PlatformError(1656, response=0)
    return item


def _is_known(subject: Subject, hash_: int) -> bool:
    return hash_ in subject.definitions.tables["InventoryItem"]


def _in_vault(subject: Subject) -> Item:
    return _named(subject, 0, game.VAULT)


def _named(subject: Subject, holder: int, bucket: int) -> Item:
    """Return the item or stack that the body names, if it is there; raise PlatformError if not."""
    instance, hash_ = subject.number("itemId"), subject.number("itemReferenceHash")
    item = subject.instance(instance) if instance else subject.account.stack(hash_, holder, bucket)
    if item is None or (item.hash, item.holder, item.bucket) != (hash_, holder, bucket):
        raise PlatformError(1623, response=0)
    return item


def _check_transferrable(subject: Subject, item: Item) -> None:
    row = subject.row(item)
    if not game.BUCKETS[row["inventory"]["bucketTypeHash"]].transfers:
        raise PlatformError(1627, response=0)
    if row["nonTransferrable"]:
        raise PlatformError(1660, response=0)


def _slot(subject: Subject, item: Item) -> tuple[int, int]:
    """Return holder and bucket where an item belongs: some buckets are the whole account's."""
    bucket = subject.row(item)["inventory"]["bucketTypeHash"]
    return (0 if game.BUCKETS[bucket].scope else subject.guardian.id), bucket


def has_room(subject: Subject, holder: int, bucket: int) -> bool:
    """Return whether one more item fits, by the size that the definitions give."""
    size: int = subject.definitions.tables["InventoryBucket"][bucket]["itemCount"]
    return sum(1 for _ in subject.account.of(holder, bucket)) < size


def _move(subject: Subject, item: Item, holder: int, bucket: int) -> None:
    """Move an item, or ``stackSize`` of a stack; raise PlatformError without room."""
    if not item.instance:
        _move_stack(subject, item, holder, bucket)
        return
    if not has_room(subject, holder, bucket):
        raise PlatformError(1642, response=0)
    item.holder, item.bucket = holder, bucket


def _move_stack(subject: Subject, item: Item, holder: int, bucket: int) -> None:
    count = subject.number("stackSize")
    if not 0 < count <= item.quantity:
        raise PlatformError(1622, response=0)
    account, there = subject.account, subject.account.stack(item.hash, holder, bucket)
    if there is None:
        if not has_room(subject, holder, bucket):
            raise PlatformError(1642, response=0)
        there = Item(item.hash, 0, holder, bucket, 0)
        account.items.append(there)
    if there.quantity + count > subject.row(item)["inventory"]["maxStackSize"]:
        raise PlatformError(1642, response=0)
    there.quantity += count
    item.quantity -= count
    if not item.quantity:
        account.items.remove(item)
