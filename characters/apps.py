"""App configuration."""

from django.apps import AppConfig


class CharactersConfig(AppConfig):
    """The app `characters`."""

    name = "characters"
