"""App configuration."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The app `sync`; connects the signal of signing in."""

    name = "sync"

    def ready(self) -> None:
        from accounts.personal_data import register
        from sync.engine import kinds, providers
        from sync.personal_data import SECTION
        from sync.wow import receivers  # noqa: F401
        from sync.wow.kinds import KINDS
        from sync.wow.provider import blizzard

        providers.register("blizzard", blizzard)
        kinds.register(KINDS)
        register(SECTION)
