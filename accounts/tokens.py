"""Model field for encrypted tokens that are bound to their row."""

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.encoding import force_bytes
from django_cryptography.core.signing import FernetSigner
from django_cryptography.fields import encrypt
from django_cryptography.utils.crypto import FernetBytes, InvalidToken, pbkdf2, salted_hmac
from django_cryptography.utils.crypto import settings as cryptography

logger = logging.getLogger(__name__)
# As the library derives a key from CRYPTOGRAPHY_KEY.
ITERATIONS = 30_000


class EncryptedToken(bytes):
    """A token as it is stored."""

    def __repr__(self) -> str:
        return "<encrypted>"


class BoundSigner(FernetSigner):
    """Signs the ciphertext together with associated data: the place it belongs to."""

    def __init__(self, place: str, key: bytes) -> None:
        # Derived from the encryption key. The default is SECRET_KEY, which can be rotated separately.
        super().__init__(salted_hmac("accounts.tokens", "signature", key, algorithm="sha256").finalize())
        self.place = place.encode()

    def signature(self, value: bytes | str) -> bytes:
        """Sign the place, prefixed with its length, and the ciphertext."""
        signed: bytes = super().signature(len(self.place).to_bytes(4, "big") + self.place + force_bytes(value))
        return signed


@cache
def derived(secret: str) -> bytes:
    """Return the encryption key for one of settings.TOKEN_KEYS."""
    key: bytes = pbkdf2(secret, cryptography.SALT, ITERATIONS, digest=cryptography.DIGEST)
    return key


class DecryptOnRead(DeferredAttribute):
    """Decrypts the value on access, when its row is known."""

    field: "EncryptedTokenField"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        value = super().__get__(instance, owner)
        return self.field.decrypt_for(value, instance) if isinstance(value, EncryptedToken) else value

    def __set__(self, instance: Any, value: Any) -> None:
        # Makes this a data descriptor, so that __get__ also runs for values in the instance.
        instance.__dict__[self.field.attname] = value


class EncryptedTokenField(encrypt(models.TextField)):  # type: ignore[misc]
    """An encrypted text that can be decrypted only in its own row and column. The model's `token_owner` names the row.

    It reads as None if it was copied from another row, or if the key it was encrypted with is in neither
    CRYPTOGRAPHY_KEY nor its fallbacks: the user then has to sign in again, but no page fails.
    """

    descriptor_class = DecryptOnRead

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return this field for migrations; the library would return the plain text field inside."""
        name, _, args, kwargs = super().deconstruct()
        return name, f"{type(self).__module__}.{type(self).__name__}", args, kwargs

    def from_db_value(self, value: Any, *args: Any, **kwargs: Any) -> EncryptedToken | None:
        return None if value is None else EncryptedToken(value)

    def decrypt_for(self, value: EncryptedToken, instance: models.Model) -> str | None:
        """Return the decrypted token, or None if it belongs to another row or cannot be decrypted."""
        for key in settings.TOKEN_KEYS:
            if (token := self._decrypted(value, instance, key)) is not None:
                return token
        logger.warning(
            "A stored Battle.net token cannot be read: CRYPTOGRAPHY_KEY was changed, or the token is not of this "
            "row. Its owner must sign in again."
        )
        return None

    def has_current_key(self, value: EncryptedToken, instance: models.Model) -> bool:
        """Return whether a token is encrypted with CRYPTOGRAPHY_KEY and not with a fallback."""
        return self._decrypted(value, instance, settings.TOKEN_KEYS[0]) is not None

    def encrypt_for(self, token: str, instance: models.Model) -> EncryptedToken:
        """Return the token encrypted with CRYPTOGRAPHY_KEY and bound to the row."""
        return EncryptedToken(self._cipher(instance, settings.TOKEN_KEYS[0]).encrypt(token))

    def pre_save(self, model_instance: models.Model, add: bool) -> EncryptedToken | None:
        """Encrypt a new token for this row; one that was not touched goes back as it came."""
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, EncryptedToken):
            return value
        return self.encrypt_for(value, model_instance)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Return the ciphertext. Raises TypeError for plain text, as in `QuerySet.update`: it has no row."""
        if value is None:
            return None
        if value and not isinstance(value, EncryptedToken):
            raise TypeError("A token is written by saving its row.")
        # Fixtures contain an empty text, see `value_to_string`.
        return connection.Database.Binary(value or b"")

    def value_to_string(self, obj: models.Model) -> str:
        """Return an empty text, so that `dumpdata` does not write the token in clear."""
        return ""

    def _decrypted(self, value: EncryptedToken, instance: models.Model, secret: str) -> str | None:
        try:
            token: bytes = self._cipher(instance, secret).decrypt(bytes(value))
            return token.decode()
        except (InvalidToken, BadSignature, ValueError):
            return None

    def _cipher(self, instance: Any, secret: str) -> FernetBytes:
        key = derived(secret)
        return FernetBytes(key, signer=BoundSigner(f"{instance.token_owner}/{self.attname}", key))
