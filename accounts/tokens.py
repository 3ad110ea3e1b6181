"""A database field for secrets that survives a lost key."""

import logging
import pickle
from collections.abc import Sequence
from typing import Any

from django.core.signing import BadSignature
from django.db import models
from django_cryptography.fields import encrypt
from django_cryptography.utils.crypto import InvalidToken

logger = logging.getLogger(__name__)


class EncryptedTokenField(encrypt(models.TextField)):  # type: ignore[misc]
    """An encrypted text that reads as None when CRYPTOGRAPHY_KEY is not the one it was written with.

    A page that lists a person must not fail because a key was changed or lost: whoever needs the
    token sees that there is none, and asks for a new sign-in.
    """

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Migrations name this field itself; the library's would name the plain text field inside."""
        name, _, args, kwargs = super().deconstruct()
        return name, f"{type(self).__module__}.{type(self).__name__}", args, kwargs

    def from_db_value(self, value: Any, *args: Any, **kwargs: Any) -> str | None:
        """The token in clear, or None when it cannot be read."""
        try:
            token = super().from_db_value(value, *args, **kwargs)
        except (InvalidToken, BadSignature, pickle.UnpicklingError, ValueError):
            logger.warning(
                "A stored Battle.net token cannot be read with this CRYPTOGRAPHY_KEY; its owner must sign in again."
            )
            return None
        return token if isinstance(token, str) else None

    def value_to_string(self, obj: models.Model) -> str:
        """Nothing: `dumpdata` and its like would write the token in clear."""
        return ""
