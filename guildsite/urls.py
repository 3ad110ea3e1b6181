"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from guildsite import health
from sync.metrics import metrics

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("sync.urls")),
    path("characters/", include("characters.urls")),
    path("guilds/", include("guilds.urls")),
    path("guilds/", include("permissions.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
]
