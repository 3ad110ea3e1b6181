"""A database field for secrets that belong to one row: encrypted, bound to the row, and None if either does not fit."""

import logging
from collections.abc import Sequence
from typing import Any

from django.core.signing import BadSignature
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.encoding import force_bytes
from django_cryptography.core.signing import FernetSigner
from django_cryptography.fields import encrypt
from django_cryptography.utils.crypto import FernetBytes, InvalidToken, salted_hmac
from django_cryptography.utils.crypto import settings as cryptography

logger = logging.getLogger(__name__)


class Sealed(bytes):
    """A token as the database has it."""

    def __repr__(self) -> str:
        return "<encrypted>"


class BoundSigner(FernetSigner):
    """Signs the ciphertext together with associated data: where the ciphertext belongs."""

    def __init__(self, place: str) -> None:
        # From the same key as the encryption: by default it would be SECRET_KEY, which can be changed by itself.
        super().__init__(salted_hmac("accounts.tokens", "signature", cryptography.KEY, algorithm="sha256").finalize())
        self.place = place.encode()

    def signature(self, value: bytes | str) -> bytes:
        """Sign the place, with its length in front, and the ciphertext."""
        signed: bytes = super().signature(len(self.place).to_bytes(4, "big") + self.place + force_bytes(value))
        return signed


class BoundToken(DeferredAttribute):
    """Decrypts a column's value when somebody reads it: only then is it known which row it is in."""

    field: "EncryptedTokenField"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        value = super().__get__(instance, owner)
        return self.field.opened(value, instance) if isinstance(value, Sealed) else value

    def __set__(self, instance: Any, value: Any) -> None:
        # A descriptor without it would not be asked for what is in the instance.
        instance.__dict__[self.field.attname] = value


class EncryptedTokenField(encrypt(models.TextField)):  # type: ignore[misc]
    """An encrypted text that can be read in its own row and column only. The model's `token_owner` names the row.

    It reads as None when it was copied from elsewhere, or when CRYPTOGRAPHY_KEY is not the one that it was written
    with. No page fails then: whoever needs the token sees that there is none, and asks for a new sign-in.
    """

    descriptor_class = BoundToken

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Migrations name this field itself; the library's would name the plain text field inside."""
        name, _, args, kwargs = super().deconstruct()
        return name, f"{type(self).__module__}.{type(self).__name__}", args, kwargs

    def from_db_value(self, value: Any, *args: Any, **kwargs: Any) -> Sealed | None:
        """The value as it is: it is decrypted when it is read."""
        return None if value is None else Sealed(value)

    def opened(self, value: Sealed, instance: models.Model) -> str | None:
        """The token in clear, or None when it is not this row's or cannot be read."""
        try:
            token: bytes = self._cipher(instance).decrypt(bytes(value))
            return token.decode()
        except (InvalidToken, BadSignature, ValueError):
            logger.warning(
                "A stored Battle.net token cannot be read: CRYPTOGRAPHY_KEY was changed, or the token is not of this "
                "row. Its owner must sign in again."
            )
            return None

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        """Encrypt a new token for this row; one that was not touched goes back as it came."""
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed(self._cipher(model_instance).encrypt(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Raises TypeError for a text outside of a row, as in `QuerySet.update`: it could not be bound."""
        if value is None:
            return None
        if value and not isinstance(value, Sealed):
            raise TypeError("A token is written by saving its row.")
        # An empty text is what a fixture has, see `value_to_string`.
        return connection.Database.Binary(value or b"")

    def value_to_string(self, obj: models.Model) -> str:
        """Nothing: `dumpdata` and its like would write the token in clear."""
        return ""

    def _cipher(self, instance: Any) -> FernetBytes:
        return FernetBytes(signer=BoundSigner(f"{instance.token_owner}/{self.attname}"))
