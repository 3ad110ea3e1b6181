"""Whose alt a character is, as officers know it: for people who never signed in here. Shown only; it gives no right."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.access import lock_guild
from guilds.models import Guild, Membership, MembershipQuerySet

MANAGE = "guilds.manage_roster"


@transaction.atomic
def note_main(*, guild: Guild, actor: User, alt: Membership, main_name: str) -> Membership:
    """Note that a member's character is the alt of the one called `main_name` (with realm, where two are called so).

    Alts of alts are noted for the main itself. Raises PermissionDenied, and ValidationError with the reason.
    """
    lock_guild(guild, actor, MANAGE)
    members = guild.memberships.select_related("character__realm", "noted_main__character")
    noted = members.get(pk=alt.pk)
    if noted.character.user_id is not None:
        raise ValidationError(_("The site knows from Battle.net whose character this is."))
    main = _named(members, main_name)
    main = main.noted_main or main
    if main.pk == noted.pk:
        raise ValidationError(_("A character is not its own alt."))
    noted.noted_main = main
    noted.save(update_fields=("noted_main", "updated_at"))
    noted.noted_alts.update(noted_main=main)
    return noted


@transaction.atomic
def forget_main(*, guild: Guild, actor: User, alt: Membership) -> None:
    """Take such a note back. Raises PermissionDenied."""
    lock_guild(guild, actor, MANAGE)
    guild.memberships.filter(pk=alt.pk).update(noted_main=None)


def _named(members: MembershipQuerySet, name: str) -> Membership:
    called, _dash, realm = name.strip().partition("-")
    found = [
        one
        for one in members.filter(character__name__iexact=called)
        if not realm or realm.strip().casefold() in {one.character.realm.name.casefold(), one.character.realm.slug}
    ]
    if not found:
        raise ValidationError(_("Nobody of that name is in the guild."))
    if len(found) > 1:
        names = ", ".join(f"{one.character.name}-{one.character.realm.name}" for one in found)
        raise ValidationError(_("Several are called so: %(names)s. Which one?") % {"names": names})
    return found[0]
