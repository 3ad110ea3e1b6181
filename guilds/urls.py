"""Addresses under /guilds/. Realm and guild are Blizzard's slugs, which may hold any letters."""

from django.urls import path

from guilds import views

app_name = "guilds"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("<str:region>/<str:realm>/<str:slug>/", views.overview, name="overview"),
    path("<str:region>/<str:realm>/<str:slug>/roster/", views.roster, name="roster"),
]
