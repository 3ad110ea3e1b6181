"""URLs of the manifest, under /destiny/. They are in the namespace `destiny` (sync.destiny.pages.urls)."""

from django.urls import path

from destiny.manifest import views as manifest

urlpatterns = [
    path("manifest/", manifest.search_page, name="manifest"),
    path("manifest/<str:table>/<str:key>/", manifest.definition_page, name="definition"),
]
