"""App configuration."""

from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _


class GuildsConfig(AppConfig):
    """The app `guilds`."""

    name = "guilds"
    verbose_name = _("Guilds")

    def ready(self) -> None:
        from accounts.personal_data import register
        from api import areas
        from guilds.access import GuildConverter
        from guilds.api.area import AREA
        from guilds.personal_data import SECTION

        register_converter(GuildConverter, "guild")
        register(SECTION)
        areas.register("guilds", AREA)
