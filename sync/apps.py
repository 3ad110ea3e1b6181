"""App configuration."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The app `sync`; connects the signal of signing in."""

    name = "sync"

    def ready(self) -> None:
        """Connect what registers itself on import."""
        from sync import receivers  # noqa: F401
