"""Alt notes: whose alt a character is, as officers know it, if its player never signed in. They give no permissions."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from guilds.access import lock_guild
from guilds.member_names import members_by_name, name_problem
from guilds.models import Guild, Membership


class AltNoteForm(forms.Form):
    """The name of the main."""

    main = forms.CharField(
        label=_("Alt of"),
        max_length=130,
        help_text=_("The main's name. Use Name-Realm if two members share a name."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


@transaction.atomic
def add_alt_note(*, guild: Guild, actor: User, alt: Membership, main_name: str) -> Membership:
    """Note that a member is the alt of the one named `main_name` (Name-Realm if two share the name).

    Its own noted alts move to that main. Raises PermissionDenied, and ValidationError with the reason.
    """
    lock_guild(guild, actor, "guilds.manage_roster")
    noted = guild.memberships.select_related("character").get(pk=alt.pk)
    _check_unlinked(noted)
    found = members_by_name(guild).get(main_name.strip().casefold(), [])
    if len(found) != 1:
        raise ValidationError(name_problem(main_name.strip(), found))
    main = found[0].noted_main or found[0]
    if main.pk == noted.pk:
        raise ValidationError(gettext("A character is not its own alt."))
    _note([noted], main)
    return noted


@transaction.atomic
def add_alt_notes(*, guild: Guild, actor: User, alts: Iterable[Membership], main: Membership) -> int:
    """Note that these members are alts of `main`, or of its main; return how many. The main itself can be among them.

    Their own noted alts move with them. Raises PermissionDenied, and ValidationError if one of them has a player.
    """
    lock_guild(guild, actor, "guilds.manage_roster")
    chosen = guild.memberships.select_related("noted_main").get(pk=main.pk)
    # A selection that includes the main of the chosen one makes the chosen one the main.
    ids = {alt.pk for alt in alts}
    noted_main = chosen.noted_main
    final = chosen if noted_main is None or noted_main.pk in ids else noted_main
    noted = list(guild.memberships.select_related("character").filter(pk__in=ids - {final.pk}))
    for one in noted:
        _check_unlinked(one)
    guild.memberships.filter(pk=final.pk).update(noted_main=None)
    _note(noted, final)
    return len(noted)


def _check_unlinked(alt: Membership) -> None:
    if alt.character.user_id is not None:
        raise ValidationError(
            gettext("%(name)s: Battle.net already says whose character this is.") % {"name": alt.character.name}
        )


def _note(alts: list[Membership], main: Membership) -> None:
    """Note the alts, and with them those that were noted as theirs."""
    ids = [alt.pk for alt in alts]
    theirs = Membership.objects.filter(Q(pk__in=ids) | Q(noted_main__in=ids)).exclude(pk=main.pk)
    theirs.update(noted_main=main, updated_at=timezone.now())


@transaction.atomic
def remove_alt_note(*, guild: Guild, actor: User, alt: Membership) -> None:
    """Remove the note that a member is somebody's alt. Raises PermissionDenied."""
    lock_guild(guild, actor, "guilds.manage_roster")
    guild.memberships.filter(pk=alt.pk).update(noted_main=None)
