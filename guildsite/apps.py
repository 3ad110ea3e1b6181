"""App configurations for the system checks and the admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class GuildsiteConfig(AppConfig):
    """Registers the system checks, and the loader of timestamps."""

    name = "guildsite"

    def ready(self) -> None:
        from guildsite import checks  # noqa: F401
        from guildsite.timestamps import use_timestamp_loader

        use_timestamp_loader()


class GuildsiteAdminConfig(AdminConfig):
    """The Django admin with Battle.net as its sign-in."""

    default_site = "guildsite.admin_site.GuildsiteAdminSite"
