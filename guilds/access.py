"""The one door to a guild: whoever wants to see or change one comes through here."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.models import User
from guilds.deletion.guild_masters import can_restore
from guilds.models import Guild, LinkState, Membership, Visibility


class UnconfirmedLink(PermissionDenied):
    """The person is linked to a member of the guild, but the link gives no rights at present; `place` knows why."""

    def __init__(self, place: Membership) -> None:
        self.place = place
        super().__init__(f"{place.link_state}")


def guild_or_404(
    request: HttpRequest,
    region: str,
    realm: str,
    slug: str,
    perm: str = "guilds.view",
    *others: str,
    public: bool = False,
) -> Guild:
    """The guild at this address, for somebody who holds `perm` there, or one of `others`.

    A guild that everybody may see lets everybody in to those pages that say they are `public`.

    Raises Http404 for outsiders, so that they cannot learn which guilds exist, PermissionDenied (403) for members
    without the right, and UnconfirmedLink (403) for those whose characters there give no rights at present.
    """
    guild = Guild.objects.at(region, realm, slug).select_related("realm", "ledger").first()
    if guild is None or guild.deleted_at is not None:
        raise Http404
    if any(request.user.has_perm(one, guild) for one in (perm, *others)):
        return guild
    if public and perm == "guilds.view" and guild.visibility == Visibility.EVERYBODY:
        return guild
    if isinstance(request.user, User):
        _refuse_member(guild, request.user)
    raise Http404


def _refuse_member(guild: Guild, user: User) -> None:
    """Raise what a member gets; do nothing for an outsider."""
    places = list(guild.memberships.linked_to(user).select_related("character").order_by("rank", "pk"))
    for place in places:
        # As the door has loaded it.
        place.guild = guild
    if any(place.link_state == LinkState.CONFIRMED for place in places):
        raise PermissionDenied
    if places:
        raise UnconfirmedLink(places[0])


def deleted_guild_or_404(request: HttpRequest, region: str, realm: str, slug: str) -> Guild:
    """The deleted guild at this address, for somebody who can restore it. Raises Http404 for everybody else."""
    guild = Guild.objects.restorable().at(region, realm, slug).select_related("realm").first()
    if guild is None or not isinstance(request.user, User) or not can_restore(request.user, guild):
        raise Http404
    return guild


def lock_guild(guild: Guild, actor: User, perm: str) -> Guild:
    """The guild as it is now, which nobody else changes until the transaction ends, for somebody who holds `perm`.

    That is asked anew: the roster may have changed since the person came through the door. Raises PermissionDenied.
    """
    locked = Guild.objects.select_for_update(no_key=True).get(pk=guild.pk)
    if not User.objects.get(pk=actor.pk).has_perm(perm, locked):
        raise PermissionDenied
    return locked
