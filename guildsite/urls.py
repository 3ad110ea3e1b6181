"""URLs of the site."""

from django.contrib import admin
from django.urls import include, path

from accounts.urls import bungie_urlpatterns
from characters.pictures import picture
from guilds.away import leave_views
from guilds.home import home
from guilds.live_updates import updates
from guildsite import api, destiny_api, error_pages, health
from guildsite.destiny_urls import only_with_destiny
from operations.metrics import metrics

handler400 = error_pages.bad_request
handler403 = error_pages.permission_denied
handler404 = error_pages.page_not_found
handler500 = error_pages.server_error

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("api.urls")),
    path("", include("sync.wow.pages.urls")),
    only_with_destiny(
        *bungie_urlpatterns,
        path("", include("sync.destiny.pages.urls")),
        path("api/", destiny_api.urls),
    ),
    path("home/", home, name="home"),
    path("account/leave/", leave_views.my_leave, name="account_leave"),
    path("account/leave/<uuid:leave_id>/delete/", leave_views.delete_my_leave, name="account_delete_leave"),
    path("updates/<str:token>", updates, name="updates"),
    path("pictures/<uuid:key>", picture, name="picture"),
    path("guilds/", include("guilds.urls")),
    path("guilds/", include("permissions.urls")),
    path("api/v1/", api.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
]
