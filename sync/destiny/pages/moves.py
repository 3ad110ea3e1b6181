"""The pages on which players move items, see how it goes, and cancel it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.live_updates import update_response
from accounts.models import User
from accounts.signed_in import SignedInRequest, signed_in
from destiny.door import OwnDestiny, own_destiny
from destiny.manifest.readers import manifest_of
from destiny.models import Guardian, Item, MovePlan, MoveStep
from destiny.moves.goals import Aim, Goal, Why
from destiny.moves.lines import lines_of
from destiny.moves.planner import Impossible, Plan, Reason
from destiny.moves.sentences import why_ended, why_impossible
from sync.destiny.failure_reasons import reason
from sync.destiny.jobs import BungieJob
from sync.destiny.moves.services import cancel, make_plan, request_plan, rows_of
from sync.destiny.pages.own import head_of, own_page

MOST_LISTED = 50
# What the form calls a move to the vault, for which it needs no guardian.
STORE = "store"


@require_POST
@signed_in
def move(request: SignedInRequest, item_id: UUID) -> HttpResponse:
    """Plan what the form asks for. If it moves other items, too, say which, and ask first."""
    own = own_destiny(request.user)
    if own is None:
        raise Http404
    item = own.item(item_id)
    goal = _goal(request, own, item)
    try:
        goal = replace(goal, quantity=_quantity(request))
        if request.POST.get("confirmed") == "yes":
            return redirect("destiny:plan", request_plan(own=own, goals=[goal]).pk)
        made = make_plan(own=own, goals=[goal])
        if all(step.why is Why.GOAL for step in made.steps):
            return redirect("destiny:plan", request_plan(own=own, goals=[goal]).pk)
    except Impossible as error:
        context = _confirmation(request, own, item, goal, None) | {"refusal": why_impossible(error.reason)}
        return render(request, "destiny/move.html", context, status=409)
    return render(request, "destiny/move.html", _confirmation(request, own, item, goal, made))


def _goal(request: SignedInRequest, own: OwnDestiny, item: Item) -> Goal:
    """Return what the form asks for. Raises Http404 for somebody else's guardian, and what no form has."""
    text = request.POST.get("aim", "")
    if text == STORE:
        return Goal(item.pk, Aim.MOVE)
    try:
        aim = Aim(text)
        character_id = int(request.POST.get("guardian", "")) if aim in (Aim.MOVE, Aim.EQUIP) else 0
    except ValueError:
        raise Http404 from None
    if aim in (Aim.MOVE, Aim.EQUIP):
        own.guardian(character_id)
    return Goal(item.pk, aim, character_id)


def _quantity(request: SignedInRequest) -> int | None:
    """Return how many of a stack, None if the form does not ask. Raises Impossible for what is no number."""
    text = request.POST.get("quantity")
    try:
        return None if text is None else int(text)
    except ValueError:
        raise Impossible(0, Reason.QUANTITY) from None


def _confirmation(
    request: SignedInRequest, own: OwnDestiny, item: Item, goal: Goal, made: Plan | None
) -> dict[str, Any]:
    steps = rows_of(MovePlan(membership=own.membership), made) if made is not None else []
    manifest = manifest_of(request)
    definition = manifest.items([item.item_hash]).get(item.item_hash) if manifest is not None else None
    return {
        "own": own,
        "item": item,
        "name": definition.name if definition else "",
        "goal": goal,
        "aim": request.POST["aim"],
        "lines": lines_of(steps, own.guardians, manifest),
    }


@own_page
def plans(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """List what the player had moved, the newest first."""
    manifest = manifest_of(request)
    found = list(_plans(request.user)[:MOST_LISTED].prefetch_related("steps"))
    guardians = list(Guardian.objects.filter(membership__account=own.account))
    lines = iter(lines_of([step for one in found for step in one.steps.all()], guardians, manifest))
    rows = [(one, [next(lines) for _step in one.steps.all()]) for one in found]
    context = {**head_of(own), "plans": [(one, _summary(one, some)) for one, some in rows], "most": MOST_LISTED}
    return render(request, "destiny/plans.html", context)


def _summary(plan: MovePlan, lines: list[Any]) -> str:
    """Return the plan's name, or the last line that is for the wish itself: it says where the item ends."""
    wished = [line.text for line in lines if not line.why]
    return plan.name or (wished[-1] if wished else "")


@require_safe
@signed_in
def plan(request: SignedInRequest, plan_id: UUID) -> HttpResponse:
    """Show a plan's steps, and what became of each."""
    found = _plan(request.user, plan_id)
    steps = list(found.steps.all())
    lines = lines_of(steps, Guardian.objects.filter(membership=found.membership_id), manifest_of(request))
    context = {
        "plan": found,
        "lines": lines,
        "summary": _summary(found, lines),
        "done": sum(one.state == MoveStep.State.DONE for one in steps),
        "ended": why_ended(found.reason),
        "waits": reason(_job(found)) if found.is_open else "",
        "live": reverse("destiny:plan_updates", args=(found.pk,)) if found.is_open else "",
        "version": _version(found, steps, _job(found)),
    }
    return render(request, "destiny/plan.html", context)


@require_safe
@signed_in
def updates(request: SignedInRequest, plan_id: UUID) -> HttpResponse:
    """Say whether a plan is being carried out."""
    found = _plan(request.user, plan_id)
    version = _version(found, list(found.steps.all()), _job(found))
    return update_response(request, version=version, is_busy=found.is_open)


@require_POST
@signed_in
def cancel_plan(request: SignedInRequest, plan_id: UUID) -> HttpResponse:
    """Send nothing more of a plan."""
    found = _plan(request.user, plan_id)
    if found.is_open:
        cancel(plan=found)
        messages.success(request, _("Canceled. What is done stays done."))
    return redirect("destiny:plan", found.pk)


def _plans(user: User) -> Any:
    return MovePlan.objects.filter(membership__account__user=user)


def _plan(user: User, key: UUID) -> MovePlan:
    found: MovePlan = get_object_or_404(_plans(user).select_related("membership"), pk=key)
    return found


def _job(plan: MovePlan) -> BungieJob | None:
    return BungieJob.objects.filter(kind=BungieJob.Kind.PLAN, membership=plan.membership_id).first()


def _version(plan: MovePlan, steps: list[MoveStep], job: BungieJob | None) -> str:
    """Return a text that changes when the page would."""
    states = "".join(one.state[0] for one in steps)
    return f"{plan.state}-{states}-{int(plan.cancel_requested_at is not None)}-{job.error_kind if job else ''}"
