"""A slow answer of Redis tells as exactly as a quick one when Redis gave it."""

import pytest

from sync.engine.redis_clock import RedisClock

# Redis's clock minus ours.
OFFSET = 1_000.0


@pytest.fixture
def clock() -> RedisClock:
    """A clock after an answer that took two milliseconds."""
    clock = RedisClock()
    clock.narrow(5.0, 5.002, 5.001 + OFFSET)
    return clock


def test_an_answer_lies_between_question_and_answer() -> None:
    assert RedisClock().narrow(5.0, 5.002, 5.001 + OFFSET) == pytest.approx((5.0, 5.002))


def test_a_slow_answer_is_as_exact_as_the_quick_one_before(clock: RedisClock) -> None:
    assert clock.narrow(5.1, 5.2, 5.15 + OFFSET) == pytest.approx((5.149, 5.151), abs=0.0003)


def test_the_clocks_can_drift_apart(clock: RedisClock) -> None:
    low, high = clock.narrow(65.0, 65.1, 65.05 + OFFSET)
    assert low == pytest.approx(65.0)
    assert high == pytest.approx(65.1)


@pytest.mark.parametrize("step", [-3600.0, -0.2, 0.2, 3600.0])
def test_a_clock_that_was_set_is_learned_again(clock: RedisClock, step: float) -> None:
    assert clock.narrow(6.0, 6.01, 6.005 + OFFSET + step) == pytest.approx((6.0, 6.01))
