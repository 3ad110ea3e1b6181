"""Drill: workers are killed again and again."""

import os
import random
import sys

from tests.drills.conftest import WITH_BUNGIE, Install

KILLS = 20


def test_workers_killed_at_20_random_moments_lose_and_duplicate_nothing(install: Install) -> None:
    seed = int(os.environ.get("DRILL_SEED", random.randrange(sys.maxsize)))
    print(f"DRILL_SEED={seed}")
    rng = random.Random(seed)
    site = install(**WITH_BUNGIE)
    for moment in sorted(rng.sample(range(10, 1_000), KILLS)):
        site.wait_until(lambda moment=moment: site.requests >= moment and site.ready_workers())  # type: ignore[misc]
        victim = rng.choice(site.ready_workers())
        site.kill(victim)
        site.ask_for_roster()
        site.start(victim)
    site.wait_until(site.is_done)
    site.assert_matches_battlenet()
    site.assert_within_limits()
