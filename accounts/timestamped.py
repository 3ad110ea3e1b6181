"""The columns that every table of ours begins with."""

import uuid

from django.db import models


class TimestampedModel(models.Model):
    """A row with an id of our own and the times of its making and last change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
