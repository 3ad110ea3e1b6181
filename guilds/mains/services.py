"""Whose main is which, as people say: the writes, each on the timeline. What nobody chose, the rule decides."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from characters.models import Character
from guilds.access import lock_guild
from guilds.mains.recompute import NOBODYS_MAIN, lock_memberships, places_of, recompute_mains
from guilds.models import Guild, Membership, TimelineEvent
from guilds.timeline.services import new_event, record

MainChoice = Membership.MainChoice


class OwnChoiceStands(PermissionDenied):
    """The person chose their main themselves, and an officer wants another one."""


class NotTheirCharacter(PermissionDenied):
    """The character is not, or no longer, one of that person in that guild."""


def choose_own_main(*, guild: Guild, actor: User, membership: Membership) -> bool:
    """Make one of one's characters one's main in the guild, whatever the rule or an officer say.

    Returns whether anything changed. Raises NotTheirCharacter, and PermissionDenied.
    """
    return _choose(guild, actor, "guilds.view", actor, membership)


def choose_main_for(*, guild: Guild, actor: User, person: User, membership: Membership) -> bool:
    """Make one of a person's characters their main in the guild, unless they chose one themselves.

    Returns whether anything changed. Raises OwnChoiceStands, NotTheirCharacter, and PermissionDenied.
    """
    return _choose(guild, actor, "guilds.manage_roster", person, membership)


def take_back_own_main(*, guild: Guild, actor: User) -> bool:
    """Let the rule decide again about one's own main, also where an officer chose it.

    Returns whether anything changed. Raises PermissionDenied.
    """
    return _take_back(guild, actor, "guilds.view", actor)


def take_back_main_for(*, guild: Guild, actor: User, person: User) -> bool:
    """Let the rule decide again about a person's main, unless they chose it themselves.

    Returns whether anything changed. Raises OwnChoiceStands, and PermissionDenied.
    """
    return _take_back(guild, actor, "guilds.manage_roster", person)


@transaction.atomic
def _choose(guild: Guild, actor: User, perm: str, person: User, membership: Membership) -> bool:
    places = _locked_places(guild, actor, perm, person)
    chosen = next((one for one in places if one.pk == membership.pk), None)
    if chosen is None:
        raise NotTheirCharacter(_("This character is not one of theirs in this guild."))
    before = _main_among(places)
    _refuse_to_overrule(before, actor, person)
    choice = MainChoice.OWN if actor == person else MainChoice.OFFICER
    if before == chosen and before.main_choice == choice:
        return False
    # First take away, then give: nobody may have two mains in a guild for even one statement.
    Membership.objects.filter(guild=guild, main_of=person).update(**NOBODYS_MAIN)
    chosen.main_of, chosen.main_choice, chosen.main_chosen_by = person, choice, actor
    chosen.save(update_fields=(*NOBODYS_MAIN, "updated_at"))
    _tell(actor, person, before, chosen)
    return True


@transaction.atomic
def _take_back(guild: Guild, actor: User, perm: str, person: User) -> bool:
    before = _main_among(_locked_places(guild, actor, perm, person))
    if before is None or not before.main_choice:
        return False
    _refuse_to_overrule(before, actor, person)
    Membership.objects.filter(pk=before.pk).update(**NOBODYS_MAIN)
    recompute_mains(user_ids=[person.pk])
    after = Membership.objects.select_related("character").get(guild=guild, main_of=person)
    _tell(actor, person, before, after)
    return True


def _locked_places(guild: Guild, actor: User, perm: str, person: User) -> list[Membership]:
    """The person's places in the guild. Until the transaction ends, nobody else changes owners or mains there.

    The locks come in the order in which the syncs take them: guild, characters, memberships.
    """
    if lock_guild(guild, actor, perm).deleted_at is not None:
        raise PermissionDenied
    owned = Character.objects.filter(user=person, membership__guild=guild).order_by("region", "pk")
    # A list, so that the rows are read, and locked, now.
    owned_ids = list(owned.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    lock_memberships(places_of([person.pk]))
    return list(Membership.objects.filter(guild=guild, character__in=owned_ids).select_related("character"))


def _main_among(places: list[Membership]) -> Membership | None:
    return next((one for one in places if one.is_main), None)


def _refuse_to_overrule(main: Membership | None, actor: User, person: User) -> None:
    if main is not None and main.main_choice == MainChoice.OWN and actor != person:
        raise OwnChoiceStands(
            _("%(person)s chose %(character)s as main themselves; only they can change that.")
            % {"person": person.display_name, "character": main.character.name}
        )


def _tell(actor: User, person: User, before: Membership | None, after: Membership) -> None:
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
