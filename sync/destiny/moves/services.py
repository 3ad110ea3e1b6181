"""Plans that move items: made, queued and canceled."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from destiny.door import OwnDestiny
from destiny.manifest.readers import open_manifest
from destiny.models import BungieAccount, DestinyMembership, Guardian, MovePlan, MoveStep
from destiny.models.plans import KEPT
from destiny.moves.goals import Aim, Goal, Why
from destiny.moves.inventory import Step
from destiny.moves.planner import Impossible, Plan, Reason, plan
from destiny.moves.sentences import Ended
from destiny.moves.snapshot import snapshot
from sync.destiny.jobs import BungieJob, open_plan_job
from sync.engine import transitions
from sync.engine.dispatch import send_now

# Somebody who tidies up queues many; more than these are a program's mistake.
MOST_OPEN = 50


def make_plan(*, own: OwnDestiny, goals: Sequence[Goal]) -> Plan:
    """Return the steps to the goals, as things are now, without writing anything. Raises Impossible."""
    manifest = open_manifest()
    if manifest is None:
        raise Impossible(0, Reason.NO_MANIFEST)
    made = plan(snapshot(own, manifest, goals), goals)
    if not made.steps and not made.left_out:
        raise Impossible(0, Reason.ALREADY)
    return made


@transaction.atomic
def request_plan(*, own: OwnDestiny, goals: Sequence[Goal], name: str = "") -> MovePlan:
    """Plan the steps to the goals, and have a worker carry them out after those that wait. Raises Impossible."""
    _check_room(own)
    made = make_plan(own=own, goals=goals)
    stored = MovePlan.objects.create(
        membership=own.membership, name=name[:120], goals=[goal.as_json() for goal in goals]
    )
    MoveStep.objects.bulk_create([*rows_of(stored, made), *_left_out(stored, own, goals, made)])
    _queue(own.membership)
    return stored


@transaction.atomic
def request_step(*, own: OwnDestiny, step: MoveStep, name: str) -> MovePlan:
    """Queue a plan of this one step, which needs no planning. Raises Impossible if too much waits already."""
    _check_room(own)
    stored = MovePlan.objects.create(membership=own.membership, name=name[:120], goals=[])
    step.plan = stored
    step.save(force_insert=True)
    _queue(own.membership)
    return stored


def apply_set(
    *, own: OwnDestiny, guardian: Guardian, items: Sequence[tuple[UUID, Mapping[int, int]]], name: str
) -> MovePlan:
    """Have a guardian equip items of ours, each with these plugs by socket.

    What is impossible of it is left out, and the plan says so. Raises Impossible if nothing is left.
    """
    goals = [Goal(item, Aim.EQUIP, guardian.character_id, plugs) for item, plugs in items]
    return request_plan(own=own, goals=goals, name=name)


@transaction.atomic
def cancel(*, plan: MovePlan) -> None:
    """Let nothing more of a plan be sent. What is being sent now is still read, so that the plan says how it ended."""
    now = timezone.now()
    locked = MovePlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if locked.state == MovePlan.State.WAITING:
        locked.state, locked.reason, locked.finished_at = MovePlan.State.CANCELLED, Ended.CANCELLED.value, now
        locked.steps.filter(state=MoveStep.State.PLANNED).update(state=MoveStep.State.SKIPPED)
    elif locked.is_open and locked.cancel_requested_at is None:
        locked.cancel_requested_at = now
    locked.save(update_fields=("state", "reason", "finished_at", "cancel_requested_at", "updated_at"))


def forget_plans() -> int:
    """Delete plans that ended long ago; returns how many."""
    old = MovePlan.objects.exclude(MovePlan.OPEN).filter(created_at__lte=timezone.now() - KEPT)
    return old.delete()[1].get("destiny.MovePlan", 0)


def _check_room(own: OwnDestiny) -> None:
    """Lock the account, so that each plan is made on what the earlier ones leave. Raises Impossible."""
    BungieAccount.objects.select_for_update(of=("self",)).get(pk=own.account.pk)
    if MovePlan.objects.filter(MovePlan.OPEN, membership=own.membership).count() >= MOST_OPEN:
        raise Impossible(0, Reason.TOO_MANY)


def _queue(membership: DestinyMembership) -> None:
    job = open_plan_job(membership)
    transitions.mark_due(job, BungieJob.Priority.INTERACTIVE)
    transaction.on_commit(partial(send_now, job))


def _left_out(stored: MovePlan, own: OwnDestiny, goals: Sequence[Goal], made: Plan) -> Iterator[MoveStep]:
    """Yield a refused step for each goal that is impossible, so that the plan says so."""
    hashes = dict(own.items.filter(pk__in=[goals[one].item for one in made.left_out]).values_list("pk", "item_hash"))
    for number, (goal, reason) in enumerate(made.left_out.items(), start=len(made.steps)):
        yield MoveStep(
            plan=stored,
            number=number,
            goal=goal,
            action=goals[goal].aim.value,
            why=Why.GOAL.value,
            item_hash=hashes.get(goals[goal].item, 0),
            character_id=goals[goal].guardian,
            state=MoveStep.State.REFUSED,
            reason=reason.value,
        )


def rows_of(stored: MovePlan, made: Plan) -> list[MoveStep]:
    """Return the steps as rows of a plan, not saved."""
    return [_row(stored, number, step) for number, step in enumerate(made.steps)]


def _row(stored: MovePlan, number: int, step: Step) -> MoveStep:
    return MoveStep(
        plan=stored,
        number=number,
        goal=step.goal,
        action=step.action.value,
        why=step.why.value,
        item_hash=step.gear.hash,
        instance_id=step.gear.instance_id,
        quantity=step.gear.quantity,
        slot_hash=step.gear.slot,
        is_account_slot=step.is_account_slot,
        character_id=step.guardian,
        socket=step.socket,
        plug_hash=step.plug,
    )
