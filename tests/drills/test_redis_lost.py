"""Drill: Redis is wiped, stopped, and comes back, with what it knew or without."""

import time

import redis

from sync.engine.rate_limiter import Lane
from sync.models import BlizzardJob
from sync.wow.provider import blizzard
from tests.drills.conftest import Install
from tests.drills.installation import Installation
from tests.drills.servers import DrillServers

OUTAGE = 20
# So few that an hour counted from zero after a wipe would be seen, and enough for the work with all slots that a slow
# machine books and does not use.
PER_HOUR = 2_500


def test_a_wiped_stopped_and_restarted_redis_loses_nothing_and_exceeds_no_limit(
    install: Install, drill_servers: DrillServers
) -> None:
    site = install("--rate-per-hour", str(PER_HOUR), BLIZZARD_RATE_PER_HOUR=str(PER_HOUR))
    site.wait_until(lambda: site.requests >= 250)
    with redis.Redis.from_url(drill_servers.redis_url) as store:
        store.flushall()
    site.wait_until(lambda: site.requests >= 500)
    stop_for_a_while(site, drill_servers)
    site.wait_until(lambda: site.requests >= 750)
    drill_servers.redis.stop()
    drill_servers.empty_stopped_redis()
    drill_servers.start_redis()
    site.wait_until(site.is_done)
    site.assert_matches_battlenet()
    use_up_the_hour(site)
    site.assert_within_limits(per_hour=PER_HOUR)


def stop_for_a_while(site: Installation, servers: DrillServers) -> None:
    """Stop Redis and assert that nothing is sent after requests that already had a slot."""
    site.ask_for_roster()
    servers.redis.stop()
    time.sleep(2)
    before = site.requests
    time.sleep(OUTAGE - 2)
    assert site.requests == before
    site.assert_alive()
    servers.start_redis()


def use_up_the_hour(site: Installation) -> None:
    """Ask for everything as people do, again and again, until only the rosters' reserve is left."""
    limiter, hour = blizzard().rate_limiter(Lane.INTERACTIVE), blizzard().windows[1]

    def is_used_up() -> bool:
        if hour.left_for(Lane.INTERACTIVE, limiter.budget().left[1]) == 0:
            return True
        if site.is_done():
            BlizzardJob.objects.update(state=BlizzardJob.State.DUE, priority=BlizzardJob.Priority.INTERACTIVE)
        return False

    site.wait_until(is_used_up)
    site.wait_until(lambda: BlizzardJob.objects.filter(error_kind="rate_limited").exists())
