"""Drill: two machines work, and PostgreSQL allows fewer connections than they want."""

from django.db import connection

from tests.drills.conftest import Install
from tests.drills.servers import DrillServers

# Three are for superusers. Two machines with two workers want 32, the scheduler two, the pages eight, the drill one.
MOST = 25


def test_workers_of_two_machines_share_too_few_connections(install: Install, drill_servers: DrillServers) -> None:
    with drill_servers.max_connections(MOST):
        site = install()
        site.start_workers_of("elsewhere")
        site.start_web()
        site.wait_until(lambda: site.requests >= 300)
        site.ask_for_roster()
        site.wait_until(site.is_done)
        site.wait_until(lambda: site.readyz()[0] == 200)
        site.assert_alive()
        site.assert_matches_battlenet()
        site.assert_within_limits()
        assert "raise its max_connections, or lower DB_POOL_WEB and DB_POOL_WORKER" in site.log()
        connection.close()
