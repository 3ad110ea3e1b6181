"""The personal data that guilds stores: mains, notes, to-do items, and who is named on timelines.

A guild's history stays when a person goes, without the person. What says which characters belong together goes too.
See docs/decisions/0025-deleting-an-account.md.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import OnDeletion, Retention, Section
from characters.models import Character
from guilds.mains import NOBODYS_MAIN, lock_memberships
from guilds.models import (
    FormerGuildMaster,
    FormerMember,
    Guild,
    GuildVisit,
    Leave,
    Membership,
    OfficerNote,
    ReinviteFlag,
    RosterView,
    TimelineEvent,
    TimelineFeed,
    TodoItem,
)

# Timeline entries that only say whose characters these are.
LINKS = (TimelineEvent.Kind.LINKED, TimelineEvent.Kind.MAIN_CHOSEN, *TimelineEvent.OFFICERS_KINDS)
RETENTION = (
    Retention(
        _("Your characters' memberships: guild, rank, since when"),
        _("Battle.net's rosters list them. The site shows the roster and gives members their permissions."),
        _("Until the character leaves the guild. They stay when you delete your account, without your name."),
    ),
    Retention(
        _("Former memberships: guild, character, rank, when it left; guilds whose guild master you were"),
        _(
            "Officers see who left; guilds can let leavers view their pages for a while; a recent guild master can "
            "restore deleted data."
        ),
        _("A year, without your name after 30 days or with your account."),
    ),
    Retention(
        _("Officers' flag not to invite one of your former characters again, with the reason"),
        _("So that officers are warned when you come back, under any character that is known to be yours."),
        _("Until an officer removes it. With your account it is no longer linked to your other characters."),
    ),
    Retention(
        _("Which of your characters is your main in a guild, and who chose it"),
        _("Rosters and other pages show a player by the main."),
        _(
            "Until the character is no longer yours, or you delete your account. For 30 days after the character left "
            "the guild, so that a choice comes back with it."
        ),
    ),
    Retention(
        _("Officer notes that you wrote about characters and players"),
        _("Officers keep them for each other; they belong to the guild."),
        _("Until an officer deletes the note or its character is deleted. Your name is removed with your account."),
    ),
    Retention(
        _("Officer notes about you as a player"),
        _("Officers keep them for each other."),
        _("Until an officer deletes the note, or you delete your account. Notes about a character stay."),
    ),
    Retention(
        _("Promotions, demotions and removals that you added to a guild's to-do list"),
        _("So that officers know who added what."),
        _("As long as the guild's data. Your name is removed with your account."),
    ),
    Retention(
        _("Views of rosters that you saved: name, filters, columns and order"),
        _("So that you find them again; officers can share theirs with the guild."),
        _("Until you delete them or your account. Shared views stay, without your name."),
    ),
    Retention(
        _("When you are on leave, and why, as you or an officer wrote it; who noted it"),
        _("So that officers know, and the guild's rules for members who are away spare you."),
        _(
            "Until you or an officer deletes it, or you delete your account: the reason about a month after it is "
            "over, its days for a year."
        ),
    ),
    Retention(
        _("Timeline entries about you and your characters: joined, left, promoted, linked, main chosen, permissions"),
        _("They are the guild's history."),
        _(
            "As long as the guild's data. With your account your name is removed from them, and entries that say "
            "which characters are yours are deleted."
        ),
    ),
    Retention(
        _("Which guilds' timelines you read in a feed reader (a hash of the private address)"),
        _("So that the address works without signing in."),
        _("Until you turn it off, can no longer view the guild, or delete your account."),
    ),
    Retention(
        _("When you last opened the overview of each guild that you are a member of, and the time before"),
        _("The overview shows what changed since your last visit."),
        _("As long as the guild's data, or until you delete your account."),
    ),
)
COLUMNS = {
    "guilds.FormerGuildMaster.person": OnDeletion.DELETED,
    "guilds.FormerMember.main_of": OnDeletion.CLEARED,
    "guilds.FormerMember.main_chosen_by": OnDeletion.CLEARED,
    "guilds.FormerMember.person": OnDeletion.CLEARED,
    "guilds.Guild.deleted_by": OnDeletion.CLEARED,
    "guilds.GuildVisit.person": OnDeletion.DELETED,
    "guilds.Leave.person": OnDeletion.DELETED,
    "guilds.Leave.noted_by": OnDeletion.CLEARED,
    "guilds.Membership.main_of": OnDeletion.CLEARED,
    "guilds.Membership.main_chosen_by": OnDeletion.CLEARED,
    "guilds.OfficerNote.about_person": OnDeletion.DELETED,
    "guilds.OfficerNote.author": OnDeletion.CLEARED,
    "guilds.OfficerNote.edited_by": OnDeletion.CLEARED,
    "guilds.TodoItem.added_by": OnDeletion.CLEARED,
    "guilds.ReinviteFlag.flagged_by": OnDeletion.CLEARED,
    "guilds.ReinviteFlag.person": OnDeletion.CLEARED,
    "guilds.TimelineEvent.person": OnDeletion.CLEARED,
    "guilds.TimelineEvent.actor": OnDeletion.CLEARED,
    "guilds.RosterView.person": OnDeletion.CLEARED,
    "guilds.TimelineFeed.person": OnDeletion.DELETED,
}


def export(person: User) -> dict[str, Any]:
    """Return memberships with mains, notes written, to-do items, and timeline entries about or by the person."""
    return {
        name: [
            {"guild": one.guild and one.guild.address, **describe(one, person)}
            for one in rows.select_related("guild__realm")
        ]
        for name, (rows, describe) in _rows_of(person).items()
    }


def count(person: User) -> int:
    """Return how many rows the export has."""
    return sum(rows.count() for rows, _describe in _rows_of(person).values())


def lock(person: User) -> None:
    """Lock the guilds, so that no officer gives the person anything meanwhile."""
    concerned = Guild.objects.filter(memberships__character__user=person).values("pk")
    rows = Guild.objects.filter(pk__in=concerned).order_by("pk").select_for_update(of=("self",), no_key=True)
    list(rows.values_list("pk"))


def erase(person: User) -> None:
    """Remove the person from what the guilds keep."""
    lock_memberships(Q(main_of=person) | Q(main_chosen_by=person))
    Membership.objects.filter(main_of=person).update(**NOBODYS_MAIN)
    Membership.objects.filter(main_chosen_by=person).update(main_chosen_by=None)
    FormerGuildMaster.objects.filter(person=person).delete()
    GuildVisit.objects.filter(person=person).delete()
    FormerMember.objects.filter(person=person).update(person=None, link_state="")
    FormerMember.objects.filter(main_of=person).update(**NOBODYS_MAIN)
    FormerMember.objects.filter(main_chosen_by=person).update(main_chosen_by=None)
    OfficerNote.objects.filter(about_person=person).delete()
    OfficerNote.objects.filter(author=person).update(author=None)
    OfficerNote.objects.filter(edited_by=person).update(edited_by=None)
    TodoItem.objects.filter(added_by=person).update(added_by=None)
    Leave.objects.about(person).delete()
    Leave.objects.filter(noted_by=person).update(noted_by=None)
    Guild.objects.filter(deleted_by=person).update(deleted_by=None)
    TimelineEvent.objects.filter(person=person, kind__in=LINKS).delete()
    TimelineEvent.objects.filter(person=person).update(person=None)
    TimelineEvent.objects.filter(actor=person).update(actor=None)
    TimelineFeed.objects.filter(person=person).delete()
    RosterView.objects.filter(person=person, is_shared=False).delete()
    RosterView.objects.filter(person=person).update(person=None)
    ReinviteFlag.objects.filter(person=person).update(person=None)
    ReinviteFlag.objects.filter(flagged_by=person).update(flagged_by=None)
    _unknown_to_guilds(person).delete()


def _rows_of(person: User) -> dict[str, tuple["QuerySet[Any]", Callable[[Any, User], dict[str, Any]]]]:
    """Return the rows of each part of the export, and the function that describes one."""
    former = FormerMember.objects.filter(Q(person=person) | Q(main_of=person))
    notes = OfficerNote.objects.filter(author=person).select_related("about_character", "about_person")
    events = TimelineEvent.objects.filter(Q(person=person) | Q(actor=person) | Q(character__user=person))
    # Like officer notes about a player, warnings are for officers.
    events = events.exclude(kind__in=TimelineEvent.OFFICERS_KINDS)
    return {
        "memberships": (Membership.objects.linked_to(person).select_related("character"), _membership),
        "former_memberships": (former, _former_membership),
        "former_guild_master_of": (FormerGuildMaster.objects.filter(person=person), _former_master),
        "notes_written": (notes, _note),
        "leaves": (Leave.objects.about(person).select_related("character"), _leave),
        "leaves_noted": (Leave.objects.filter(noted_by=person).select_related("character"), _leave),
        "todo_items": (TodoItem.objects.filter(added_by=person).select_related("character"), _todo_item),
        "timeline": (events.order_by("happened_at"), _event),
        "flags_set": (ReinviteFlag.objects.filter(flagged_by=person), _flag),
        "roster_views": (RosterView.objects.filter(person=person), _view),
        "timeline_feeds": (TimelineFeed.objects.filter(person=person), _feed),
        "visits": (GuildVisit.objects.filter(person=person), _guild_visit),
    }


def _unknown_to_guilds(person: User) -> "QuerySet[Character]":
    return Character.objects.of(person).filter(
        membership=None, officer_notes=None, todo_items=None, former_memberships=None, timeline=None
    )


def _membership(one: Membership, person: User) -> dict[str, Any]:
    return {
        "character": one.character.name,
        "rank": one.rank,
        "joined_seen_at": one.joined_seen_at,
        "is_main": one.main_of_id == person.pk,
        "main_chosen_by": one.main_choice or "RULE",
    }


def _former_membership(one: FormerMember, person: User) -> dict[str, Any]:
    return {
        "character": one.name,
        "rank": one.rank,
        "left_at": one.left_at,
        "was_main": one.main_of_id == person.pk,
        "main_chosen_by": one.main_choice,
    }


def _former_master(one: FormerGuildMaster, _person: User) -> dict[str, Any]:
    return {"until": one.until}


def _note(one: OfficerNote, _person: User) -> dict[str, Any]:
    return {
        "about": str(one.about_character or one.about_person),
        "text": one.text,
        "written_at": one.created_at,
        "edited_at": one.edited_at,
    }


def _todo_item(one: TodoItem, _person: User) -> dict[str, Any]:
    return {
        "character": one.character.name,
        "kind": one.kind,
        "from_rank": one.from_rank,
        "to_rank": one.to_rank,
        "reason": one.reason,
        "state": one.state,
        "added_at": one.created_at,
    }


def _leave(one: Leave, person: User) -> dict[str, Any]:
    return {
        "character": one.character and one.character.name,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "reason": one.reason,
        "noted_by_you": one.noted_by_id == person.pk,
        "noted_at": one.created_at,
    }


def _event(one: TimelineEvent, person: User) -> dict[str, Any]:
    return {
        "at": one.happened_at,
        "kind": one.kind,
        "character": one.character_name,
        "about_you": one.person_id == person.pk,
        "by_you": one.actor_id == person.pk,
        "details": one.details,
    }


def _flag(one: ReinviteFlag, _person: User) -> dict[str, Any]:
    return {"character": one.name, "reason": one.reason, "since": one.created_at}


def _view(one: RosterView, _person: User) -> dict[str, Any]:
    return {"name": one.name, "query": one.query, "is_shared": one.is_shared}


def _feed(one: TimelineFeed, _person: User) -> dict[str, Any]:
    return {"since": one.created_at}


def _guild_visit(one: GuildVisit, _person: User) -> dict[str, Any]:
    return {"began_at": one.began_at, "previous_at": one.previous_at}


SECTION = Section("guilds", _("Guilds"), RETENTION, COLUMNS, export, count, erase, lock)
