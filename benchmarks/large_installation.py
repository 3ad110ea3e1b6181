"""The cost of the schedules in a large installation, and of alternatives: `sync_capacity` on generated rows."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from accounts.models import User
from benchmarks.report import progress, show
from characters.models import Character
from guilds.models import Guild
from operations.capacity import capacities

CHARACTER_TIERS = ("active characters", "other characters")


class Rollback(Exception):
    """Raised to roll back a transaction."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of the schedules (crontab fields by tier) or of the rows."""

    name: str
    times: dict[str, dict[str, str]]
    change: Callable[[], object] = lambda: None


def _everybody_plays() -> None:
    Character.objects.update(last_login_at=timezone.now() - timedelta(days=1))


TWICE, FOUR_TIMES, EIGHT_TIMES = {"hour": "0,12"}, {"hour": "0,6,12,18"}, {"hour": "*/3"}
VARIANTS = (
    Variant("as installed", {}),
    Variant("as installed, every character active", {}, _everybody_plays),
    Variant("active characters four times a day", {"active characters": FOUR_TIMES}),
    Variant("active characters every three hours", {"active characters": EIGHT_TIMES}),
    Variant("rosters in use every quarter of an hour", {"rosters in use": {"minute": "*/15", "hour": "*"}}),
    Variant("other characters daily", {"other characters": {"hour": "3"}}),
    Variant("no tiers: all twice a day", {"active characters": TWICE, "other characters": TWICE}),
    Variant("no tiers: all four times a day", {"active characters": FOUR_TIMES, "other characters": FOUR_TIMES}),
)


def show_capacity() -> None:
    """Print the command's table, and what other schedules would cost, then restore the rows."""
    progress("plans")
    with suppress(Rollback), transaction.atomic():
        PeriodicTask.objects.filter(name__startswith="Due: ").update(enabled=True)
        _add_signed_in_players()
        guilds, characters = Guild.objects.count(), Character.objects.count()
        print(f"\n### `sync_capacity` for {guilds:,} guilds with {characters:,} characters\n\n```")
        call_command("sync_capacity")
        print("```")
        show(
            f"Other schedules for {guilds:,} guilds with {characters:,} characters",
            ("schedules", "requests a day", "of the limit", "one update", "within limits"),
            [_row(variant) for variant in VARIANTS],
            (
                f"The limit is {capacities()[0].allowed_a_day:,} a day. One update: of all characters that are "
                "fetched daily or more often, within the hourly limit of the background. Above the limits, "
                "`sync_capacity` warns.",
            ),
        )
        raise Rollback


def _row(variant: Variant) -> tuple[str, ...]:
    row: tuple[str, ...] = ()
    with suppress(Rollback), transaction.atomic():
        variant.change()
        for tier, fields in variant.times.items():
            crontab = CrontabSchedule.objects.create(**({"minute": "0", "hour": "*"} | fields))
            PeriodicTask.objects.filter(args=json.dumps([tier])).update(crontab=crontab)
        (capacity,) = capacities()
        often = sum(line.jobs for line in capacity.schedules if line.tier in CHARACTER_TIERS and line.runs_a_day >= 1)
        hours = often / _background_calls_an_hour()
        verdict = "yes" if capacity.is_within_limits else "no: warns"
        row = (variant.name, f"{capacity.requests_a_day:,.0f}", f"{capacity.share:.1%}", f"{hours:.1f} h", verdict)
        raise Rollback
    return row


def _background_calls_an_hour() -> float:
    """Return the requests per hour that are available to the background."""
    return float(
        settings.BLIZZARD_RATE_PER_HOUR
        * (1 - (settings.BLIZZARD_RESERVE_PER_HOUR + settings.BLIZZARD_ROSTER_RESERVE_PER_HOUR) / 100)
    )


def _add_signed_in_players() -> None:
    """Create one player with a session and three characters per guild, so that every roster is in use."""
    rng, now = random.Random(2), timezone.now()
    guilds = list(Guild.objects.all())
    people = [
        User(battlenet_id=10**9 + number, battletag=f"P#{number}", last_login=now - timedelta(days=rng.uniform(0, 13)))
        for number in range(len(guilds))
    ]
    User.objects.bulk_create(people)
    owned = []
    for guild, person in zip(guilds, people, strict=True):
        for character in Character.objects.filter(membership__guild=guild)[:3]:
            character.user = person
            owned.append(character)
    Character.objects.bulk_update(owned, ["user"], batch_size=1_000)
