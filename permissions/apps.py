"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PermissionsConfig(AppConfig):
    """The app `permissions`."""

    name = "permissions"
    verbose_name = _("Permissions")

    def ready(self) -> None:
        from accounts.personal_data import register
        from permissions import services  # noqa: F401  # connects its receiver
        from permissions.personal_data import SECTION

        register(SECTION)
