"""The guild's members as the rules need them, and the list of those to whom a rule applies today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from guilds.away.leaves import known_leaves
from guilds.away.rule import Match, Place, Result, Rule, evaluate, is_unknown, most_urgent, player_of
from guilds.display_names import display_name
from guilds.models import Guild, Leave, RosterRule, TodoItem
from guilds.update_states import profile_checks

COLUMNS = (
    "pk",
    "character",
    "rank",
    "joined_seen_at",
    "member_since",
    "noted_main__character",
    "noted_main__character__user",
    "is_main",
    "character__user",
    "player_name",
    "character__name",
    "character__realm",
    "character__realm__name",
    "character__playable_class",
    "character__level",
    "character__last_login_at",
    "has_todo",
)


class Row(NamedTuple):
    """A member as the statement returns it, in the order of COLUMNS."""

    id: UUID
    character: UUID
    rank: int
    joined_at: datetime | None
    member_since: datetime
    noted_main: UUID | None
    owner_of_main: UUID | None
    is_main: bool
    owner: UUID | None
    player_name: str | None
    name: str
    realm_id: int
    realm: str
    class_id: int | None
    level: int | None
    last_login_at: datetime | None
    has_todo: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A member as a line shows them. `player_name` is empty without a known player."""

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

    rule: RosterRule
    match: Match
    member: Member
    others: list[Member]
    seen_at: datetime | None
    checked_at: datetime | None
    unknown: list[Member]

    @property
    def key(self) -> str:
        """The value that a form sends for this line."""
        return f"{self.rule.pk}:{self.member.place.id}"

    @property
    def has_todo(self) -> bool:
        return all(one.has_todo for one in (self.member, *self.others))


@dataclass(frozen=True, slots=True)
class AwayList:
    """Today's matches by urgency, those of whom nobody can say, and how many players are on leave."""

    matches: list[Match]
    unknown: list[Match]
    on_leave: int


class Roster:
    """All members of a guild by player, read in three statements."""

    def __init__(self, guild: Guild, *, now: datetime | None = None) -> None:
        self.now = now or timezone.now()
        self.members = {one.place.id: one for one in _members(guild, self.now)}
        self.players: dict[UUID, list[Place]] = {}
        for member in self.members.values():
            self.players.setdefault(member.place.player, []).append(member.place)
        self.leaves = known_leaves(guild)
        today = self.today = timezone.localdate(self.now)
        self.periods = {player: [(one.starts_on, one.ends_on) for one in all_] for player, all_ in self.leaves.items()}
        self.on_leave = {
            player for player, all_ in self.periods.items() if any(first <= today <= last for first, last in all_)
        }

    def evaluate(self, rule: Rule) -> Result:
        return evaluate(rule, self.players, on_leave=self.on_leave, leaves=self.periods, now=self.now)

    def away_or_leaving(self) -> list[tuple[Member, list[Member], Leave]]:
        """Return who is or will be on leave, the next first, with the player's other characters."""
        found = []
        for player, leaves in self.leaves.items():
            characters = sorted((self.members[one.id] for one in self.players.get(player, ())), key=_first)
            if characters:
                found += [(characters[0], characters[1:], one) for one in leaves if one.ends_on >= self.today]
        return sorted(found, key=lambda one: (one[2].starts_on, one[0].name))

    def away(self, rules: Iterable[Rule]) -> AwayList:
        """Return to whom these rules apply today, each member once."""
        results = [self.evaluate(rule) for rule in rules]
        matches = most_urgent(match for result in results for match in result.matches)
        listed = {one.id for match in matches for one in match.places}
        unknown = most_urgent(match for result in results for match in result.unknown)
        return AwayList(
            matches,
            [match for match in unknown if listed.isdisjoint(one.id for one in match.places)],
            len({match.player for result in results for match in result.on_leave}),
        )

    def lines(self, matches: Iterable[Match], rules: Mapping[UUID, RosterRule]) -> list[Line]:
        """Return the matches as a page shows them; `rules` are the rows of their rules, by id."""
        return [self._line(match, rules[match.rule.id]) for match in matches]

    def _line(self, match: Match, rule: RosterRule) -> Line:
        member, *others = sorted((self.members[one.id] for one in match.places), key=_first)
        subject = self.players[match.player] if match.rule.per_player else match.places
        return Line(
            rule=rule,
            match=match,
            member=member,
            others=others,
            seen_at=max((one.last_login_at for one in subject if one.last_login_at), default=None),
            checked_at=min((one.checked_at for one in subject if one.checked_at), default=None),
            unknown=[self.members[one.id] for one in subject if is_unknown(one, self.now)],
        )


def rules_of(guild: Guild) -> list[tuple[RosterRule, Rule]]:
    """Return the guild's rules with their terms, in one statement."""
    exempt = ArrayAgg("exempt", filter=Q(exempt__isnull=False), default=[])
    return [(one, one.terms(frozenset(one.spared))) for one in guild.roster_rules.annotate(spared=exempt)]


def _members(guild: Guild, now: datetime) -> Iterable[Member]:
    checks = profile_checks(guild)
    has_todo = TodoItem.objects.open().filter(guild=guild, character=OuterRef("character"), expires_at__gt=now)
    members = guild.memberships.order_by().annotate(
        has_todo=Exists(has_todo),
        member_since=Coalesce("joined_seen_at", "created_at"),
        player_name=display_name("character__user"),
    )
    for row in map(Row._make, members.values_list(*COLUMNS)):
        name = row.name if row.realm_id == guild.realm_id else f"{row.name}-{row.realm}"
        place = _place(row, checks)
        yield Member(place, name, row.class_id or 0, row.player_name or "", row.is_main, row.has_todo)


def _place(row: Row, checks: Mapping[UUID, datetime]) -> Place:
    player = player_of(
        character=row.character, owner=row.owner, noted_main=row.noted_main, owner_of_main=row.owner_of_main
    )
    return Place(
        id=row.id,
        character_id=row.character,
        player=player,
        rank=row.rank,
        level=row.level,
        last_login_at=row.last_login_at,
        checked_at=checks.get(row.character),
        member_since=row.member_since,
        joined_at=row.joined_at,
    )


def _first(member: Member) -> tuple[bool, int, str]:
    """The main first, then by rank and name."""
    return not member.is_main, member.place.rank, member.name
