"""A guild's members as plain values, read in one statement."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import (
    BooleanField,
    DateField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    Field,
    FilteredRelation,
    Func,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from django.utils import timezone

from guilds.away.leaves import leave_until
from guilds.display_names import display_name
from guilds.models import Guild, Membership, OfficerNote

# Stand for the guild and for today in the statement.
ANY_GUILD = UUID(int=0)
ANY_DAY = date(1, 1, 1)


class Member(NamedTuple):
    """A member. Ids are text or numbers, and times are seconds since 1970, since those are read fastest."""

    character: str
    name: str
    realm_id: int
    realm: str
    rank: int
    rank_name: str | None
    level: int | None
    class_id: int | None
    class_name: str | None
    spec_id: int | None
    spec: str | None
    role: str
    faction: str
    item_level: int | None
    last_login: int | None
    joined: int | None
    # The player's id and display name, and whether this is their main.
    owner: str | None
    player: str | None
    is_main: bool
    # The character whose alt this is, as officers noted.
    noted_main: str | None
    has_note: bool
    # The last day of today's leave of the player, or that officers noted about this character.
    leave_until: date | None


def read_members(guild: Guild, *, with_notes: bool, with_leaves: bool) -> list[Member]:
    """Return all members, in no order. Without `with_notes`, none has a note, and so for leaves."""
    sql, parameters = _statement(with_notes=with_notes, with_leaves=with_leaves)
    values: dict[Any, Any] = {ANY_GUILD: guild.pk, ANY_DAY: timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(sql, [values.get(one, one) for one in parameters])
        return list(map(Member._make, cursor.fetchall()))


@cache
def _statement(*, with_notes: bool, with_leaves: bool) -> tuple[str, tuple[Any, ...]]:
    """Return the statement for `ANY_GUILD` and `ANY_DAY`, compiled once in each process."""
    guild = Guild(pk=ANY_GUILD)
    rank = FilteredRelation("guild__ranks", condition=Q(guild__ranks__rank_level=F("rank")))
    members = Membership.objects.filter(guild=guild).order_by().annotate(own_rank=rank)
    columns = _columns(guild, with_notes=with_notes, with_leaves=with_leaves)
    return members.values_list(*columns).query.sql_with_params()


def moment(seconds: int) -> datetime:
    """Return a member's time as a date and time."""
    return datetime.fromtimestamp(seconds, UTC)


def _columns(guild: Guild, *, with_notes: bool, with_leaves: bool) -> Iterable[str | Expression | F | Subquery]:
    """Return what is read, in the order of `Member`."""
    return (
        _text("character_id"),
        "character__name",
        "character__realm_id",
        "character__realm__name",
        "rank",
        "own_rank__rank_name",
        "character__level",
        "character__playable_class_id",
        "character__playable_class__name",
        "character__active_spec_id",
        "character__active_spec__name",
        "character__role",
        "character__faction",
        "character__equipped_item_level",
        _seconds("character__last_login_at"),
        _seconds("joined_seen_at"),
        _text("character__user_id"),
        display_name("character__user"),
        "is_main",
        _noted_main(),
        _has_note(guild) if with_notes else Value(False),
        leave_until(guild, ANY_DAY) if with_leaves else Value(None, output_field=DateField()),
    )


def _noted_main() -> Subquery:
    # A join would read the members of all guilds, as PostgreSQL does not know that most have no noted main.
    main = Membership.objects.filter(pk=OuterRef("noted_main")).order_by()
    return Subquery(main.values_list(_text("character_id")))


def _text(column: str) -> Cast:
    return Cast(column, TextField())


def _seconds(column: str) -> Func:
    # A time costs more to read than a number, and a field for integers would convert each value once more.
    plain: Field[int, int] = Field()
    return Func(F(column), template="EXTRACT(EPOCH FROM %(expressions)s)::bigint", output_field=plain)


def _has_note(guild: Guild) -> Expression:
    notes = OfficerNote.objects.filter(guild=guild).order_by()
    about_character = notes.filter(about_character=OuterRef("character_id"))
    about_person = notes.filter(about_person=OuterRef("character__user_id"))
    return ExpressionWrapper(Exists(about_character) | Exists(about_person), BooleanField())
