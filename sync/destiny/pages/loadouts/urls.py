"""URLs of the pages of loadouts."""

from django.urls import path

from sync.destiny.pages.loadouts import builder, game, loadout, overview, shared, transfer

LOADOUT = "loadouts/<uuid:loadout_id>"
urlpatterns = [
    path("loadouts/", overview.loadouts, name="loadouts"),
    path("loadouts/new/", builder.new, name="new_loadout"),
    path("loadouts/import/", transfer.import_dim, name="import_loadouts"),
    path("loadouts/export/", transfer.export_all, name="export_loadouts"),
    path("loadouts/shared/<str:token>/", shared.shared, name="shared_loadout"),
    path("loadouts/game/<int:guardian_id>/<int:number>/", game.game_loadout, name="game_loadout"),
    path(f"{LOADOUT}/", loadout.loadout, name="loadout"),
    path(f"{LOADOUT}/edit/", builder.edit, name="edit_loadout"),
    path(f"{LOADOUT}/apply/", loadout.apply, name="apply_loadout"),
    path(f"{LOADOUT}/share/", loadout.share, name="share_loadout"),
    path(f"{LOADOUT}/delete/", loadout.delete, name="delete_loadout"),
    path(f"{LOADOUT}/export/", transfer.export_one, name="export_loadout"),
]
