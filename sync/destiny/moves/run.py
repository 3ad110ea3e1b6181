"""Carry out a plan step by step, so that nothing is sent twice and the plan says what was done.

Before a request leaves, its steps are marked as sending, in a transaction of its own. Whoever finds such a step,
because a worker was killed or an answer was lost, does not send it again before a profile has shown that it was not
done.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import takewhile
from typing import Any

from django.db import transaction
from django.utils import timezone

from destiny.models import BungieAccount, DestinyMembership, MovePlan, MoveStep
from destiny.moves.goals import LOADOUT_ACTIONS, Action
from destiny.moves.sentences import Ended
from sync.bungie.actions import ItemActions
from sync.bungie.client import BungieClient
from sync.bungie.errors import SUCCESS, ActionRefused, ConnectAgain, InvalidRequest
from sync.bungie.profile import Profile
from sync.destiny.inventory import WRITE_LAG
from sync.destiny.moves import loadouts
from sync.destiny.moves.effects import apply_effect, totals_before
from sync.destiny.moves.verify import Found, find, is_stack
from sync.destiny.profiles import fetch
from sync.destiny.tokens import with_token
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, Forbidden, NotFound, Paused, Postponed, TokenExpired

State = MoveStep.State

# Nobody waits longer for their items: after that, nothing more of a plan is sent.
LONGEST = timedelta(hours=1)
# A profile that still does not show the item so long after it could tells nothing any more.
LONGEST_SEARCH = timedelta(minutes=5)
# So often a request is sent of which Bungie did not say whether it was done, and which was not.
MOST_TRIES = 3
# Codes that say that nothing was done, and to come back later: maintenance, and too many requests to the game.
NOT_NOW = frozenset({5, 1672})
# Errors before a request was sent, or before Bungie looked at it. A pause of the circuit breaker can be either.
NOTHING_DONE = (Postponed, ConnectAgain, TokenExpired)
# Refusals that the rest of the plan would meet, too: where the guardian is, and what the site is allowed to do.
OF_THE_PLAN = frozenset({1634, 1640, 1671, 1681, 2108})


class AnswerLost(Postponed):
    """Nobody knows yet whether a step was done: a profile shows it when Bungie's answers have caught up."""

    kind = "answer_lost"

    def __init__(self, seconds: float) -> None:
        super().__init__("an action", detail="a profile will show whether it was done")
        self.retry_after = max(seconds, 0.5)


class PlanRun:
    """One plan in the hands of one worker. A worker that has lost its claim writes nothing."""

    def __init__(self, plan: MovePlan, membership: DestinyMembership, claim: Claim, client: BungieClient) -> None:
        self._plan = plan
        self._membership = membership
        self._claim = claim
        self._client = client
        self._steps = list(plan.steps.all())

    def run(self) -> None:
        """Carry out what is left of the plan. Raises Postponed, or another ApiError, when it has to go on later."""
        try:
            while True:
                if sending := [one for one in self._steps if one.state == State.SENDING]:
                    self._find_out(sending)
                elif batch := self._next():
                    self._send(batch)
                else:
                    break
        except ConnectAgain:
            with self._fenced():
                self._end(Ended.CONNECT_AGAIN)
        self._finish()

    def _next(self) -> list[MoveStep]:
        """Return the next step, or those that equip items of one guardian: they are one request."""
        planned = [one for one in self._steps if one.state == State.PLANNED]
        if not planned or planned[0].action != Action.EQUIP:
            return planned[:1]
        who = planned[0].character_id
        return list(takewhile(lambda one: (one.action, one.character_id) == (Action.EQUIP, who), planned))

    # --- sending -----------------------------------------------------------------------------------------------------

    def _send(self, batch: Sequence[MoveStep]) -> None:
        if not self._mark(batch):
            return
        try:
            codes = self._request(batch)
        except (ActionRefused, NotFound, InvalidRequest, Forbidden) as error:
            codes = dict.fromkeys((one.number for one in batch), error.code or error.status or 0)
        except ApiError as error:
            self._not_answered(batch, error)
            raise
        self._record(batch, codes)

    def _mark(self, batch: Sequence[MoveStep]) -> bool:
        """Mark the steps as sending, unless the plan was canceled or has become too old; returns whether they are."""
        now = timezone.now()
        with self._fenced():
            plan = MovePlan.objects.select_for_update(of=("self",)).get(pk=self._plan.pk)
            if plan.cancel_requested_at is None and plan.created_at > now - LONGEST:
                MovePlan.objects.filter(pk=plan.pk).update(
                    state=MovePlan.State.RUNNING, started_at=plan.started_at or now, updated_at=now
                )
                for one in batch:
                    totals = totals_before(self._membership, one)
                    self._set(one, state=State.SENDING, sent_at=now, tries=one.tries + 1, **totals)
                return True
            self._end(Ended.CANCELLED if plan.cancel_requested_at else Ended.TOO_OLD)
            return False

    def _request(self, batch: Sequence[MoveStep]) -> Mapping[int, int]:
        """Send the request; returns Bungie's code of each step by its number."""
        account = self._membership.account_id
        return with_token(account, self._client, lambda token: act(self._actions(batch[0], token), batch))

    def _actions(self, step: MoveStep, token: str) -> ItemActions:
        person = str(self._membership.account_id)
        return ItemActions(self._client, self._membership.membership_type, step.character_id, person, token)

    def _not_answered(self, batch: Sequence[MoveStep], error: ApiError) -> None:
        """Note what an error says of the steps: that nothing was done, or nothing at all."""
        is_certain = error.code in NOT_NOW or (isinstance(error, NOTHING_DONE) and not isinstance(error, Paused))
        with self._fenced():
            for one in batch:
                if is_certain:
                    self._set(one, state=State.PLANNED, sent_at=None, tries=one.tries - 1)
                else:
                    self._set(one, sent_at=timezone.now(), code=error.code or None)
        if not is_certain:
            raise AnswerLost(WRITE_LAG.total_seconds()) from error

    # --- answers -----------------------------------------------------------------------------------------------------

    def _record(self, batch: Sequence[MoveStep], codes: Mapping[int, int]) -> None:
        """Write what Bungie said of each step, and change the items of those that are done."""
        with self._fenced():
            for one in batch:
                code = codes.get(one.number, 0)
                if code == SUCCESS:
                    apply_effect(self._membership, one)
                    self._set(one, state=State.DONE, finished_at=timezone.now(), code=None)
                else:
                    self._fail(one, State.REFUSED, code=code)
            if not OF_THE_PLAN.isdisjoint(codes.values()):
                self._end(Ended.REFUSED)

    def _fail(self, step: MoveStep, state: MoveStep.State, **columns: Any) -> None:
        """Note that a step was not done, or nobody knows; what its goal needs besides is skipped.

        Plugs and locks need each other as little as the items of different goals.
        """
        self._set(step, state=state, finished_at=timezone.now(), **columns)
        if step.action != Action.PLUG:
            for one in self._steps:
                if one.goal == step.goal and one.state == State.PLANNED:
                    self._set(one, state=State.SKIPPED)

    def _find_out(self, sending: Sequence[MoveStep]) -> None:
        """Read a profile and note which of the steps were done. What was not is planned again."""
        can_tell_at = max(one.sent_at or timezone.now() for one in sending) + WRITE_LAG
        now = timezone.now()
        if now < can_tell_at:
            raise AnswerLost((can_tell_at - now).total_seconds())
        try:
            answer = fetch(self._membership, self._client)
        except ApiError:
            if now < self._plan.created_at + LONGEST:
                raise
            answer = None
        is_recent = answer is not None and (answer.minted_at or now) >= can_tell_at
        is_last = answer is None or now > can_tell_at + LONGEST_SEARCH
        with self._fenced():
            for one in sending:
                self._note_found(one, _find(one, answer) if answer else Found.NOT_SHOWN, is_recent, is_last)
        if any(one.state == State.SENDING for one in sending):
            raise AnswerLost(WRITE_LAG.total_seconds())

    def _note_found(self, step: MoveStep, found: Found, is_recent: bool, is_last: bool) -> None:
        """Note what a profile says. What is left of a stack can be what there was before an earlier step, too."""
        if found is Found.DONE and (is_recent or not is_stack(step)):
            apply_effect(self._membership, step)
            self._set(step, state=State.DONE, finished_at=timezone.now(), code=None)
        elif found is Found.NOT_DONE and is_recent and step.tries < MOST_TRIES:
            self._set(step, state=State.PLANNED, sent_at=None)
        elif found is Found.NOT_DONE and is_recent:
            self._fail(step, State.REFUSED, reason=Ended.NO_ANSWER.value)
        elif (found is Found.ELSEWHERE and is_recent) or is_last:
            self._fail(step, State.UNKNOWN)

    # --- the end -----------------------------------------------------------------------------------------------------

    def _end(self, reason: Ended) -> None:
        """Send nothing more of the plan. Of what is still being sent nobody will learn whether it was done."""
        for one in self._steps:
            if one.state == State.PLANNED:
                self._set(one, state=State.SKIPPED)
            elif one.state == State.SENDING:
                self._set(one, state=State.UNKNOWN, finished_at=timezone.now())
        self._plan.reason = reason.value
        MovePlan.objects.filter(pk=self._plan.pk).update(reason=reason.value)

    def _finish(self) -> None:
        now = timezone.now()
        with self._fenced():
            MovePlan.objects.filter(pk=self._plan.pk).update(state=self._result(), finished_at=now, updated_at=now)

    def _result(self) -> MovePlan.State:
        states = {one.state for one in self._steps}
        if self._plan.reason == Ended.CANCELLED:
            return MovePlan.State.CANCELLED
        if states == {State.DONE}:
            return MovePlan.State.DONE
        return MovePlan.State.PARTLY if states & {State.DONE, State.UNKNOWN} else MovePlan.State.FAILED

    # --- writes ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _fenced(self) -> Iterator[None]:
        """A transaction of the worker that holds the claim. Raises ClaimLost.

        The account is locked first: disconnecting it does so, too, and then deletes plans and jobs.
        """
        with transaction.atomic():
            account = BungieAccount.objects.filter(pk=self._membership.account_id)
            list(account.select_for_update(of=("self",)).values_list("pk"))
            self._claim.ensure_held()
            yield

    def _set(self, step: MoveStep, **columns: Any) -> None:
        for name, value in columns.items():
            setattr(step, name, value)
        MoveStep.objects.filter(pk=step.pk).update(**columns)


def _find(step: MoveStep, answer: Profile) -> Found:
    return loadouts.find_loadout(step, answer) if step.action in LOADOUT_ACTIONS else find(step, answer)


def act(actions: ItemActions, batch: Sequence[MoveStep]) -> Mapping[int, int]:
    """Send the one request of the steps; returns Bungie's code of each by its number."""
    step, instance_id = batch[0], batch[0].instance_id or 0
    match Action(step.action):
        case Action.TO_VAULT | Action.FROM_VAULT as action:
            to_vault = action is Action.TO_VAULT
            actions.transfer(step.item_hash, step.instance_id, step.quantity, to_vault=to_vault)
        case Action.PULL:
            actions.pull_from_postmaster(step.item_hash, step.instance_id, step.quantity)
        case Action.EQUIP if len(batch) > 1:
            results = actions.equip_many([one.instance_id or 0 for one in batch])
            # Bungie leaves out what it does not know.
            return {one.number: results.get(one.instance_id or 0, 1623) for one in batch}
        case Action.EQUIP:
            actions.equip(instance_id)
        case Action.PLUG:
            actions.insert_plug(instance_id, step.socket or 0, step.plug_hash or 0)
        case Action.LOCK | Action.UNLOCK as action:
            actions.set_lock(instance_id, is_locked=action is Action.LOCK)
        case _:
            loadouts.send(actions, step)
    return {step.number: SUCCESS}
