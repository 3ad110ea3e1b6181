"""Moving items: plans are made, tried and looked at. A token can look, a session can move."""

from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Status
from ninja.errors import HttpError
from pydantic import BaseModel, Field

from accounts.models import User
from api.authentication import Session, require
from api.errors import ERRORS
from api.problem import Problem
from destiny.api.area import VIEW
from destiny.manifest.readers import manifest_of
from destiny.models import Guardian, MovePlan, MoveStep
from destiny.moves.goals import Aim, Goal
from destiny.moves.lines import lines_of
from destiny.moves.planner import Impossible
from destiny.moves.sentences import why_ended, why_impossible
from sync.destiny.api.own import MembershipId, own_or_404
from sync.destiny.moves.services import cancel, make_plan, request_plan, rows_of

router = Router(tags=["moves"])


class Wish(BaseModel):
    """An action on one item."""

    item: UUID = Field(description="The id of one of your items.")
    action: Literal["move", "equip", "pull", "lock", "unlock"]
    guardian: str = Field(
        default="0", pattern="^[0-9]{1,19}$", description="The character that gets or wears it; 0 for the vault."
    )
    quantity: int | None = Field(default=None, ge=1, description="How many of a stack; without it, all.")
    dry_run: bool = Field(default=False, description="Only return the steps; nothing is moved.")


class MoveStepSchema(BaseModel):
    """One request to Bungie. `why` is goal, room (makes room) or swap (is equipped in place of another item)."""

    action: str
    item_hash: int
    instance_id: str | None
    quantity: int
    character: str
    why: str
    state: str
    text: str
    failure: str = Field(description="Why it was not done, and what to do.")


class Move(BaseModel):
    """A plan: waiting, running, done, partly (done), failed or cancelled. Without an id after a dry run."""

    id: UUID | None
    name: str
    state: str
    reason: str = Field(description="Why it ended before its last step.")
    created_at: datetime | None
    finished_at: datetime | None
    steps: list[MoveStepSchema]


# With a session only: a token can change nothing.
@router.post("", response={200: Move, 202: Move, 409: Problem, ERRORS: Problem}, auth=Session(), url_name="moves")
def move(request: HttpRequest, wish: Wish, membership: MembershipId = "") -> Status[Move]:
    """Move, equip, lock or pull an item, with everything that it needs; or, with `dry_run`, say what that would be.

    409 says why it is impossible.
    """
    own = own_or_404(request, membership)
    item = own.item(wish.item)
    guardian = int(wish.guardian)
    if guardian or wish.action == "equip":
        own.guardian(guardian)
    goals = [Goal(item.pk, Aim(wish.action), guardian, quantity=wish.quantity)]
    try:
        if wish.dry_run:
            draft = MovePlan(membership=own.membership)
            return Status(200, _move(request, draft, rows_of(draft, make_plan(own=own, goals=goals)), is_draft=True))
        stored = request_plan(own=own, goals=goals)
    except Impossible as error:
        raise HttpError(409, why_impossible(error.reason)) from None
    return Status(202, _move(request, stored, list(stored.steps.all())))


@router.get("/{plan_id}", response={200: Move, 304: None, ERRORS: Problem}, url_name="move")
def plan(request: HttpRequest, plan_id: UUID) -> Move:
    """Say how far a plan is."""
    found = _plan(request, plan_id)
    return _move(request, found, list(found.steps.all()))


@router.post("/{plan_id}/cancel", response={200: Move, ERRORS: Problem}, auth=Session(), url_name="move_cancel")
def cancel_plan(request: HttpRequest, plan_id: UUID) -> Move:
    """Send nothing more of a plan. What is done stays done."""
    found = _plan(request, plan_id)
    cancel(plan=found)
    found.refresh_from_db()
    return _move(request, found, list(found.steps.all()))


def _plan(request: HttpRequest, key: UUID) -> MovePlan:
    user = cast(User, request.user)
    require(user, VIEW)
    found: MovePlan = get_object_or_404(MovePlan.objects.filter(membership__account__user=user), pk=key)
    return found


def _move(request: HttpRequest, plan: MovePlan, steps: list[MoveStep], *, is_draft: bool = False) -> Move:
    guardians = Guardian.objects.filter(membership=plan.membership_id)
    lines = lines_of(steps, guardians, manifest_of(request))
    return Move(
        id=None if is_draft else plan.pk,
        name=plan.name,
        state=plan.state,
        reason=why_ended(plan.reason),
        created_at=plan.created_at,
        finished_at=plan.finished_at,
        steps=[
            MoveStepSchema(
                action=step.action,
                item_hash=step.item_hash,
                instance_id=str(step.instance_id) if step.instance_id else None,
                quantity=step.quantity,
                character=str(step.character_id),
                why=step.why,
                state=step.state,
                text=line.text,
                failure=line.failure,
            )
            for step, line in zip(steps, lines, strict=True)
        ],
    )
