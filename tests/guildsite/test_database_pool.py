"""Each process has a pool of connections to PostgreSQL, and knows whether there are enough for all."""

import pytest

from sync.engine.database_pool import Connections, count_connections


@pytest.mark.django_db
def test_commands_and_tests_have_no_pool() -> None:
    counted = count_connections()
    assert counted.others > 0
    assert counted.missing < 0


def test_pools_that_want_more_than_postgresql_allows_are_noticed() -> None:
    assert Connections(allowed=97, pools=(8, 8, 4, 4, 3), others=2).missing < 0
    assert Connections(allowed=22, pools=(8, 8, 8, 8, 4, 4, 3), others=1).missing == 22
