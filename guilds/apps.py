"""App configuration."""

from django.apps import AppConfig


class GuildsConfig(AppConfig):
    """The app `guilds`."""

    name = "guilds"
