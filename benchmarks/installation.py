"""Generated rows of a large installation: guilds of 300 members that are as active as the sandbox's characters."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from string import ascii_lowercase
from typing import Any

from django.db import connection, models
from django.utils import timezone

from characters.models import Character, Realm
from guilds.models import Guild, Membership
from sync.models import BlizzardJob

GUILD_SIZE = 300
BATCH = 6_000
# Days since the last login, as (from, to), and weight: most members play, some have stopped.
ABSENCES = ((0, 2), (3, 13), (14, 59), (60, 199), (200, 700))
WEIGHTS = (30, 22, 20, 16, 12)
PREFIX = "Madeup"
# The rows to copy: the first batch has no hyphen in its names.
OF_CHARACTERS = f"SELECT id FROM characters_character WHERE name LIKE '{PREFIX}%%' AND name NOT LIKE '%%-%%'"
OF_GUILDS = f"SELECT id FROM guilds_guild WHERE name LIKE '{PREFIX}%%' AND name NOT LIKE '%%-%%'"
ORIGINALS: dict[type[models.Model], str] = {
    Character: f"t.id IN ({OF_CHARACTERS})",
    Guild: f"t.id IN ({OF_GUILDS})",
    Membership: f"t.character_id IN ({OF_CHARACTERS})",
    BlizzardJob: f"t.character_id IN ({OF_CHARACTERS}) OR t.guild_id IN ({OF_GUILDS})",
}


def extend(*, to: int) -> None:
    """Add made-up characters until there are at least so many, each with a resting job.

    One batch is created by the models, all others are copies of it.
    """
    rng, realm, now = random.Random(1), Realm.objects.filter(region="eu").earliest("pk"), timezone.now()
    have = Character.objects.filter(name__startswith=PREFIX).count()
    if have < BATCH:
        _add(range(have, min(BATCH, to)), realm, rng, now)
    if to > BATCH:
        _copy(range(max(have // BATCH, 1), ceil(to / BATCH)))


def _copy(numbers: range) -> None:
    """Insert copies of the first batch with other ids and names."""
    for model in (Character, Guild, Membership, BlizzardJob):
        table = model._meta.db_table
        columns = {str(field.column): _copied(field) for field in model._meta.concrete_fields if not field.generated}
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
                f" FROM {table} AS t CROSS JOIN generate_series(%s, %s) AS copy WHERE {ORIGINALS[model]}",
                [numbers.start, numbers.stop - 1],
            )


def _copied(field: "models.Field[Any, Any]") -> str:
    """Return the SQL expression for a column of the copy; in names, a pair of letters is the copy's number."""
    if field.column in {"name", "slug"}:
        return f"t.{field.column} || '-' || chr(97 + copy / 26) || chr(97 + copy %% 26)"
    if field.column == "blizzard_id":
        return f"t.blizzard_id + copy * {BATCH}"
    if field.column in {"id", "character_id", "guild_id"}:
        return f"md5(t.{field.column}::text || copy)::uuid"
    return f"t.{field.column}"


def _add(numbers: Iterable[int], realm: Realm, rng: random.Random, now: datetime) -> None:
    characters = [_character(number, realm, rng, now) for number in numbers]
    guilds = {number: _guild(number, realm) for number in sorted({number // GUILD_SIZE for number in numbers})}
    Guild.objects.bulk_create(guilds.values(), ignore_conflicts=True)
    known = {guild.blizzard_id: guild for guild in Guild.objects.filter(blizzard_id__in=list(guilds))}
    Character.objects.bulk_create(characters)
    Membership.objects.bulk_create(
        [
            Membership(character=one, guild=known[number // GUILD_SIZE], rank=5)
            for number, one in zip(numbers, characters, strict=True)
        ]
    )
    BlizzardJob.objects.bulk_create([_row(rng, now, kind="profile", character=one) for one in characters])
    BlizzardJob.objects.bulk_create(
        [_row(rng, now, kind="roster", guild=guild) for guild in known.values()], ignore_conflicts=True
    )


def _character(number: int, realm: Realm, rng: random.Random, now: datetime) -> Character:
    absence = rng.uniform(*rng.choices(ABSENCES, WEIGHTS)[0])
    return Character(
        region=realm.region,
        realm=realm,
        name=PREFIX + _letters(number),
        blizzard_id=number,
        level=80,
        last_login_at=now - timedelta(days=absence),
        last_synced_at=now,
    )


def _guild(number: int, realm: Realm) -> Guild:
    name = PREFIX + _letters(number)
    return Guild(region=realm.region, realm=realm, name=name, slug=name.lower(), blizzard_id=number)


def _row(rng: random.Random, now: datetime, **subject: Any) -> BlizzardJob:
    last = now - timedelta(days=rng.uniform(0, 7))
    state = BlizzardJob.State.RESTING
    return BlizzardJob(state=state, attempted_at=last, succeeded_at=last, next_due_at=last, **subject)


def _letters(number: int) -> str:
    """Return the number in letters, because a name with a digit would count as needing a rename."""
    letters = ""
    while True:
        number, digit = divmod(number, len(ascii_lowercase))
        letters = ascii_lowercase[digit] + letters
        if not number:
            return letters
