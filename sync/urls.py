"""Addresses for asking Battle.net anew, under a guild's and a person's own."""

from django.urls import path

from sync.operations import views

app_name = "sync"
GUILD = "guilds/<guild:address>"
urlpatterns = [
    path("characters/refresh/", views.refresh_mine, name="refresh_mine"),
    path(f"{GUILD}/sync/", views.guild, name="guild"),
    path(f"{GUILD}/sync/refresh/", views.refresh_guild, name="refresh_guild"),
    path(f"{GUILD}/sync/retry/", views.retry, name="retry"),
]
