"""App configurations of the wiring: system checks and the admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class GuildsiteConfig(AppConfig):
    """Registers the system checks."""

    name = "guildsite"

    def ready(self) -> None:
        """Connect what registers itself on import."""
        from guildsite import checks  # noqa: F401


class GuildsiteAdminConfig(AdminConfig):
    """The Django admin, entered through Battle.net like the rest of the site."""

    default_site = "guildsite.admin_site.GuildsiteAdminSite"
