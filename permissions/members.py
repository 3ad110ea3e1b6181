"""The people of a guild and where their rights come from, each read in a fixed number of statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count

from accounts.models import User
from guilds.models import GUILD_MASTER_RANK, Guild, gives_rights
from permissions.effective_rights import RESTRICTED, leavers_in_grace
from permissions.models import FLAG_OF, Grant, Rank
from permissions.rules import Holder, Rights


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose character is on the roster and who signed in here at least once."""

    user: User
    rank: int
    # The character through which they have this rank, and their main, if one is known.
    character: str
    main: str
    grants: tuple[Grant, ...] = ()

    @property
    def name(self) -> str:
        """What the others call the person."""
        return self.user.display_name

    @property
    def holder(self) -> Holder:
        """The person as the rules see them."""
        granted = frozenset[str]().union(*(grant.rights for grant in self.grants))
        return Holder(self.rank, granted, self.user.is_superuser)


@dataclass(frozen=True, slots=True)
class Seats:
    """How many characters have a rank, and how many of them give it to nobody, since no player is linked for sure."""

    members: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class RightHolder:
    """Who holds one right, by the reason for it. A person may have several reasons."""

    right: str
    by_rank: list[tuple[int, list[Person]]] = field(default_factory=list)
    by_grant: list[tuple[Person, Grant]] = field(default_factory=list)
    in_grace: list[User] = field(default_factory=list)
    site_admins: list[User] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many people that are."""
        people = {person.user.pk for _, group in self.by_rank for person in group}
        people |= {person.user.pk for person, _ in self.by_grant}
        return len(people.union(user.pk for user in (*self.in_grace, *self.site_admins)))


def people_of(guild: Guild) -> dict[UUID, Person]:
    """Everybody with an open account who holds a rank's rights, best rank first, in two statements."""
    places = (
        guild.memberships.with_confirmed_owner()
        .filter(character__user__is_active=True)
        .select_related("character__user")
        .order_by("rank", "-is_main", "character__name", "pk")
    )
    best: dict[UUID, tuple[User, int, str]] = {}
    mains: dict[UUID, str] = {}
    for place in places:
        if (user := place.character.user) is None:
            continue
        best.setdefault(user.pk, (user, place.rank, place.character.name))
        if place.main_of_id == user.pk:
            mains[user.pk] = place.character.name
    grants: dict[UUID, list[Grant]] = {}
    for grant in guild.grants.running().select_related("granted_by"):
        grants.setdefault(grant.user_id, []).append(grant)
    people = [
        Person(user, rank, character, mains.get(pk, ""), tuple(grants.get(pk, ())))
        for pk, (user, rank, character) in best.items()
    ]
    return {one.user.pk: one for one in sorted(people, key=lambda one: (one.rank, one.name.casefold()))}


def seats(guild: Guild) -> dict[int, Seats]:
    """The members of each rank that has any."""
    counted = guild.memberships.order_by().values("rank")
    annotated = counted.annotate(members=Count("pk"), known=Count("pk", filter=gives_rights()))
    lines = annotated.values_list("rank", "members", "known")
    return {rank: Seats(members, members - known) for rank, members, known in lines}


def holdings(guild: Guild, people: Iterable[Person], rights_of_rank: Mapping[int, Rights]) -> list[RightHolder]:
    """For each right, who holds it and why."""
    people = list(people)
    admins = list(User.objects.filter(is_superuser=True, is_active=True))
    members = {person.user.pk for person in people}
    leavers = [user for user in _in_grace(guild) if user.pk not in members]
    return [
        RightHolder(
            right=right,
            by_rank=_by_rank(people, {level for level, rights in rights_of_rank.items() if right in rights}),
            by_grant=[(one, grant) for one in people for grant in one.grants if right in grant.rights],
            in_grace=leavers if right in RESTRICTED else [],
            site_admins=admins,
        )
        for right in FLAG_OF
    ]


def master_is_known(people: Iterable[Person]) -> bool:
    """Whether somebody whom the site knows is the guild master."""
    return any(person.rank == GUILD_MASTER_RANK for person in people)


def ranks_of(guild: Guild) -> list[Rank]:
    """The guild's ranks with their sets, the guild master's first."""
    return list(guild.ranks.select_related("permission_set").order_by("rank_level"))


def _by_rank(people: Iterable[Person], levels: set[int]) -> list[tuple[int, list[Person]]]:
    groups: dict[int, list[Person]] = {}
    for person in people:
        if person.rank in levels:
            groups.setdefault(person.rank, []).append(person)
    return sorted(groups.items())


def _in_grace(guild: Guild) -> list[User]:
    """Leavers who may still read; no statement where the guild grants no grace."""
    if not guild.grace_hours:
        return []
    return list(User.objects.filter(pk__in=leavers_in_grace(guild).values("person"), is_active=True))
