"""The page that a link to a loadout opens, for everybody who has the link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from destiny.loadouts.build import Build, without_instances
from destiny.loadouts.comparison import listed
from destiny.loadouts.sentences import class_in_words
from destiny.loadouts.services import shared_loadout
from destiny.manifest.readers import manifest_of


@require_safe
@never_cache
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show a loadout as it is now, without anything of its owner that the owner did not choose to show."""
    share, manifest = shared_loadout(token), manifest_of(request)
    if share is None or manifest is None:
        raise Http404
    build = without_instances(Build.of(share.loadout))
    context = {
        "build": build,
        "class_name": class_in_words(build.class_type),
        "owner": share.loadout.membership.name if share.shows_name else "",
        "content": listed(build, manifest),
    }
    response = render(request, "destiny/loadout_shared.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
