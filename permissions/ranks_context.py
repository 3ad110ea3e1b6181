"""The template context of the ranks page, in a number of statements that doesn't depend on the size of the guild."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.forms import BoundField
from django.utils import timezone

from accounts.compiled_queries import CompiledQuery
from accounts.models import User
from guilds.models import GUILD_MASTER_RANK, Guild, Membership
from guilds.ranks import rank_name
from guilds.update_states import update_states
from permissions.effective_rights import authority_of_page, effective_rights
from permissions.forms import RanksForm
from permissions.members import MemberCount, Player, member_counts, players_of, ranks_of, right_holders, rights_of_sets
from permissions.models import Grant, PermissionSet, Rank
from permissions.resolver import Authority, EffectiveRights, rights_of_ranks
from permissions.rights import EVERY_RIGHT, MANAGE_RANKS, Rights
from permissions.services import version_of_ranks


@dataclass(frozen=True, slots=True)
class RankLine:
    """A rank with the fields that the user can fill in."""

    rank: Rank
    count: MemberCount
    rights: Rights
    name: BoundField | None = None
    permission_set: BoundField | None = None
    # The set includes rights that the user lacks.
    is_locked: bool = False

    @property
    def name_now(self) -> str:
        """The saved name, where the form has another one."""
        return _if_edited(self.name, self.rank.rank_name, self.rank.rank_name)

    @property
    def set_now(self) -> str:
        """The name of the saved permission set, where the form has another one."""
        return _if_edited(self.permission_set, str(self.rank.permission_set_id), self.rank.permission_set.name)


@dataclass(frozen=True, slots=True)
class SetLine:
    """A permission set with the ranks that use it."""

    set: PermissionSet
    ranks: list[Rank]
    can_edit: bool
    # It includes rights that the user lacks.
    is_locked: bool

    @property
    def can_delete(self) -> bool:
        return self.can_edit and not self.ranks


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A personal grant with the player who has it."""

    grant: Grant
    player: Player
    can_end: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A player's rights in a guild with their sources; `place` and `rank` are empty without a character there."""

    place: Membership | None
    rank: Rank | None
    rights: EffectiveRights
    grants: list[Grant]

    @property
    def missing(self) -> Rights:
        """The rights that no source gives. Site admins have them all the same."""
        return EVERY_RIGHT - self.rights.rights


def ranks_context(user: User, guild: Guild, form: RanksForm | None, *, is_conflict: bool) -> dict[str, Any]:
    """Return what the page shows: ranks and the user's own permissions to members, everything else to managers."""
    ranks, players = ranks_of(guild), players_of(guild)
    lines = _lines(guild, ranks)
    context: dict[str, Any] = {
        "guild": guild,
        "ranks": {rank.rank_level: rank.rank_name for rank in ranks},
        "lines": lines,
        "explanation": explain(user, guild, ranks, players),
        "update_states": update_states(Guild, [guild.pk]),
        "has_guild_master": any(player.rank == GUILD_MASTER_RANK for player in players.values()),
        "is_conflict": is_conflict,
        "is_manager": user.has_perm(MANAGE_RANKS, guild),
    }
    if not context["is_manager"]:
        return context
    authority = authority_of_page(user, guild)
    sets = _SETS(guild=guild.pk)
    version = version_of_ranks(ranks, sets)
    form = form or RanksForm(None, ranks=ranks, sets=sets, version=version)
    form.disable_beyond(authority, ranks, sets)
    return context | {
        "form": form,
        "version": version,
        "lines": [_editable(line, form, authority) for line in lines],
        "sets": [_set_line(one, ranks, authority) for one in sets],
        "grants": [_grant_line(player, one, authority, user) for player in players.values() for one in player.grants],
        "holders": right_holders(guild, players, ranks),
    }


def explain(user: User, guild: Guild, ranks: list[Rank], players: Mapping[UUID, Player]) -> Explanation:
    """Return the player's rights in the guild with their sources."""
    place = next(iter(_OWN_PLACE(user=user.pk, guild=guild.pk, now=timezone.now())), None)
    return Explanation(
        place=place,
        rank=next((rank for rank in ranks if place and rank.rank_level == place.rank), None),
        rights=effective_rights(user, guild),
        grants=list(players[user.pk].grants) if place and user.pk in players else [],
    )


def _own_place(user: UUID, guild: UUID, now: datetime) -> "QuerySet[Membership]":
    places = Membership.objects.with_confirmed_link_to(user, now).filter(guild=guild).select_related("character")
    return places.order_by("rank", "-is_main", "character__name", "pk")[:1]


_OWN_PLACE = CompiledQuery(_own_place, user=UUID, guild=UUID, now=datetime)
_SETS = CompiledQuery(lambda guild: PermissionSet.objects.filter(guild=guild), guild=UUID)


def grant_choices(
    players: Iterable[Player], authority: Authority, giver: User, names: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Return the players who can get a grant, by name, each as a choice with main and rank."""
    found = [one for one in players if authority.can_grant_to(one.rank) and one.id != giver.pk]
    return [
        (str(one.id), f"{one.name} ({one.main or one.character}), {rank_name(names, one.rank)}")
        for one in sorted(found, key=lambda one: one.name.casefold())
    ]


def _lines(guild: Guild, ranks: Iterable[Rank]) -> list[RankLine]:
    counts, rights = member_counts(guild), rights_of_ranks(rights_of_sets(ranks))
    return [RankLine(rank, counts.get(rank.rank_level, MemberCount()), rights[rank.rank_level]) for rank in ranks]


def _editable(line: RankLine, form: RanksForm, authority: Authority) -> RankLine:
    level, rights = line.rank.rank_level, line.rank.permission_set.rights
    return replace(
        line,
        name=form[f"name-{level}"] if authority.can_rename_rank(level) else None,
        permission_set=form[f"set-{level}"] if authority.can_switch_set(level, rights) else None,
        is_locked=authority.can_change_rank(level) and not authority.includes(rights),
    )


def _set_line(permission_set: PermissionSet, ranks: Iterable[Rank], authority: Authority) -> SetLine:
    using = [rank for rank in ranks if rank.permission_set_id == permission_set.pk]
    can_edit = authority.can_edit_set([rank.rank_level for rank in using], permission_set.rights)
    return SetLine(permission_set, using, can_edit, is_locked=not authority.includes(permission_set.rights))


def _grant_line(player: Player, grant: Grant, authority: Authority, user: User) -> GrantLine:
    can_end = player.id == user.pk or authority.can_end_grant(player.rank, grant.rights)
    return GrantLine(grant, player, can_end)


def _if_edited(field: BoundField | None, saved: str, shown: str) -> str:
    if field is None or not field.form.is_bound or str(field.value()) == saved:
        return ""
    return shown or "–"
