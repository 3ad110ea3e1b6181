"""App configuration."""

from django.apps import AppConfig


class CharactersConfig(AppConfig):
    """The app `characters`."""

    name = "characters"

    def ready(self) -> None:
        from accounts.personal_data import register
        from characters.personal_data import SECTION

        register(SECTION)
