"""Drill: Battle.net answers everything with 503, later with 401, and comes back."""

import os
import time

from django.conf import settings

from sync.models import BlizzardJob
from tests.drills.conftest import Install
from tests.drills.installation import Installation

State = BlizzardJob.State
# The drill runs on a faster clock: an outage of eight minutes with a probe a minute is one of 24 seconds with a probe
# every 3. `DRILL_PROBE_SECONDS=60` runs it as it is.
PROBE_SECONDS = int(os.environ.get("DRILL_PROBE_SECONDS", "3"))
LASTS = {503: 8 * PROBE_SECONDS, 401: 30}
# The kinds of request that a sync without sign-ins sends: profiles, rosters, the guild's page, the token, and those of
# the game data.
CIRCUITS = 6


def test_outages_cost_a_probe_a_minute_and_nothing_fails(install: Install) -> None:
    site = install(OUTAGE_PROBE_SECONDS=str(PROBE_SECONDS))
    site.start_web()
    assert settings.OUTAGE_PROBE_SECONDS == PROBE_SECONDS
    for status, moment in ((503, 200), (401, 600)):
        site.wait_until(lambda moment=moment: site.requests >= moment)  # type: ignore[misc]
        survive(site, status)
    site.wait_until(site.is_done)
    site.assert_matches_battlenet()
    site.assert_within_limits()


def survive(site: Installation, status: int) -> None:
    """Let the outage last, and assert what it costs and that the rest of the work is done soon after it."""
    waiting = BlizzardJob.objects.exclude(state=State.RESTING).count()
    site.ask_for_roster()
    before = site.requests
    site.sandbox.fault(path="/", status=status)
    began = time.monotonic()
    site.wait_until(lambda: any(status in one["statuses"] for one in site.readyz()[1]["paused"]))
    site.wait_until(lambda: not site.states().keys() & {State.QUEUED, State.RUNNING})
    noticed = site.requests
    time.sleep(max(LASTS[status] - (time.monotonic() - began), 0))
    lasted = time.monotonic() - began
    spent = site.requests - before
    assert site.requests - noticed <= CIRCUITS * (lasted / PROBE_SECONDS + 1)
    assert not BlizzardJob.objects.failed().exists()
    site.assert_alive()
    site.sandbox.clear_faults()
    ended, recovered = time.monotonic(), site.requests
    site.wait_until(lambda: site.requests >= recovered + 50 or site.is_done())
    print(
        f"{lasted:.0f} s of {status}: {waiting} jobs waited, {spent} requests, "
        f"{BlizzardJob.objects.failed().count()} failed, work went on {time.monotonic() - ended:.1f} s after its end"
    )
    assert time.monotonic() - ended < 2 * PROBE_SECONDS + 20
