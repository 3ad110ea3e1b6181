"""The column for a person who can be missing."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from accounts.models import User


def optional_person(*, related_name: str = "+", **options: Any) -> "models.ForeignKey[User | None, User | None]":
    """Return a foreign key to a user. It is cleared when the account is deleted; the row stays."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name=related_name,
        **options,
    )
