"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from guildsite import health

urlpatterns = [
    path("", include("accounts.urls")),
    path("characters/", include("characters.urls")),
    path("guilds/", include("guilds.urls")),
    path("guilds/", include("permissions.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]
