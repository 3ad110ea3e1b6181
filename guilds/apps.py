"""App configuration."""

from django.apps import AppConfig
from django.urls import register_converter


class GuildsConfig(AppConfig):
    """The app `guilds`."""

    name = "guilds"

    def ready(self) -> None:
        from accounts.personal_data import register
        from guilds.access import GuildConverter
        from guilds.personal_data import SECTION

        register_converter(GuildConverter, "guild")
        register(SECTION)
