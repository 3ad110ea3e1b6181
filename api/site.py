"""Make an API of the site, to which apps add their routers, and its addresses."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema

from api.answers import answered
from api.authentication import PersonalToken, Session
from api.errors import answer_errors

NINJAS_OWN = ("api-root", "openapi-json", "openapi-view")


class SiteAPI(NinjaAPI):
    """An API that describes itself once in each process, since that takes longer than any of its answers."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._described: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._described:
            self._described[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._described[prefix]


class Reference(DocsBase):
    """The page with all addresses of an API. Ninja's own needs scripts that the content security policy forbids."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        operations = [
            (method.upper(), path, operation, [_described(one) for one in operation["parameters"]])
            for path, methods in api.get_openapi_schema()["paths"].items()
            for method, operation in methods.items()
        ]
        schema_url = self.get_openapi_url(api, kwargs)
        return render(request, "api/reference.html", {"api": api, "operations": operations, "schema_url": schema_url})


def _described(parameter: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return a parameter with the values that it can have, if they are few."""
    schema = parameter["schema"]
    return parameter, ", ".join(map(str, schema.get("enum") or schema.get("items", {}).get("enum", ())))


def new_api(*, title: str, version: str, namespace: str, description: str = "") -> NinjaAPI:
    """Return an API whose addresses take a personal token or a session, with our errors."""
    api = SiteAPI(
        title=title,
        version=version,
        description=description,
        urls_namespace=namespace,
        auth=[PersonalToken(), Session()],
        docs=Reference(),
    )
    answer_errors(api)
    return api


def urls_of(api: NinjaAPI) -> tuple[list[URLPattern], str, str]:
    """Return the API's addresses for `path`, each with what `answered` adds."""
    patterns, app_name, namespace = api.urls
    plain = [one for one in patterns if isinstance(one, URLPattern)]
    for pattern in plain:
        # Ninja answers its own addresses whatever the method.
        view = require_safe(pattern.callback) if pattern.name in NINJAS_OWN else pattern.callback
        pattern.callback = answered(view)
    return plain, app_name, namespace
