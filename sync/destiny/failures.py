"""Jobs that end with an error of Bungie's."""

from sync.bungie.errors import ConnectAgain
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.errors import ApiError


def give_up(claim: Claim, error: ApiError) -> None:
    """Note the error. That a player has to connect the account again is no failure of the site."""
    if isinstance(error, ConnectAgain):
        transitions.park(claim.jobs, claim=claim, error_kind=error.kind)
    else:
        transitions.fail(claim.jobs, error, claim=claim)
