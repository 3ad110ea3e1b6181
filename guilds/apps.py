"""App configuration."""

from django.apps import AppConfig


class GuildsConfig(AppConfig):
    """The app `guilds`."""

    name = "guilds"

    def ready(self) -> None:
        """Say what personal data the app stores."""
        from accounts.personal_data import register
        from guilds.personal_data import SECTION

        register(SECTION)
