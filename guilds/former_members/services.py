"""Remembering members who leave, and giving returning ones back their main, alt notes and joining date.

Officer notes stay in any case, since they are about the character. Ranks are never given back: they come from rosters.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from guilds.former_members.models import KEPT_AFTER_LEAVING, LISTED_AFTER_LEAVING
from guilds.guild_masters import remember_guild_masters
from guilds.mains import NOBODYS_MAIN
from guilds.models import (
    GUILD_MASTER_RANK,
    FormerAltNote,
    FormerGuildMaster,
    FormerMember,
    Guild,
    Membership,
    ReinviteFlag,
)

NOBODYS_CHARACTER: dict[str, Any] = {"person": None, "link_state": ""}
# What a later departure of the same character overwrites.
KEPT_FIELDS = {one.name for one in FormerMember._meta.concrete_fields} - {"id", "guild", "character", "created_at"}


def remember(leavers: Mapping[FormerMember.Reason, Iterable[Membership]], *, now: datetime) -> None:
    """Keep what members are about to lose, by the reason why they leave.

    Call this before anything is written. It takes four statements, and two more if a guild master leaves.
    """
    reasons = {one.pk: reason for reason, members in leavers.items() for one in members}
    ids = list(reasons)
    if not ids:
        return
    leaving = Membership.objects.filter(pk__in=ids).select_related("character", "guild").order_by("pk")
    FormerMember.objects.bulk_create(
        [_former_member(one, reasons[one.pk], now) for one in leaving],
        update_conflicts=True,
        unique_fields=["guild", "character"],
        update_fields=KEPT_FIELDS,
    )
    remember_guild_masters([one for one in leaving if one.rank == GUILD_MASTER_RANK], now=now)
    noted = Membership.objects.filter(Q(pk__in=ids) | Q(noted_main__in=ids)).exclude(noted_main=None)
    FormerAltNote.objects.bulk_create(
        [
            FormerAltNote(guild_id=guild_id, alt_id=alt_id, main_id=main_id, ended_at=now)
            for guild_id, alt_id, main_id in noted.order_by("pk").values_list(
                "guild", "character", "noted_main__character"
            )
        ],
        update_conflicts=True,
        unique_fields=["guild", "alt"],
        update_fields=("main", "ended_at", "updated_at"),
    )


def give_back(guild: Guild, joined: Collection[UUID]) -> None:
    """Give back to new members (ids of characters) who left recently what they had.

    Recompute the mains afterwards. One statement if none of them did, and a dozen at most.
    """
    recently = timezone.now() - KEPT_AFTER_LEAVING
    returned = FormerMember.objects.filter(guild=guild, character__in=joined, left_at__gt=recently)
    # Not by name, which can belong to another character by now.
    same = returned.filter(realm=F("character__realm"), blizzard_id=F("character__blizzard_id"))
    former = list(same.select_related("character").order_by("left_at", "pk"))
    if not former:
        return
    found = guild.memberships.filter(character__in=[one.character_id for one in former]).select_related("character")
    places: dict[UUID | None, Membership] = {one.character_id: one for one in found}
    for one in former:
        places[one.character_id].joined_seen_at = one.joined_seen_at
    _give_back_mains(guild, former, places)
    Membership.objects.bulk_update(places.values(), ("joined_seen_at", *NOBODYS_MAIN))
    _give_back_alt_notes(guild, [one.character_id for one in former if one.character_id])
    # Until the link is confirmed, its player keeps what is left of the grace period.
    done = [one.pk for one in former if not one.had_rights or places[one.character_id].is_confirmed]
    FormerMember.objects.filter(pk__in=done).delete()


def forget_former_members() -> int:
    """Delete what was kept long enough, first whose characters they were; return the number of members deleted.

    Those who are flagged stay listed as long as their flag.
    """
    before = timezone.now() - KEPT_AFTER_LEAVING
    FormerAltNote.objects.filter(ended_at__lte=before).delete()
    FormerGuildMaster.objects.filter(until__lte=before).delete()
    FormerMember.objects.filter(left_at__lte=before).exclude(**NOBODYS_CHARACTER, **NOBODYS_MAIN).update(
        **NOBODYS_CHARACTER, **NOBODYS_MAIN
    )
    flags = ReinviteFlag.objects.filter(guild=OuterRef("guild"), realm=OuterRef("realm"))
    flagged = Exists(flags.filter(blizzard_id=OuterRef("blizzard_id")))
    return FormerMember.objects.filter(~flagged, left_at__lte=timezone.now() - LISTED_AFTER_LEAVING).delete()[0]


def merge_former_members(*, kept: Guild, double: Guild) -> None:
    """Move the former members of one row to another row of the same guild."""
    for model, who in ((FormerMember, "character"), (FormerAltNote, "alt"), (FormerGuildMaster, "person")):
        rows: models.Manager[Any] = model._default_manager
        known = rows.filter(guild=kept).values(who)
        rows.filter(guild=double).exclude(**{f"{who}__in": known}).update(guild=kept)


def _former_member(membership: Membership, reason: FormerMember.Reason, now: datetime) -> FormerMember:
    character = membership.character
    former = FormerMember(
        guild_id=membership.guild_id,
        character=character,
        person_id=character.user_id,
        link_state=membership.link_state or "",
        name=character.last_known_name,
        rank=membership.rank,
        playable_class_id=character.playable_class_id,
        reason=reason,
        realm_id=character.realm_id,
        blizzard_id=membership.roster_blizzard_id or character.blizzard_id,
        joined_seen_at=membership.joined_seen_at,
        left_at=now,
    )
    if membership.is_chosen_main:
        former.main_of_id, former.main_choice = membership.main_of_id, membership.main_choice
        former.main_chosen_by_id = membership.main_chosen_by_id
    return former


def _give_back_mains(guild: Guild, former: Iterable[FormerMember], places: Mapping[UUID | None, Membership]) -> None:
    """Set the chosen mains again, unless the player has another chosen main by now."""
    chosen = {
        one.main_of_id: one
        for one in former
        if one.main_choice and one.character is not None and one.main_of_id == one.character.user_id
    }
    if not chosen:
        return
    now = guild.memberships.filter(main_of__in=chosen)
    for user_id in now.exclude(main_choice="").values_list("main_of", flat=True):
        del chosen[user_id]
    now.filter(main_of__in=chosen).update(**NOBODYS_MAIN)
    for one in chosen.values():
        place = places[one.character_id]
        place.main_of_id, place.main_choice = one.main_of_id, one.main_choice
        place.main_chosen_by_id = one.main_chosen_by_id


def _give_back_alt_notes(guild: Guild, returned: Collection[UUID]) -> None:
    """Restore alt notes, if both characters are members and no newer note contradicts them."""
    ended = list(FormerAltNote.objects.filter(Q(alt__in=returned) | Q(main__in=returned), guild=guild))
    characters = {one.alt_id for one in ended} | {one.main_id for one in ended}
    if not characters:
        return
    members = guild.memberships.filter(character__in=characters).select_related("character")
    places = {one.character_id: one for one in members}
    mains = set(guild.memberships.exclude(noted_main=None).values_list("noted_main", flat=True))
    ended_in_guild = [one for one in ended if one.alt_id in places and one.main_id in places]
    noted = []
    for one in ended_in_guild:
        alt, main = places[one.alt_id], places[one.main_id]
        # The same conditions as for a new alt note.
        is_free = alt.noted_main_id is None and alt.character.user_id is None and alt.pk not in mains
        if is_free and main.noted_main_id is None:
            alt.noted_main = main
            noted.append(alt)
    Membership.objects.bulk_update(noted, ("noted_main",))
    FormerAltNote.objects.filter(pk__in=[one.pk for one in ended_in_guild]).delete()
