"""System checks: what is senseless in a running installation is said at its start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register


@register(deploy=True)
def site_uses_https(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Battle.net takes redirect addresses with https only, except on localhost."""
    if settings.HTTPS or settings.SITE_HOST in {"localhost", "127.0.0.1"}:
        return []
    return [
        Warning(
            f"SITE_URL {settings.SITE_URL} is not https: Battle.net will refuse its redirect address.",
            id="guildsite.W001",
        )
    ]


@register(deploy=True)
def proxies_are_counted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Something in front of the site speaks https for it, and every visitor seems to come from there."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES:
        return []
    return [
        Info(
            "SITE_URL is https and TRUSTED_PROXIES is 0: all visitors share one limit for signing in.",
            id="guildsite.I001",
        )
    ]


@register()
def site_host_is_allowed(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A site that refuses its own address answers every visitor with 400."""
    if settings.SITE_HOST in settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        return []
    return [Error(f"ALLOWED_HOSTS lacks the host of SITE_URL, {settings.SITE_HOST}.", id="guildsite.E001")]
