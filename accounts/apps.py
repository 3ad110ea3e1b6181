"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app `accounts`."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import signals  # noqa: F401
        from accounts.account_data import SECTION
        from accounts.personal_data import register

        register(SECTION)
