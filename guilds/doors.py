"""The one door to a guild: whoever wants to see or change one comes through here."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from guilds.models import Guild, Visibility


def guild_or_404(
    request: HttpRequest, region: str, realm: str, slug: str, perm: str = "guilds.view", *, public: bool = True
) -> Guild:
    """The guild at this address, for somebody who holds `perm` there.

    A guild that everybody may see lets everybody in, except to pages that are not `public`.

    Raises Http404 for outsiders, so that they cannot learn which guilds exist, and PermissionDenied (403)
    for members without the right.
    """
    guild = Guild.objects.at(region, realm, slug).select_related("realm", "ledger").first()
    if guild is None or guild.deleted_at is not None:
        raise Http404
    if request.user.has_perm(perm, guild):
        return guild
    if public and perm == "guilds.view" and guild.visibility == Visibility.EVERYBODY:
        return guild
    if request.user.is_authenticated and Guild.objects.of(request.user).filter(pk=guild.pk).exists():
        raise PermissionDenied
    raise Http404
