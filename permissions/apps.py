"""App configuration."""

from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    """The app `permissions`."""

    name = "permissions"

    def ready(self) -> None:
        from accounts.personal_data import register
        from permissions import services  # noqa: F401  # connects its receiver
        from permissions.personal_data import SECTION

        register(SECTION)
