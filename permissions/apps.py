"""App configuration."""

from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    """The app `permissions`."""

    name = "permissions"

    def ready(self) -> None:
        """Listen for new guilds."""
        from permissions import receivers  # noqa: F401
