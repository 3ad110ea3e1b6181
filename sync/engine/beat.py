"""The scheduler that beat runs with."""

import socket
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from sync.engine.heartbeats import Pulse


class WatchedScheduler(DatabaseScheduler):  # type: ignore[misc, unused-ignore]
    """Beat's scheduler out of the database, which signs each time it looks what is due."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pulse = Pulse(f"beat@{socket.gethostname()}", "beat")

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Send what is due; returns the seconds until the next look, five at most."""
        self._pulse.beat()
        return super().tick(*args, **kwargs)

    def close(self) -> None:
        """Beat ends on purpose."""
        super().close()
        self._pulse.end()
