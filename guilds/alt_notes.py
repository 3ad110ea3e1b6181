"""Alt notes: whose alt a character is, as officers know it, if its player never signed in. They give no permissions."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
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
    if noted.character.user_id is not None:
        raise ValidationError(gettext("Battle.net already says whose character this is."))
    found = members_by_name(guild).get(main_name.strip().casefold(), [])
    if len(found) != 1:
        raise ValidationError(name_problem(main_name.strip(), found))
    main = found[0].noted_main or found[0]
    if main.pk == noted.pk:
        raise ValidationError(gettext("A character is not its own alt."))
    noted.noted_main = main
    noted.save(update_fields=("noted_main", "updated_at"))
    noted.noted_alts.update(noted_main=main)
    return noted


@transaction.atomic
def remove_alt_note(*, guild: Guild, actor: User, alt: Membership) -> None:
    """Remove the note that a member is somebody's alt. Raises PermissionDenied."""
    lock_guild(guild, actor, "guilds.manage_roster")
    guild.memberships.filter(pk=alt.pk).update(noted_main=None)
