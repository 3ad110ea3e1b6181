"""Addresses that exist only while the settings switch Destiny on."""

from typing import Any

from django.conf import settings
from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RoutePattern


class DestinyResolver(URLResolver):
    """Finds its addresses while Destiny is on, and none otherwise: then each is a 404 like any unknown one."""

    def resolve(self, path: Any) -> ResolverMatch:
        if not settings.DESTINY_ENABLED:
            raise Resolver404({"path": path})
        return super().resolve(path)


def only_with_destiny(*patterns: URLPattern | URLResolver) -> DestinyResolver:
    """Return the patterns as one that can be switched off."""
    return DestinyResolver(RoutePattern("", is_endpoint=False), list(patterns))
