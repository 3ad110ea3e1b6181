"""The job that carries out a membership's plans, one after the other."""

from destiny.models import DestinyMembership, MovePlan
from sync.bungie.actions import ENDPOINTS
from sync.bungie.client import PROFILE, TOKEN
from sync.destiny.moves.run import PlanRun
from sync.destiny.provider import client_for
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.errors import ApiError
from sync.engine.kinds import JobKind
from sync.engine.rate_limiter import Lane
from sync.models import BungieJob


def run_plans(claim: Claim, lane: Lane) -> None:
    """Carry out what waits, the oldest first. When Bungie has to be waited for, the job goes on later."""
    job = claim.jobs.select_related("membership").first()
    if job is None or job.membership is None:
        return
    try:
        while (plan := _oldest(job.membership)) is not None:
            PlanRun(plan, job.membership, claim, client_for(lane)).run()
    except ApiError as error:
        # However long it takes: a plan that has become too old ends without another request.
        transitions.fail(claim.jobs, error, claim=claim, without_end=True)
        raise
    transitions.succeed(claim.jobs, claim=claim, changed=True)


def _oldest(membership: DestinyMembership) -> MovePlan | None:
    return MovePlan.objects.filter(MovePlan.OPEN, membership=membership).order_by("created_at", "pk").first()


KIND = JobKind(
    provider="bungie",
    name=BungieJob.Kind.PLAN,
    model=BungieJob,
    run=run_plans,
    endpoints=(TOKEN, PROFILE, *ENDPOINTS),
    is_interactive=True,
)
