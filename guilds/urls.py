"""Addresses under /guilds/. Realm and guild are Blizzard's slugs, which may hold any letters."""

from django.urls import path

from guilds import settings_views, timeline_views, views

app_name = "guilds"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("<str:region>/<str:realm>/<str:slug>/", views.overview, name="overview"),
    path("<str:region>/<str:realm>/<str:slug>/roster/", views.roster, name="roster"),
    path("<str:region>/<str:realm>/<str:slug>/timeline/", timeline_views.timeline, name="timeline"),
    path("<str:region>/<str:realm>/<str:slug>/settings/", settings_views.settings, name="settings"),
    path("<str:region>/<str:realm>/<str:slug>/settings/grace/", settings_views.grace, name="grace"),
    path("<str:region>/<str:realm>/<str:slug>/settings/delete/", settings_views.delete, name="delete"),
    path("<str:region>/<str:realm>/<str:slug>/settings/deleted/", settings_views.deleted, name="deleted"),
]
