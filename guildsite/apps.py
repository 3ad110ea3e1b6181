"""App configurations for the system checks and the admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class GuildsiteConfig(AppConfig):
    """Registers the system checks and the loader of timestamps, and lets names of columns be translated."""

    name = "guildsite"

    def ready(self) -> None:
        from guildsite import checks  # noqa: F401
        from guildsite.field_names import translate_field_names
        from guildsite.timestamps import use_timestamp_loader

        use_timestamp_loader()
        translate_field_names()


class GuildsiteAdminConfig(AdminConfig):
    """The Django admin with Battle.net as its sign-in."""

    default_site = "guildsite.admin_site.GuildsiteAdminSite"
