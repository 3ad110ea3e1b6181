"""The list of a player's loadouts: those built here, and the game's own of each guardian."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.signed_in import SignedInRequest
from destiny.door import OwnDestiny
from destiny.loadouts.game import game_loadouts, identifiers, instances_in
from destiny.loadouts.sentences import class_in_words
from destiny.manifest.readers import manifest_of
from sync.destiny.pages.own import head_of, own_page


@own_page
def loadouts(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """List the player's loadouts."""
    manifest, guardians = manifest_of(request), list(own.guardians)
    listed = own.loadouts.select_related("share")
    context = {
        **head_of(own),
        "manifest": manifest,
        "guardians": guardians,
        "loadouts": [(one, class_in_words(one.class_type), len(one.items)) for one in listed],
    }
    if manifest is not None:
        items = own.items.filter(instance_id__in=instances_in(guardians)).defer("details")
        in_game = game_loadouts(manifest, identifiers(manifest), guardians, list(items))
        context["in_game"] = [(one, in_game[one.character_id]) for one in guardians]
    return render(request, "destiny/loadouts.html", context)
