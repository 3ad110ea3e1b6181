"""The URLs of a guild's ranks, permission sets and personal grants, under /guilds/."""

from django.urls import path

from permissions import first_steps, views

app_name = "permissions"
RANKS = "<guild:address>/ranks/"
urlpatterns = [
    path(RANKS, views.ranks, name="ranks"),
    path(f"{RANKS}first-steps/", first_steps.first_steps, name="first_steps"),
    path(f"{RANKS}sets/new/", views.new_set, name="new_set"),
    path(f"{RANKS}sets/<uuid:set_id>/", views.edit_set, name="edit_set"),
    path(f"{RANKS}sets/<uuid:set_id>/delete/", views.delete_set, name="delete_set"),
    path(f"{RANKS}grants/new/", views.new_grant, name="new_grant"),
    path(f"{RANKS}grants/<uuid:grant_id>/end/", views.end_grant, name="end_grant"),
]
