"""App configuration."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The app `api`."""

    name = "api"

    def ready(self) -> None:
        from accounts.personal_data import register
        from api.personal_data import SECTION

        register(SECTION)
