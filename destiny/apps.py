"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DestinyConfig(AppConfig):
    """The app `destiny`. It is always installed, so that its tables exist before somebody switches Destiny on."""

    name = "destiny"
    verbose_name = _("Destiny 2")

    def ready(self) -> None:
        from accounts.personal_data import register
        from api import areas
        from destiny.api.area import AREA
        from destiny.personal_data import SECTION

        register(SECTION)
        areas.register("destiny", AREA)
