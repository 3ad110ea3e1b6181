"""Each process has a pool of connections to PostgreSQL, and knows whether there are enough for all."""

import pytest

from sync.engine.database_pool import Connections, count_connections
from tests.guildsite.test_environment import start

CROWD = """
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from sync.engine.database_pool import count_connections
OURS = "SELECT pg_sleep(0.1), count(*) FROM pg_stat_activity WHERE application_name LIKE 'guildsite web/2 %'"
def ask(number):
    with connection.cursor() as cursor:
        cursor.execute(OURS)
        found = cursor.fetchone()[1]
    connection.close()
    return found
with ThreadPoolExecutor(8) as threads:
    print(max(threads.map(ask, range(16))), 2 in count_connections().pools)
"""


def test_the_threads_of_a_web_process_share_its_connections() -> None:
    ended = start("-c", f"import guildsite.wsgi\n{CROWD}", DB_POOL_WEB="2")
    assert ended.stdout.split() == ["2", "True"], ended.stderr


@pytest.mark.django_db
def test_commands_and_tests_have_no_pool() -> None:
    counted = count_connections()
    assert counted.others > 0
    assert counted.missing < 0


def test_pools_that_want_more_than_postgresql_allows_are_noticed() -> None:
    assert Connections(allowed=97, pools=(8, 8, 4, 4, 3), others=2).missing < 0
    assert Connections(allowed=22, pools=(8, 8, 8, 8, 4, 4, 3), others=1).missing == 22
