"""Milestones of the week, and what each guardian has done: fetched from Bungie, and written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from destiny.models import BungieAccount, Collection, DestinyMembership, Guardian, GuardianProgress, Milestone
from sync.bungie.client import MILESTONES, BungieClient
from sync.bungie.milestones import Milestone as ListedMilestone
from sync.bungie.milestones import MilestoneProgress, Progress
from sync.destiny.tokens import with_token
from sync.engine import transitions
from sync.engine.bulk import Columns, diff
from sync.engine.claims import Claim
from sync.engine.errors import BadPayload

COLUMNS = ("order", "starts_at", "ends_at", "activities", "quests", "vendors")


def fetch(client: BungieClient) -> Mapping[int, ListedMilestone]:
    """Return the milestones of the week. Raises ApiError, also if there are none: there always are some."""
    found = client.milestones()
    if not found:
        raise BadPayload(MILESTONES, detail="no milestones")
    return found


@transaction.atomic
def apply(listed: Mapping[int, ListedMilestone], claim: Claim) -> None:
    """Write the milestones, and that the job is done."""
    claim.ensure_held()
    stored = {one.milestone_hash: one for one in Milestone.objects.all()}
    wanted = {one.hash: _columns(one) for one in listed.values()}
    changed = [
        Milestone(milestone_hash=key, **columns)
        for key, columns in wanted.items()
        if key not in stored or diff(stored[key], columns)
    ]
    gone = [one.pk for key, one in stored.items() if key not in wanted]
    Milestone.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=("milestone_hash",),
        update_fields=(*COLUMNS, "updated_at"),
    )
    Milestone.objects.filter(pk__in=gone).delete()
    transitions.succeed(claim.jobs, claim=claim, changed=bool(changed or gone))


def _columns(milestone: ListedMilestone) -> Columns:
    return {
        "order": milestone.order,
        "starts_at": milestone.starts_at,
        "ends_at": milestone.ends_at,
        "activities": [[one.hash, list(one.objectives)] for one in milestone.activities],
        "quests": list(milestone.quests),
        "vendors": list(milestone.vendors),
    }


def fetch_progress(membership: DestinyMembership, client: BungieClient) -> Progress:
    """Return what the membership has done, with its owner's token. Raises ApiError."""
    where = (membership.membership_type, membership.membership_id)
    person = str(membership.account_id)
    return with_token(membership.account_id, client, lambda token: client.progress(*where, token=token, person=person))


@transaction.atomic
def apply_progress(membership_id: UUID, answer: Progress, claim: Claim) -> None:
    """Write what an answer newer than the last one says, and that the job is done. What came without data stays."""
    # Before the job: disconnecting the account locks it first, and then deletes its jobs.
    list(BungieAccount.objects.select_for_update(of=("self",)).filter(memberships=membership_id).values_list("pk"))
    claim.ensure_held()
    read_at = answer.minted_at or timezone.now()
    has_progress = _write_progress(membership_id, answer, read_at)
    has_collection = _write_collection(membership_id, answer, read_at)
    transitions.succeed(claim.jobs, claim=claim, changed=has_progress or has_collection)


def _write_progress(membership_id: UUID, answer: Progress, read_at: datetime) -> bool:
    rows = []
    for guardian in Guardian.objects.filter(membership=membership_id).select_related("progress"):
        found = answer.milestones.data.get(guardian.character_id)
        if found and _is_older(getattr(guardian, "progress", None), read_at):
            rows.append(GuardianProgress(guardian=guardian, milestones=_states(found), read_at=read_at))
    GuardianProgress.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=("guardian",), update_fields=("milestones", "read_at")
    )
    return bool(rows)


def _write_collection(membership_id: UUID, answer: Progress, read_at: datetime) -> bool:
    """Write what is missing. Nobody has everything: an answer in which nothing is missing is an empty one."""
    stored = Collection.objects.filter(membership=membership_id).first()
    if not answer.missing.data or not _is_older(stored, read_at):
        return False
    Collection.objects.bulk_create(
        [Collection(membership_id=membership_id, missing=sorted(answer.missing.data), read_at=read_at)],
        update_conflicts=True,
        unique_fields=("membership",),
        update_fields=("missing", "read_at"),
    )
    return True


def _is_older(row: GuardianProgress | Collection | None, read_at: datetime) -> bool:
    return row is None or row.read_at < read_at


def _states(progress: Mapping[int, MilestoneProgress]) -> dict[str, Any]:
    return {
        str(key): {
            "objectives": [[part.hash, part.progress, part.needed, part.is_complete] for part in one.objectives],
            "rewards": [[part.category, part.entry, part.is_earned, part.is_redeemed] for part in one.rewards],
        }
        for key, one in progress.items()
    }
