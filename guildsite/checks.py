"""System checks of the settings. Web, workers and scheduler do not start with an error among them."""

import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register, run_checks

from guildsite.environment import CONFIGURATION_ERROR, GENERATE

# Django's test runner adds "testserver" to ALLOWED_HOSTS.
LOCAL_HOSTS = {"localhost", ".localhost", "127.0.0.1", "::1", "[::1]", "testserver"}
# How generated keys begin that are not for a real site: those of Django's startproject, of the demo and of the tests.
PUBLISHED_PREFIXES = ("django-insecure-", "demo-only-", "test-only-", "bench-only-")
FEWEST_DIFFERENT_CHARACTERS = 10


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


@register()
def bungie_accepts_the_site(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn about a SITE_URL that Bungie does not accept in a redirect URL: nobody could sign in with it."""
    is_real = (urlsplit(settings.BUNGIE_URL).hostname or "").endswith("bungie.net")
    if not settings.DESTINY_ENABLED or not is_real or (settings.HTTPS and settings.SITE_HOST != "localhost"):
        return []
    return [
        Warning(
            f"SITE_URL {settings.SITE_URL}: Bungie accepts only redirect URLs with https, and none on localhost.",
            hint="Use https://, and for development https://127.0.0.1 instead of localhost.",
            id="guildsite.W002",
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


@register()
def keys_are_private(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse keys that others can know or guess, on a site that others can reach."""
    if {settings.SITE_HOST, *settings.ALLOWED_HOSTS} <= LOCAL_HOSTS:
        return []
    keys = [("SECRET_KEY", settings.SECRET_KEY), ("CRYPTOGRAPHY_KEY", settings.TOKEN_KEYS[0])]
    keys += [("SECRET_KEY_FALLBACKS", key) for key in settings.SECRET_KEY_FALLBACKS]
    return [
        Error(f"{name} is not safe on {settings.SITE_URL}, {reason}: {GENERATE}", id="guildsite.E002")
        for name, key in keys
        if (reason := _weakness_of(key))
    ]


def _weakness_of(key: str) -> str:
    if key.startswith(PUBLISHED_PREFIXES):
        return f"it begins with {key[: key.index('-', key.index('-') + 1)]} and so is an example"
    if len(set(key)) < FEWEST_DIFFERENT_CHARACTERS:
        return "it repeats a few characters"
    return ""


def require_no_errors() -> None:
    """End the process if a system check finds an error. Django's commands do so, gunicorn and Celery do not."""
    errors = [one for one in run_checks() if one.is_serious() and not one.is_silenced()]
    for error in errors:
        sys.stderr.write(f"guildsite: {error.msg} ({error.id})\n")
    if errors:
        raise SystemExit(CONFIGURATION_ERROR)
