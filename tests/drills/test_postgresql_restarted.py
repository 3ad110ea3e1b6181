"""Drill: PostgreSQL is restarted under everybody's hands, politely and by a crash."""

from django.db import connection

from tests.drills.conftest import Install
from tests.drills.servers import DrillServers


def test_a_postgresql_restart_loses_and_duplicates_nothing(install: Install, drill_servers: DrillServers) -> None:
    site = install()
    for moment, crash in ((150, False), (400, True), (700, False)):
        site.wait_until(lambda moment=moment: site.requests >= moment)  # type: ignore[misc]
        site.ask_for_roster()
        connection.close()
        drill_servers.restart_postgres(crash=crash)
    site.wait_until(site.is_done)
    site.assert_matches_battlenet()
    site.assert_within_limits()
