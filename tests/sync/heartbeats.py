"""Heartbeats of workers and schedulers, for tests without processes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from sync.models import Heartbeat


def heartbeat(
    name: str, *, kind: str = "worker", queues: Sequence[str] = (), ago: float = 0, **fields: Any
) -> Heartbeat:
    """Write the last heartbeat, some seconds ago."""
    seen = timezone.now() - timedelta(seconds=ago)
    known: dict[str, Any] = {"kind": kind, "queues": list(queues), "seen_at": seen, "first_seen_at": seen}
    return Heartbeat.objects.update_or_create(name=name, defaults=known | fields)[0]
