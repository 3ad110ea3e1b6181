"""App configuration."""

from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    """The app `permissions`."""

    name = "permissions"

    def ready(self) -> None:
        from accounts.personal_data import register
        from permissions import receivers  # noqa: F401
        from permissions.personal_data import SECTION

        register(SECTION)
