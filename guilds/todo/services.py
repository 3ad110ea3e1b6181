"""What is to be done in the game: officers plan it here, and the roster shows whether it was done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.access import lock_guild
from guilds.models import Guild, Membership, PlannedChange
from guilds.rules import outcome

MANAGE = "guilds.manage_roster"
# A plan that nobody carried out in this time is forgotten.
LAPSES_AFTER = timedelta(days=28)
Kind, State = PlannedChange.Kind, PlannedChange.State


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of planning for several members at once."""

    changes: list[PlannedChange]
    # Why it was not planned for the others, in words.
    refused: list[str]


@transaction.atomic
def plan_changes(
    *, guild: Guild, actor: User, members: Iterable[Membership], kind: str, to_rank: int | None, reason: str
) -> Planned:
    """Put the same change for each of these members on the plan, in a fixed number of statements.

    Left out, with the reason, are those for whom something is planned already and those whose rank it would not
    change. Raises PermissionDenied, and ValidationError for a rank that is none.
    """
    lock_guild(guild, actor, MANAGE)
    settle_plans(guild=guild, now=timezone.now())
    places = guild.memberships.filter(pk__in=[member.pk for member in members]).select_related("character")
    planned = {one.character_id: one for one in guild.planned_changes.open().select_related("planned_by")}
    changes, refused = [], []
    for place in places.order_by("character__name"):
        if already := planned.get(place.character_id):
            refused.append(_already(place, already))
        elif not _goes_its_way(kind, place.rank, to_rank):
            refused.append(_("%(name)s: rank %(rank)d already.") % {"name": place.character.name, "rank": place.rank})
        else:
            changes.append(_change(guild, actor, place, kind, to_rank, reason))
    return Planned(PlannedChange.objects.bulk_create(changes), refused)


@transaction.atomic
def withdraw(*, guild: Guild, actor: User, changes: Iterable[PlannedChange]) -> int:
    """Take changes off the plan; returns how many were still open. Raises PermissionDenied."""
    lock_guild(guild, actor, MANAGE)
    still_open = guild.planned_changes.open().filter(pk__in=[one.pk for one in changes])
    return still_open.update(state=State.WITHDRAWN, settled_at=timezone.now())


def settle_plans(*, guild: Guild, now: datetime) -> None:
    """Tick off what the roster shows done, and let lapse what can no longer be done or was not for too long.

    One statement while nothing is settled, and three at most, however long the plan is.
    """
    rank_now = Membership.objects.filter(guild=guild, character=OuterRef("character")).values("rank")
    settled: dict[PlannedChange.State, list[UUID]] = {}
    lines = guild.planned_changes.open().annotate(rank_now=Subquery(rank_now))
    for pk, kind, to_rank, place, lapses_at in lines.values_list("pk", "kind", "to_rank", "rank_now", "lapses_at"):
        became = outcome(kind, to_rank=to_rank, rank_now=place, lapses_at=lapses_at, now=now)
        if became is not None:
            settled.setdefault(became, []).append(pk)
    for state, changes in settled.items():
        guild.planned_changes.filter(pk__in=changes).update(state=state, settled_at=now)


def _goes_its_way(kind: str, rank: int, to_rank: int | None) -> bool:
    if kind == Kind.REMOVE:
        return True
    if to_rank is None:
        raise ValidationError(_("To which rank?"))
    return to_rank < rank if kind == Kind.PROMOTE else to_rank > rank


def _change(guild: Guild, actor: User, place: Membership, kind: str, to_rank: int | None, reason: str) -> PlannedChange:
    return PlannedChange(
        guild=guild,
        character_id=place.character_id,
        kind=kind,
        from_rank=place.rank,
        to_rank=None if kind == Kind.REMOVE else to_rank,
        reason=reason,
        planned_by=actor,
        lapses_at=timezone.now() + LAPSES_AFTER,
    )


def _already(place: Membership, already: PlannedChange) -> str:
    words = {
        "name": place.character.name,
        "kind": already.get_kind_display(),
        "who": already.planned_by.display_name if already.planned_by else "–",
    }
    return _("%(name)s: on the plan already (%(kind)s, by %(who)s).") % words
