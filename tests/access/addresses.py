"""The names of all addresses, from the URL configuration."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def names() -> list[str]:
    """Return the names of all views outside the admin, with their namespaces. A view without a name is an error."""
    return [name for name in _walk(get_resolver()) if not name.startswith("admin:")]


def admin_names() -> list[str]:
    """Return the names of the admin's views."""
    return [name for name in _walk(get_resolver()) if name.startswith("admin:")]


def _walk(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _walk(one, f"{namespace}{one.namespace}:" if one.namespace else namespace)
        elif isinstance(one, URLPattern):
            yield f"{namespace}{one.name}"
