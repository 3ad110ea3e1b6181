"""URLs under /guilds/."""

from django.urls import path

from guilds import deletion, export_addresses, mains, member_page, my_guilds
from guilds.away import leave_views as leaves
from guilds.away import views as away
from guilds.former_members import views as former_members
from guilds.notes import views as notes
from guilds.overview import views as overview
from guilds.roster import export, saved_views, selection
from guilds.roster import views as roster
from guilds.settings import views as settings
from guilds.settings.services import GRACE, LINK_DAYS
from guilds.timeline import views as timeline
from guilds.todo import views as todo

app_name = "guilds"
GUILD = "<guild:address>"
FORMER = f"{GUILD}/former-members/<uuid:former_id>"
MEMBER = f"{GUILD}/members/<uuid:character_id>"
urlpatterns = [
    path("", my_guilds.mine, name="mine"),
    path(f"{GUILD}/", overview.overview, name="overview"),
    path(f"{GUILD}/main/", mains.main, name="main"),
    path(f"{GUILD}/roster/", roster.roster, name="roster"),
    path(f"{GUILD}/roster/views/", saved_views.views, name="roster_views"),
    path(f"{GUILD}/roster/views/<uuid:view_id>/delete/", saved_views.delete, name="delete_view"),
    path(f"{GUILD}/roster/csv/", export.roster_csv, name="roster_csv"),
    path(f"{GUILD}/roster/address/", export_addresses.roster_address, name="roster_address"),
    path(f"{GUILD}/timeline/address/", export_addresses.timeline_address, name="timeline_address"),
    path(f"{GUILD}/roster/json/", export.roster_json, name="roster_json"),
    path(f"{GUILD}/roster/selected/", selection.selected, name="selected"),
    path(f"{GUILD}/timeline/", timeline.timeline, name="timeline"),
    path(f"{GUILD}/timeline/csv/", timeline.timeline_csv, name="timeline_csv"),
    path(f"{GUILD}/timeline/feed/", timeline.feed_address, name="feed_address"),
    path("feeds/<str:token>/", timeline.feed, name="feed"),
    path(f"{GUILD}/settings/", settings.settings, name="settings"),
    path(f"{GUILD}/settings/grace/", settings.duration, {"setting": GRACE}, name="grace"),
    path(f"{GUILD}/settings/sign-ins/", settings.duration, {"setting": LINK_DAYS}, name="link_days"),
    path(f"{GUILD}/settings/delete/", deletion.delete, name="delete"),
    path(f"{GUILD}/settings/deleted/", deletion.deleted, name="deleted"),
    path(f"{MEMBER}/", member_page.member, name="member"),
    path(f"{MEMBER}/notes/", member_page.write_note, name="write_note"),
    path(f"{MEMBER}/alt-of/", member_page.alt_note, name="alt_note"),
    path(f"{MEMBER}/main/", member_page.choose_main, name="choose_main"),
    path(f"{MEMBER}/todo/", member_page.add_todo, name="add_todo"),
    path(f"{MEMBER}/leave/", leaves.note, name="note_leave"),
    path(f"{GUILD}/former-members/", former_members.former_members, name="former_members"),
    path(f"{FORMER}/", former_members.former_member, name="former_member"),
    path(f"{FORMER}/notes/", former_members.write_note, name="note_former"),
    path(f"{GUILD}/flags/<uuid:flag_id>/remove/", former_members.remove, name="remove_flag"),
    path(f"{GUILD}/notes/", notes.notes, name="notes"),
    path(f"{GUILD}/notes/<uuid:note_id>/", notes.note, name="note"),
    path(f"{GUILD}/notes/<uuid:note_id>/delete/", notes.delete, name="delete_note"),
    path(f"{GUILD}/todo/", todo.todo, name="todo"),
    path(f"{GUILD}/todo/remove/", todo.remove_todo, name="remove_todo"),
    path(f"{GUILD}/away/", away.away, name="away"),
    path(f"{GUILD}/away/rules/new/", away.new_rule, name="new_rule"),
    path(f"{GUILD}/away/rules/<uuid:rule_id>/", away.rule, name="rule"),
    path(f"{GUILD}/away/rules/<uuid:rule_id>/delete/", away.remove_rule, name="delete_rule"),
    path(f"{GUILD}/away/leaves/<uuid:leave_id>/delete/", leaves.delete_noted, name="delete_leave"),
]
