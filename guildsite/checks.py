"""System checks of the settings."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register


@register(deploy=True)
def site_uses_https(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn about a SITE_URL without https: Battle.net accepts it only for localhost."""
    if settings.HTTPS or settings.SITE_HOST in {"localhost", "127.0.0.1"}:
        return []
    return [
        Warning(
            f"SITE_URL {settings.SITE_URL} is not https: Battle.net will refuse its redirect URL.", id="guildsite.W001"
        )
    ]


@register(deploy=True)
def proxies_are_counted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Point out that https without a trusted proxy makes all visitors share the proxy's IP address."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES:
        return []
    return [
        Info(
            "SITE_URL is https and TRUSTED_PROXIES is 0: all visitors share one rate limit for signing in.",
            id="guildsite.I001",
        )
    ]


@register()
def site_host_is_allowed(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse an ALLOWED_HOSTS without the site's own host: every request would get a 400."""
    if settings.SITE_HOST in settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        return []
    return [Error(f"ALLOWED_HOSTS does not contain the host of SITE_URL, {settings.SITE_HOST}.", id="guildsite.E001")]
