"""Drill: a fifth of all answers is faulty, for the whole of a sync."""

from collections.abc import Callable
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from sync.engine import transitions
from sync.models import BlizzardJob
from tests.drills.conftest import Install

State = BlizzardJob.State
# Shares of all answers, together a fifth. A refusal holds everybody up for a second and a late answer a thread for
# twenty, so there are fewer of these, and late ones only in the beginning.
FAULTS: tuple[tuple[float, dict[str, Any]], ...] = (
    (0.01, {"status": 429}),
    (0.01, {"delay_ms": 21_000, "times": 6}),
    (0.03, {"status": 500}),
    (0.03, {"status": 503, "body": "html"}),
    (0.04, {"body": "truncated"}),
    (0.04, {"body": "mistyped"}),
    (0.02, {"body": "empty"}),
    (0.02, {"body": "html"}),
)
# Nobody whose name begins so gets a whole answer.
DOOMED = "x"


def test_a_sync_with_a_fifth_of_faulty_responses_ends_correctly(install: Install) -> None:
    site = install()
    for share, fault in FAULTS:
        # Refusals are counted in the end, and the sandbox counts those of requests for tokens apart.
        site.sandbox.fault(path="/(data|profile)/" if fault.get("status") == 429 else "/", share=share, **fault)
    site.sandbox.fault(path=f"/profile/wow/character/[^/]+/{DOOMED}", body="truncated")
    site.wait_until(without_pauses(site.is_done))

    doomed = BlizzardJob.objects.filter(character__name__istartswith=DOOMED)
    failed = BlizzardJob.objects.failed()
    assert set(doomed.values_list("pk")) <= set(failed.values_list("pk"))
    assert not failed.exclude(tries=transitions.MOST_TRIES).exists()
    assert not failed.filter(first_failed_at=None).exists()
    listing = sync_failed()
    assert all(str(entry) in listing for entry in failed)

    refused = next(one["applied"] for one in site.sandbox.faults() if one.get("status") == 429)
    site.sandbox.clear_faults()
    sync_failed("--retry")
    site.wait_until(site.is_done)
    site.assert_matches_battlenet()
    site.assert_within_limits(refused=refused)


def sync_failed(*options: str) -> str:
    """Return the command's output."""
    output = StringIO()
    call_command("sync_failed", *options, stdout=output)
    return output.getvalue()


def without_pauses(condition: Callable[[], bool]) -> Callable[[], bool]:
    """Bring forward what waits for its next try, or the pauses of six tries would take five minutes."""

    def due_now() -> bool:
        BlizzardJob.objects.filter(state=State.DUE, tries__gt=0).update(next_due_at=timezone.now())
        return condition()

    return due_now
