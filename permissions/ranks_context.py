"""What the page of ranks shows, in a number of statements that does not depend on the size of the guild."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BoundField

from accounts.models import User
from guilds.models import Guild
from guilds.templatetags.heraldry import rank_name
from permissions.effective_rights import authority_of, rights_of_ranks
from permissions.explain import reasons_of
from permissions.forms import RanksForm
from permissions.members import Person, Seats, holdings, master_is_known, people_of, ranks_of, seats
from permissions.models import Grant, PermissionSet, Rank
from permissions.rules import Authority, Rights
from permissions.services import state_of


@dataclass(frozen=True, slots=True)
class RankLine:
    """A rank with its fields, where the person may fill them in. `is_beyond`: its set has rights they lack."""

    rank: Rank
    seats: Seats
    rights: Rights
    name: BoundField | None = None
    chosen: BoundField | None = None
    is_beyond: bool = False


@dataclass(frozen=True, slots=True)
class SetLine:
    """A set, the ranks that have it, and if the person may edit it. `is_beyond`: it has rights they lack."""

    set: PermissionSet
    ranks: list[Rank]
    may_edit: bool
    is_beyond: bool


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A personal grant, its holder, and whether the person may end it."""

    grant: Grant
    person: Person
    may_end: bool


def ranks_page(user: User, guild: Guild, form: RanksForm | None, status: int) -> dict[str, Any]:
    """All that the page shows: to members the ranks and their own reasons, to managers everybody's and the fields."""
    # Before what is shown, so that a change in between is noticed.
    seen = state_of(guild)
    ranks, counted = ranks_of(guild), seats(guild)
    people = people_of(guild)
    rights = rights_of_ranks(guild)
    context: dict[str, Any] = {
        "guild": guild,
        "ranks": {rank.rank_level: rank.rank_name for rank in ranks},
        "lines": [_line(rank, counted, rights) for rank in ranks],
        "reasons": reasons_of(user, guild, ranks),
        "master_is_known": master_is_known(people.values()),
        "changed_meanwhile": status == 409,
        "is_member": True,
        "manages": user.has_perm("guilds.manage_ranks", guild),
    }
    if not context["manages"]:
        return context
    allowed = authority(user, guild)
    sets = list(guild.permission_sets.all())
    form = form or RanksForm(None, ranks=ranks, sets=sets, initial={"seen": seen})
    form.allow(allowed, ranks, sets)
    return context | {
        "form": form,
        "seen": seen,
        "lines": [_line(rank, counted, rights, form, allowed) for rank in ranks],
        "set_names": {rank.rank_level: rank.permission_set.name for rank in ranks},
        "sets": [_set_line(one, ranks, allowed) for one in sets],
        "grants": [_grant_line(one, grant, allowed, user) for one in people.values() for grant in one.grants],
        "holdings": holdings(guild, people.values(), rights),
    }


def authority(user: User, guild: Guild) -> Authority:
    """From where the person who asks may change rights."""
    found = authority_of(user, guild)
    if found is None:
        raise PermissionDenied
    return found


def may_edit(allowed: Authority, one: PermissionSet) -> bool:
    """Return whether the person may change this set."""
    return allowed.may_change_set([rank.rank_level for rank in one.ranks.all()], one.rights)


def grantable(
    people: Iterable[Person], allowed: Authority, giver: User, ranks: Iterable[Rank]
) -> list[tuple[Person, str]]:
    """Those to whom the person may grant something, each with name, main and rank, by name."""
    names = {rank.rank_level: rank.rank_name for rank in ranks}
    fit = [one for one in people if allowed.may_grant_to(one.rank) and one.user.pk != giver.pk]
    return [
        (one, f"{one.name} ({one.main or one.character}), {rank_name(names, one.rank)}")
        for one in sorted(fit, key=lambda one: one.name.casefold())
    ]


def _line(
    rank: Rank,
    counted: dict[int, Seats],
    rights: dict[int, Rights],
    form: RanksForm | None = None,
    allowed: Authority | None = None,
) -> RankLine:
    level = rank.rank_level
    line = RankLine(rank, counted.get(level, Seats()), rights[level])
    if form is None or allowed is None:
        return line
    return RankLine(
        rank,
        line.seats,
        line.rights,
        name=form[f"name-{level}"] if allowed.may_name_rank(level) else None,
        chosen=form[f"set-{level}"] if allowed.may_switch_rank(level, rank.permission_set.rights) else None,
        is_beyond=allowed.may_change_rank(level) and not allowed.holds(rank.permission_set.rights),
    )


def _set_line(one: PermissionSet, ranks: Iterable[Rank], allowed: Authority) -> SetLine:
    using = [rank for rank in ranks if rank.permission_set_id == one.pk]
    may_edit = allowed.may_change_set([rank.rank_level for rank in using], one.rights)
    return SetLine(one, using, may_edit, not allowed.holds(one.rights))


def _grant_line(person: Person, grant: Grant, allowed: Authority, user: User) -> GrantLine:
    may_end = person.user.pk == user.pk or allowed.may_end_grant(person.rank, grant.rights)
    return GrantLine(grant, person, may_end)
