"""Addresses of a guild's ranks, sets and personal grants, under /guilds/."""

from django.urls import path

from permissions import views

app_name = "permissions"
GUILD = "<guild:address>"
urlpatterns = [
    path(f"{GUILD}/ranks/", views.ranks, name="ranks"),
    path(f"{GUILD}/ranks/sets/new/", views.new_set, name="new_set"),
    path(f"{GUILD}/ranks/sets/<uuid:set_id>/", views.edit_set, name="edit_set"),
    path(f"{GUILD}/ranks/sets/<uuid:set_id>/delete/", views.delete_set, name="delete_set"),
    path(f"{GUILD}/ranks/grants/new/", views.new_grant, name="new_grant"),
    path(f"{GUILD}/ranks/grants/<uuid:grant_id>/end/", views.end_grant, name="end_grant"),
]
