"""A user with every kind of personal data."""

from datetime import timedelta
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts import security_log
from accounts.models import SecurityEvent, User
from api.tokens import make_token
from characters.models import Character
from guilds.away.leaves import add_own_leave, note_leave
from guilds.mains import set_main
from guilds.models import Guild, Membership, OfficerNote, ReinviteFlag, TimelineEvent, TodoItem
from guilds.notes.services import add_note
from guilds.overview.visits import record_visit
from guilds.timeline.feeds import renew_feed
from permissions.services import give_grant
from tests.factories import character, make_job, member, token
from tests.personas import Personas

REASON = "Leads the second raid while Olga is away"
ABOUT_ROLF = "Rolf asked for a break in March"
ABOUT_ROLFNE = "Rolfne has the tank set"
OWN_LEAVE = "Knee surgery in Oslo"
LEAVE_NOTED_ABOUT_ROLF = "Told us in voice chat that the knee needs time"
TOKEN = "Sheet of the raid leads"
LEAVE_NOTED_BY_ROLF = "Moves house"
BY_ROLF = "Olgane helps with enchants"


def fill_account(personas: Personas) -> User:
    """Give Rolf every kind of personal data."""
    rolf, mara, guild = personas["Rolf"], personas["Mara"], personas.guild
    personas.give_rights(5, "guilds.view", "guilds.read_notes", "guilds.write_notes", "guilds.manage_roster")
    token(rolf)
    make_job(rolf)
    SocialAccount.objects.create(
        user=rolf, provider="battlenet", uid=str(rolf.battlenet_id), extra_data={"battletag": rolf.battletag}
    )
    rolf.groups.add(Group.objects.create(name="Testers"))
    alt = member(guild, "Altrolf", rank=6, user=rolf)
    character("Bankrolf", user=rolf)
    Character.objects.of(rolf).update(
        wow_account_id=77_001_122,
        mounts_hash="a" * 63 + "1",
        toys_hash="b" * 63 + "2",
        owner_confirmed_at=timezone.now() - timedelta(days=3, seconds=17),
    )
    _write(personas, rolf, mara, guild, alt)
    security_log.record(security_log.Event.SIGNED_IN, user=rolf, actor=rolf)
    SecurityEvent.objects.filter(actor=rolf).update(address="203.0.113.99")
    return rolf


def _write(personas: Personas, rolf: User, mara: User, guild: Guild, alt: Membership) -> None:
    main = Membership.objects.get(character__name="Rolfne")
    olgas = Membership.objects.get(character__name="Olgane")
    set_main(guild=guild, actor=rolf, person=rolf, membership=alt)
    TimelineEvent.objects.create(
        guild=guild,
        kind=TimelineEvent.Kind.LINKED,
        happened_at=timezone.now(),
        character=main.character,
        character_name="Rolfne",
        person=rolf,
    )
    TimelineEvent.objects.create(
        guild=guild,
        kind=TimelineEvent.Kind.JOINED,
        happened_at=timezone.now(),
        character=main.character,
        character_name="Rolfne",
        person=rolf,
    )
    add_note(guild=guild, actor=mara, membership=main, text=ABOUT_ROLF, about_person=True)
    add_note(guild=guild, actor=mara, membership=main, text=ABOUT_ROLFNE, about_person=False)
    add_note(guild=guild, actor=rolf, membership=olgas, text=BY_ROLF, about_person=False)
    TodoItem.objects.create(
        guild=guild,
        character=olgas.character,
        kind="REMOVE",
        from_rank=1,
        added_by=rolf,
        expires_at=timezone.now() + timedelta(days=3),
    )
    give_grant(
        guild=guild,
        actor=mara,
        person=rolf,
        rights=frozenset({"guilds.edit_info"}),
        reason=REASON,
        expires_at=timezone.now() + timedelta(days=5),
    )
    _take_leave(guild, rolf, mara, alt, olgas)
    ReinviteFlag.objects.create(
        guild=guild, name="Gonene", realm=guild.realm, blizzard_id=77, person=rolf, flagged_by=rolf, reason="Loot"
    )
    renew_feed(guild=guild, person=rolf)
    make_token(person=rolf, name=TOKEN, permissions=["guilds.view"], guild_ids=[guild.pk], lifetime=timedelta(days=30))
    record_visit(None, guild=guild, person=rolf, now=timezone.now())
    otis = Membership.objects.get(character__name="Otisne")
    set_main(guild=guild, actor=rolf, person=personas["Otis"], membership=otis)


def _take_leave(guild: Guild, rolf: User, mara: User, alt: Membership, olgas: Membership) -> None:
    today = timezone.localdate()
    days: dict[str, Any] = {"starts_on": today, "ends_on": today + timedelta(days=9)}
    add_own_leave(person=rolf, reason=OWN_LEAVE, **days)
    note_leave(guild=guild, actor=mara, membership=alt, reason=LEAVE_NOTED_ABOUT_ROLF, **days)
    note_leave(guild=guild, actor=rolf, membership=olgas, reason=LEAVE_NOTED_BY_ROLF, **days)


def log_admin_change(rolf: User, site_admin: User) -> None:
    """Add the entry of the admin's log for an edit of Rolf."""
    LogEntry.objects.create(
        user=site_admin,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(rolf.pk),
        object_repr=str(rolf),
        action_flag=CHANGE,
    )


def notes() -> list[Any]:
    """Return the text and author of each note."""
    return list(OfficerNote.objects.order_by("text").values_list("text", "author__battletag"))
