"""Choosing mains, and going back to the automatic choice; each change is on the timeline."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from characters.models import Character
from guilds.access import lock_guild
from guilds.mains.recompute import NOBODYS_MAIN, lock_memberships, places_of, recompute_mains
from guilds.models import Guild, Membership, TimelineEvent
from guilds.timeline.services import new_event, record


class ChosenByPlayer(PermissionDenied):
    """The player chose their main themselves, which officers can't change."""


class NotTheirCharacter(PermissionDenied):
    """The character is not, or no longer, one of that player in the guild."""


@transaction.atomic
def set_main(*, guild: Guild, actor: User, person: User, membership: Membership | None) -> bool:
    """Choose a player's main in the guild, or set it back to automatic (None); return whether anything changed.

    Officers can do so for players who haven't chosen themselves. Raises NotTheirCharacter, ChosenByPlayer and
    PermissionDenied.
    """
    places = _locked_places(guild, actor, "guilds.view" if actor == person else "guilds.manage_roster", person)
    before = next((one for one in places if one.is_main), None)
    chosen = next((one for one in places if one == membership), None)
    choice = Membership.MainChoice.OWN if actor == person else Membership.MainChoice.OFFICER
    if membership is None and (before is None or not before.main_choice):
        return False
    if membership is not None and chosen is None:
        raise NotTheirCharacter(_("This character isn't one of theirs in this guild."))
    if before and before == chosen and before.main_choice == choice:
        return False
    _refuse_to_override(before, actor, person)
    # First clear, then set: a constraint allows one main per player and guild, even between statements.
    guild.memberships.filter(main_of=person).update(**NOBODYS_MAIN)
    if chosen is None:
        recompute_mains(user_ids=[person.pk])
        chosen = guild.memberships.select_related("character").get(main_of=person)
    else:
        chosen.main_of, chosen.main_choice, chosen.main_chosen_by = person, choice, actor
        chosen.save(update_fields=(*NOBODYS_MAIN, "updated_at"))
    _record(actor, person, before, chosen)
    return True


def _locked_places(guild: Guild, actor: User, perm: str, person: User) -> list[Membership]:
    """Return the player's memberships in the guild, locked against changes of owners and mains.

    Locks in the order in which the syncs do: guild, characters, memberships.
    """
    if lock_guild(guild, actor, perm).deleted_at is not None:
        raise PermissionDenied
    owned = Character.objects.filter(user=person, membership__guild=guild).order_by("region", "pk")
    # A list, so that the rows are read and locked now.
    owned_ids = list(owned.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    lock_memberships(places_of([person.pk]))
    return list(Membership.objects.filter(guild=guild, character__in=owned_ids).select_related("character"))


def _refuse_to_override(main: Membership | None, actor: User, person: User) -> None:
    if main is not None and main.main_choice == Membership.MainChoice.OWN and actor != person:
        raise ChosenByPlayer(
            _("%(person)s chose %(character)s as main themselves; only they can change that.")
            % {"person": person.display_name, "character": main.character.name}
        )


def _record(actor: User, person: User, before: Membership | None, after: Membership) -> None:
    event = new_event(
        after.guild_id,
        TimelineEvent.Kind.MAIN_CHOSEN,
        character=after.character,
        person=person,
        actor=actor,
        details={
            "before": before.character.name if before else None,
            "after": after.character.name,
            "choice": after.main_choice,
        },
    )
    record([event])
