"""The rule for restarts, without processes."""

import pytest

from embedded.errors import EX_CONFIG
from embedded.restarts import LONGEST_PAUSE, STABLE_AFTER, restart_after


def test_pauses_grow_to_a_minute_however_often_a_process_ends() -> None:
    pauses, ends = [], 0
    for _ in range(10_000):
        restart = restart_after(1, ran_for=0.1, ends_before=ends)
        assert restart is not None
        pauses.append(restart.pause)
        ends = restart.ends
    assert pauses[:9] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert set(pauses[7:]) == {LONGEST_PAUSE}


def test_a_process_that_ran_for_long_is_restarted_at_once() -> None:
    restart = restart_after(1, ran_for=STABLE_AFTER, ends_before=12)
    assert restart is not None
    assert (restart.pause, restart.ends) == (0.5, 1)


@pytest.mark.parametrize("status", [0, 1, 3, 255, -9, -15, None])
def test_whatever_can_heal_is_restarted(status: int | None) -> None:
    assert restart_after(status, ran_for=0, ends_before=99) is not None


def test_a_configuration_error_is_not_retried() -> None:
    assert restart_after(EX_CONFIG, ran_for=1_000, ends_before=0) is None
