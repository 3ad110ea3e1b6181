"""Encrypt stored tokens again, with the current CRYPTOGRAPHY_KEY, after the earlier one became a fallback."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction

from accounts.tokens import EncryptedToken, EncryptedTokenField

BATCH = 500  # rows


@dataclass
class Rotation:
    """Counts of tokens that were encrypted again, that had the current key already, and that no key can read."""

    rotated: int = 0
    current: int = 0
    unreadable: int = 0


def rotate_tokens(*, batch: int = BATCH) -> Rotation:
    """Encrypt all tokens with CRYPTOGRAPHY_KEY that are encrypted with a fallback.

    Each batch of rows is locked and committed separately: a run that ends early, or at the same time as another one,
    loses nothing, and the next run does the rest. Unreadable tokens stay as they are.
    """
    result = Rotation()
    for model, fields in _encrypted():
        last = 0
        while (read_up_to := _rotate_batch(model, fields, last, batch, result)) is not None:
            last = read_up_to
    return result


def _rotate_batch(
    model: type[models.Model], fields: list[EncryptedTokenField], after: int, batch: int, result: Rotation
) -> int | None:
    """Rotate the next rows in the order of their ids. Returns the last id, or None if there are no more."""
    with transaction.atomic():
        # In one order everywhere, so that two runs cannot block each other.
        rows = list(model._default_manager.select_for_update(of=("self",)).filter(pk__gt=after).order_by("pk")[:batch])
        for row in rows:
            changed = {field.attname: token for field in fields if (token := _rotated(field, row, result))}
            if changed:
                # Other columns, such as updated_at, stay: to the player, nothing has changed.
                model._default_manager.filter(pk=row.pk).update(**changed)
    return rows[-1].pk if rows else None


def _rotated(field: EncryptedTokenField, row: models.Model, result: Rotation) -> EncryptedToken | None:
    """Return the token encrypted with the current key, or None if there is nothing to do."""
    stored = row.__dict__[field.attname]
    if not stored:
        return None
    if field.has_current_key(stored, row):
        result.current += 1
        return None
    token = field.decrypt_for(stored, row)
    if token is None:
        result.unreadable += 1
        return None
    result.rotated += 1
    return field.encrypt_for(token, row)


def _encrypted() -> Iterator[tuple[type[models.Model], list[EncryptedTokenField]]]:
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTokenField)]
        if fields:
            yield model, fields
