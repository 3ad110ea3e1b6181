"""Drill: a worker is told to end while it fetches slow answers."""

from sync.models import BlizzardJob
from tests.drills.conftest import Install

State = BlizzardJob.State
SECONDS = 3
THREADS = 32


def test_a_worker_that_is_stopped_hands_back_what_it_has_not_fetched(install: Install) -> None:
    site = install()
    site.sandbox.fault(path="/profile/wow/character/", delay_ms=SECONDS * 1000)
    running = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE, state=State.RUNNING)
    site.wait_until(lambda: running.count() > 5 * THREADS)
    before = site.requests
    assert site.end("worker") == 0
    # Each thread sent at most one more; its batch of ten would have been ten.
    assert site.requests - before <= THREADS
    assert not running.exists()
    back = BlizzardJob.objects.filter(error_kind="handed_back")
    assert back.count() > 3 * THREADS
    # The last dispatch of the worker can have queued them for the next one.
    assert set(back.values_list("state", flat=True)) <= {State.DUE, State.QUEUED}
    assert not back.exclude(tries=0).exists()
    assert BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE, state=State.RESTING).exists()

    site.sandbox.clear_faults()
    site.start("worker")
    site.wait_until(lambda: not back.exists())
    assert not BlizzardJob.objects.failed().exists()
