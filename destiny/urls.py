"""URLs under /destiny/."""

from django.urls import path

from destiny.manifest import views as manifest

app_name = "destiny"
urlpatterns = [
    path("manifest/", manifest.search_page, name="manifest"),
    path("manifest/<str:table>/<str:key>/", manifest.definition_page, name="definition"),
]
