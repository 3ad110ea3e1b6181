"""The base model with a UUID and timestamps."""

import uuid

from django.db import models


class TimestampedModel(models.Model):
    """A model with a UUID as primary key and the times of its creation and last change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
