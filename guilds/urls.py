"""Addresses under /guilds/. Realm and guild are Blizzard's slugs, which may hold any letters."""

from django.urls import path

from guilds import views
from guilds.deletion import views as deletion_views
from guilds.mains import views as main_views
from guilds.members import views as member_views
from guilds.notes import views as note_views
from guilds.settings import views as settings_views
from guilds.timeline import views as timeline_views
from guilds.todo import views as plan_views

app_name = "guilds"
GUILD = "<guild:address>"
MEMBER = f"{GUILD}/members/<uuid:character_id>"
urlpatterns = [
    path("", views.mine, name="mine"),
    path(f"{GUILD}/", views.overview, name="overview"),
    path(f"{GUILD}/main/", main_views.main, name="main"),
    path(f"{GUILD}/roster/", views.roster, name="roster"),
    path(f"{GUILD}/timeline/", timeline_views.timeline, name="timeline"),
    path(f"{GUILD}/settings/", settings_views.settings, name="settings"),
    path(f"{GUILD}/settings/grace/", settings_views.grace, name="grace"),
    path(f"{GUILD}/settings/sign-ins/", settings_views.link_days, name="link_days"),
    path(f"{GUILD}/settings/delete/", deletion_views.delete, name="delete"),
    path(f"{GUILD}/settings/deleted/", deletion_views.deleted, name="deleted"),
    path(f"{MEMBER}/", member_views.member, name="member"),
    path(f"{MEMBER}/notes/", member_views.write_note, name="write_note"),
    path(f"{MEMBER}/alt-of/", member_views.alt_of, name="alt_of"),
    path(f"{MEMBER}/main/", member_views.choose_main, name="choose_main"),
    path(f"{MEMBER}/plan/", member_views.plan_member, name="plan_member"),
    path(f"{GUILD}/notes/", note_views.notes, name="notes"),
    path(f"{GUILD}/notes/<uuid:note_id>/", note_views.note, name="note"),
    path(f"{GUILD}/notes/<uuid:note_id>/delete/", note_views.delete, name="delete_note"),
    path(f"{GUILD}/plan/", plan_views.plan, name="plan"),
    path(f"{GUILD}/plan/withdraw/", plan_views.withdraw, name="withdraw"),
]
