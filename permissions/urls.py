"""The URLs of a guild's ranks, permission sets and personal grants, under /guilds/."""

from django.urls import path

from permissions import grant_views, set_views, views

app_name = "permissions"
RANKS = "<guild:address>/ranks/"
urlpatterns = [
    path(RANKS, views.ranks, name="ranks"),
    path(f"{RANKS}sets/new/", set_views.new_set, name="new_set"),
    path(f"{RANKS}sets/<uuid:set_id>/", set_views.edit_set, name="edit_set"),
    path(f"{RANKS}sets/<uuid:set_id>/delete/", set_views.delete_set, name="delete_set"),
    path(f"{RANKS}grants/new/", grant_views.new_grant, name="new_grant"),
    path(f"{RANKS}grants/<uuid:grant_id>/end/", grant_views.end_grant, name="end_grant"),
]
