"""The rows to read: a guild of 1,000 members with all that its officers add, one of ten, and 48 others."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from benchmarks import database, installation, site
from benchmarks.battlenet import battlenet
from benchmarks.load.people import Player, add_events, sign_in
from benchmarks.report import progress
from characters.models import Character
from guilds.away.rule import Action, Measure
from guilds.mains import recompute_mains
from guilds.models import Guild, OfficerNote, RosterRule, TodoItem
from sync.engine.rate_limiter import Lane
from sync.management.foreground import sync_characters
from sync.models import BlizzardJob
from sync.wow.provider import client_for

GUILDS, FEW, PLAYERS = 50, 10, 200
NOTES, ITEMS, FAILURES = 40, 30, 30


@dataclass(frozen=True, slots=True)
class Rows:
    """The two guilds, and the players of the large one, its guild master first, who is also that of the small one."""

    large: Guild
    small: Guild
    players: list[Player]


def prepare() -> Rows:
    """Fill the database."""
    site.load_game_data()
    database.clean()
    large = _large_guild()
    progress(f"{GUILDS - 1} other guilds")
    installation.extend(to=(GUILDS - 1) * installation.GUILD_SIZE)
    players = sign_in(large, PLAYERS)
    master = large.memberships.get(rank=0).character.user
    assert master is not None
    small = _small_guild(master)
    for guild in (large, small):
        add_events(guild)
        _add_work_of_officers(guild, master)
    database.analyze()
    return Rows(large, small, players)


def _large_guild() -> Guild:
    """Sync the sandbox's guild of 1,000 with all characters."""
    with battlenet(latency_ms=0) as server:
        site.load_rosters(server, 1)
        guild = Guild.objects.earliest("created_at")
        progress(f"characters of {guild.name}")
        characters = list(Character.objects.filter(membership__guild=guild))
        sync_characters(client=client_for(Lane.INTERACTIVE), characters=characters)
    return guild


def _small_guild(master: User) -> Guild:
    """Return one of the other guilds with ten members, five of which are the guild master's."""
    guild = Guild.objects.filter(name__startswith=installation.PREFIX).earliest("blizzard_id")
    kept = list(guild.memberships.order_by("pk").values_list("pk", flat=True)[:FEW])
    guild.memberships.exclude(pk__in=kept).delete()
    guild.memberships.filter(pk=kept[0]).update(rank=0)
    guild.memberships.update(roster_blizzard_id=1)
    Character.objects.filter(membership__in=kept[: FEW // 2]).update(
        user=master, wow_account_id=1, owner_confirmed_at=timezone.now(), account_blizzard_id=1
    )
    recompute_mains(user_ids=[master.pk])
    return guild


def _add_work_of_officers(guild: Guild, officer: User) -> None:
    """Add notes, a to-do list and failed jobs, as many as there are members for."""
    members = list(guild.memberships.select_related("character").order_by("-rank", "pk")[:NOTES])
    OfficerNote.objects.bulk_create(
        [OfficerNote(guild=guild, about_character=one.character, text="Trial.", author=officer) for one in members]
    )
    expires_at = timezone.now() + timedelta(days=20)
    TodoItem.objects.bulk_create(
        [
            TodoItem(
                guild=guild,
                character=one.character,
                kind=TodoItem.Kind.REMOVE,
                from_rank=one.rank,
                added_by=officer,
                expires_at=expires_at,
            )
            for one in members[:ITEMS]
        ]
    )
    for days, action in ((30, Action.WARN), (90, Action.REMOVE)):
        RosterRule.objects.create(
            guild=guild,
            name=f"Away for {days} days",
            action=action,
            measure=Measure.NOT_SEEN,
            days=days,
            per_player=True,
            ranks=list(range(1, 10)),
        )
    BlizzardJob.objects.filter(character__in=[one.character for one in members[:FAILURES]]).update(
        state=BlizzardJob.State.FAILED, error_kind="bad_payload", attempted_at=F("succeeded_at")
    )
