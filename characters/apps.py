"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CharactersConfig(AppConfig):
    """The app `characters`."""

    name = "characters"
    verbose_name = _("Characters")

    def ready(self) -> None:
        from accounts.personal_data import register
        from characters.personal_data import SECTION

        register(SECTION)
