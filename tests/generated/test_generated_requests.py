"""No generated request gets a 500, takes two seconds, lacks a header, or logs more than one line of 1 kB."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings

from tests.access import addresses
from tests.access.two_guilds import TwoGuilds
from tests.generated.known import Known, known_of_guilds
from tests.generated.routes import Route, routes
from tests.generated.sender import Sender, open_connection, written_log
from tests.generated.strategies import ELSEWHERE, Request, requests_to

COUNT = int(os.environ.get("GENERATED_REQUESTS", "300"))
SEED = int(os.environ.get("GENERATED_SEED", "1"))
# After this many examples of one seed, Hypothesis varies earlier ones, which finds less here than new examples.
UNLIKE = 10
# Parts that can run in parallel.
PARTS = 4
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limit_for_sign_ins(settings: Any) -> None:
    settings.SIGN_IN_RATE = "1000000/m"


def test_every_route_gets_requests() -> None:
    assert sorted({route.name for route in routes()}) == sorted({*addresses.names(), *addresses.admin_names()})


def send_to(route: Route, known: Known, sender: Sender, *, first: int, count: int) -> None:
    @seed(1_000_000 * SEED + first)
    @hypothesis_settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests_to(route, known))
    def send(request: Request) -> None:
        sender.send(request)

    send()


@pytest.mark.parametrize("part", range(PARTS))
def test_no_generated_request_breaks_the_site(two_guilds: TwoGuilds, part: int) -> None:
    known = known_of_guilds(two_guilds)
    everywhere = [*routes(), *ELSEWHERE]
    each = -(-COUNT // len(everywhere))
    with written_log() as log, open_connection():
        sender = Sender(log)
        for route in everywhere[part::PARTS]:
            for first in range(0, each, UNLIKE):
                send_to(route, known, sender, first=first, count=min(UNLIKE, each - first))
    print(
        f"{sender.sent} requests of seed {SEED}: {dict(sorted(sender.statuses.items()))}; "
        f"slowest {sender.slowest:.2f} s, longest line of log {sender.longest_line} bytes"
    )
    assert sender.sent == each * len(everywhere[part::PARTS])
    assert sender.found == {}, "\n\n".join(f"{problem}\n  {request}" for problem, request in sender.found.items())
