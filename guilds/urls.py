"""URLs under /guilds/."""

from django.urls import path

from guilds import my_guilds
from guilds.alt_notes import views as alt_note_views
from guilds.deletion import views as deletion_views
from guilds.mains import views as main_views
from guilds.members import views as member_views
from guilds.notes import views as note_views
from guilds.overview import views as overview_views
from guilds.roster import views as roster_views
from guilds.settings import views as settings_views
from guilds.timeline import views as timeline_views
from guilds.todo import views as todo_views

app_name = "guilds"
GUILD = "<guild:address>"
MEMBER = f"{GUILD}/members/<uuid:character_id>"
urlpatterns = [
    path("", my_guilds.mine, name="mine"),
    path(f"{GUILD}/", overview_views.overview, name="overview"),
    path(f"{GUILD}/main/", main_views.main, name="main"),
    path(f"{GUILD}/roster/", roster_views.roster, name="roster"),
    path(f"{GUILD}/timeline/", timeline_views.timeline, name="timeline"),
    path(f"{GUILD}/settings/", settings_views.settings, name="settings"),
    path(f"{GUILD}/settings/grace/", settings_views.grace, name="grace"),
    path(f"{GUILD}/settings/sign-ins/", settings_views.link_days, name="link_days"),
    path(f"{GUILD}/settings/delete/", deletion_views.delete, name="delete"),
    path(f"{GUILD}/settings/deleted/", deletion_views.deleted, name="deleted"),
    path(f"{MEMBER}/", member_views.member, name="member"),
    path(f"{MEMBER}/notes/", note_views.write_note, name="write_note"),
    path(f"{MEMBER}/alt-of/", alt_note_views.alt_note, name="alt_note"),
    path(f"{MEMBER}/main/", main_views.choose_main, name="choose_main"),
    path(f"{MEMBER}/todo/", todo_views.add_todo, name="add_todo"),
    path(f"{GUILD}/notes/", note_views.notes, name="notes"),
    path(f"{GUILD}/notes/<uuid:note_id>/", note_views.note, name="note"),
    path(f"{GUILD}/notes/<uuid:note_id>/delete/", note_views.delete, name="delete_note"),
    path(f"{GUILD}/todo/", todo_views.todo, name="todo"),
    path(f"{GUILD}/todo/remove/", todo_views.remove_todo, name="remove_todo"),
]
