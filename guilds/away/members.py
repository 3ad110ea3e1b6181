"""The guild's members as the rules need them, and the list of those to whom a rule applies today."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from guilds.away.leaves import leaves_today
from guilds.away.rule import Match, Place, Result, Rule, evaluate, is_unknown, most_urgent, player_of
from guilds.models import Guild, RosterRule, TodoItem
from guilds.update_states import profile_checks

COLUMNS = (
    "pk",
    "character",
    "rank",
    "joined_seen_at",
    "created_at",
    "noted_main",
    "noted_main__character__user",
    "is_main",
    "character__user",
    "character__user__battletag",
    "character__name",
    "character__realm",
    "character__realm__name",
    "character__playable_class",
    "character__level",
    "character__last_login_at",
    "has_todo",
)


@dataclass(frozen=True, slots=True)
class Member:
    """What a line shows of a member. `player_name` is empty without a known player."""

    place: Place
    name: str
    class_id: int
    player_name: str
    is_main: bool
    has_todo: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A match as the page shows it: the member who stands for it, and the others concerned.

    `seen_at` is the latest known login of the player, or of the character if the rule is about characters.
    """

    key: str
    rule: RosterRule
    match: Match
    member: Member
    others: list[Member]
    seen_at: datetime | None
    checked_at: datetime | None
    unknown: list[Member]

    @property
    def has_todo(self) -> bool:
        return all(one.has_todo for one in (self.member, *self.others))


@dataclass(frozen=True, slots=True)
class AwayList:
    """Today's matches by urgency, those of whom nobody can say, and how many are on leave."""

    lines: list[Line]
    unknown: list[Line]
    on_leave: int


class Roster:
    """All members of a guild by player, read in three statements."""

    def __init__(self, guild: Guild, *, now: datetime | None = None) -> None:
        self.now = now or timezone.now()
        self.members = {one.place.id: one for one in _members(guild, self.now)}
        self.players: dict[UUID, list[Place]] = {}
        for member in self.members.values():
            self.players.setdefault(member.place.player, []).append(member.place)
        self.leaves = leaves_today(guild)

    def evaluate(self, rule: Rule) -> Result:
        return evaluate(rule, self.players, on_leave=self.leaves.keys(), now=self.now)

    def away(self, rules: Sequence[tuple[RosterRule, Rule]]) -> AwayList:
        """Return to whom these rules apply today, each member once."""
        rows = {row.pk: row for row, _rule in rules}
        results = [self.evaluate(rule) for _row, rule in rules]
        matches = most_urgent(match for result in results for match in result.matches)
        listed = {one.id for match in matches for one in match.places}
        unknown = most_urgent(match for result in results for match in result.unknown)
        return AwayList(
            lines=[self._line(rows[match.rule.id], match) for match in matches],
            unknown=[
                self._line(rows[match.rule.id], match)
                for match in unknown
                if listed.isdisjoint(one.id for one in match.places)
            ],
            on_leave=len({match.player for result in results for match in result.on_leave}),
        )

    def _line(self, row: RosterRule, match: Match) -> Line:
        concerned = sorted((self.members[one.id] for one in match.places), key=_first)
        subject = self.players[match.player] if match.rule.per_player else match.places
        return Line(
            key=f"{row.pk}:{concerned[0].place.id}",
            rule=row,
            match=match,
            member=concerned[0],
            others=concerned[1:],
            seen_at=max((one.last_login_at for one in subject if one.last_login_at), default=None),
            checked_at=min((one.checked_at for one in subject if one.checked_at), default=None),
            unknown=[self.members[one.id] for one in subject if is_unknown(one, self.now)],
        )


def rules_of(guild: Guild) -> list[tuple[RosterRule, Rule]]:
    """Return the guild's rules with their terms, in one statement."""
    exempt = ArrayAgg("exempt", filter=Q(exempt__isnull=False), default=[])
    return [(one, one.terms(frozenset(one.spared))) for one in guild.roster_rules.annotate(spared=exempt)]


def selected(lines: Sequence[Line], keys: AbstractSet[str]) -> list[Line]:
    """Return the lines with these keys, as sent by a form. Keys of lines that are no longer there are ignored."""
    return [one for one in lines if one.key in keys]


def _members(guild: Guild, now: datetime) -> Iterable[Member]:
    checks = profile_checks(guild)
    has_todo = TodoItem.objects.open().filter(guild=guild, character=OuterRef("character"), expires_at__gt=now)
    for row in guild.memberships.order_by().annotate(has_todo=Exists(has_todo)).values(*COLUMNS):
        is_from_here = row["character__realm"] == guild.realm_id
        yield Member(
            place=_place(row, checks),
            name=row["character__name"] + ("" if is_from_here else f"-{row['character__realm__name']}"),
            class_id=row["character__playable_class"] or 0,
            player_name=(row["character__user__battletag"] or "").partition("#")[0],
            is_main=row["is_main"],
            has_todo=row["has_todo"],
        )


def _place(row: Mapping[str, Any], checks: Mapping[UUID, datetime]) -> Place:
    return Place(
        id=row["pk"],
        character_id=row["character"],
        player=player_of(
            place=row["pk"],
            owner=row["character__user"],
            noted_main=row["noted_main"],
            owner_of_main=row["noted_main__character__user"],
        ),
        rank=row["rank"],
        level=row["character__level"],
        last_login_at=row["character__last_login_at"],
        checked_at=checks.get(row["character"]),
        member_since=row["joined_seen_at"] or row["created_at"],
        joined_at=row["joined_seen_at"],
    )


def _first(member: Member) -> tuple[bool, int, str]:
    """The main first, then by rank and name."""
    return not member.is_main, member.place.rank, member.name
