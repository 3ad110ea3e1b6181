"""Mains: the automatic choice, recomputed when a rank, level, item level or owner changes, and choices by people."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from characters.models import Character
from guilds.access import GuildRequest, guild_page, lock_guild
from guilds.models import Guild, Membership, TimelineEvent
from guilds.timeline.services import new_event, record

AUTOMATIC = ""
NOBODYS_MAIN: dict[str, Any] = {"main_of": None, "main_choice": "", "main_chosen_by": None}


class MainForm(forms.Form):
    """One of the user's characters in a guild, or the automatic choice."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, places: Sequence[Membership]) -> None:
        self.places = {str(one.pk): one for one in places}
        self.chosen = next((one for one in places if one.is_chosen_main), None)
        super().__init__(data, initial={"main": str(self.chosen.pk) if self.chosen else AUTOMATIC})
        choices = [(AUTOMATIC, _("Automatic")), *((key, one.character.name) for key, one in self.places.items())]
        self.fields["main"] = forms.ChoiceField(label=_("Your main"), choices=choices, required=False)

    @property
    def has_a_choice(self) -> bool:
        return len(self.places) > 1 or self.chosen is not None

    def membership(self) -> Membership | None:
        return self.places.get(self.cleaned_data["main"])


@transaction.atomic(savepoint=False)
def recompute_mains(*, user_ids: Collection[Any] = (), guild_ids: Collection[Any] = ()) -> int:
    """Choose the main of each player in each guild concerned; return how many memberships changed.

    Chosen mains stay, unless the character is no longer that player's.
    """
    locked = lock_memberships(places_of(user_ids) if user_ids else Q(guild__in=guild_ids))
    # A separate statement, which sees what other transactions wrote while this one waited for the lock.
    memberships = list(Membership.objects.filter(pk__in=locked).select_related("character"))
    mains = _mains(memberships)
    wrong = [one for one in memberships if _is_wrong(one, mains)]
    if not wrong:
        return 0
    # First clear, then set: a constraint allows one main per player and guild, even between statements.
    Membership.objects.filter(pk__in=[one.pk for one in wrong]).update(**NOBODYS_MAIN)
    for one in wrong:
        one.main_of_id = mains.get(one.pk)
    Membership.objects.bulk_update([one for one in wrong if one.main_of_id], ["main_of"])
    return len(wrong)


def choose_main(candidates: Iterable[Membership]) -> Membership:
    """Return the main among a player's characters in a guild. Raises ValueError without candidates.

    It is the chosen one, or else the one with the best (lowest) rank, then level, then item level. The name breaks
    ties, so that the same characters always give the same main.
    """
    return min(candidates, key=_main_order)


def places_of(user_ids: Collection[Any]) -> Q:
    """Return a filter for the memberships of these players' characters, and those still marked as their mains.

    A union, since PostgreSQL uses an index for each part, but reads both tables in full for an OR.
    """
    owned = Membership.objects.order_by().filter(character__user__in=user_ids).values("pk")
    mains = Membership.objects.order_by().filter(main_of__in=user_ids).values("pk")
    return Q(pk__in=owned.union(mains))


def lock_memberships(scope: Q) -> list[UUID]:
    """Lock these memberships until the transaction ends; return their ids.

    Call this before writing to several memberships: taking locks in one order prevents deadlocks.
    """
    rows = Membership.objects.filter(scope).order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(rows.values_list("pk", flat=True))


def _main_order(one: Membership) -> tuple[bool, int, int, int, str, str]:
    character = one.character
    level, item_level = character.level or 0, character.equipped_item_level or 0
    return not one.is_chosen_main, one.rank, -level, -item_level, character.name, str(one.pk)


def _is_wrong(membership: Membership, mains: dict[Any, Any]) -> bool:
    has_stale_choice = bool(membership.main_choice) and not membership.is_chosen_main
    return membership.main_of_id != mains.get(membership.pk) or has_stale_choice


def _mains(memberships: list[Membership]) -> dict[Any, Any]:
    """Membership id → user id, for the main of each person in each guild."""
    candidates: dict[tuple[Any, Any], list[Membership]] = defaultdict(list)
    for one in memberships:
        if one.character.user_id is not None:
            candidates[one.guild_id, one.character.user_id].append(one)
    return {choose_main(group).pk: user_id for (_, user_id), group in candidates.items()}


class ChosenByPlayer(PermissionDenied):
    """The player chose their main themselves, which officers can't change."""


class NotOwnCharacter(PermissionDenied):
    """The character is not, or no longer, one of that player in the guild."""


@transaction.atomic
def set_main(*, guild: Guild, actor: User, person: User, membership: Membership | None) -> bool:
    """Choose a player's main in the guild, or set it back to automatic (None); return whether anything changed.

    Officers can do so for players who haven't chosen themselves. Raises NotOwnCharacter, ChosenByPlayer and
    PermissionDenied.
    """
    places = _locked_places(guild, actor, "guilds.view" if actor == person else "guilds.manage_roster", person)
    before = next((one for one in places if one.is_main), None)
    chosen = next((one for one in places if one == membership), None)
    choice = Membership.MainChoice.OWN if actor == person else Membership.MainChoice.OFFICER
    if membership is None and (before is None or not before.main_choice):
        return False
    if membership is not None and chosen is None:
        raise NotOwnCharacter(gettext("This character isn't one of theirs in this guild."))
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
            gettext("%(person)s chose %(character)s as main themselves; only they can change that.")
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


@guild_page("guilds.view", methods=("POST",))
def main(request: GuildRequest) -> HttpResponse:
    """Save the user's own main, or set it back to automatic."""
    guild = request.guild
    form = MainForm(request.POST, places=Membership.objects.own_places(request.user, guild))
    try:
        if not form.is_valid():
            raise NotOwnCharacter
        set_main(guild=guild, actor=request.user, person=request.user, membership=form.membership())
    except NotOwnCharacter:
        messages.error(request, gettext("Not saved: this character is no longer one of yours in this guild."))
    else:
        messages.success(request, gettext("Saved."))
    return redirect(guild)
