"""Properties of the rate limiter, on simulated time."""

import random
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings as site
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.engine.protocols import SubjectPause
from sync.engine.rate_limiter import SECOND, Lane, Window
from tests.sync.simulated import BEGINNING, Simulation
from tests.sync.windows import Windows, blizzard_windows

# Examples of long simulations.
FEW = settings().max_examples // 5
INTERACTIVE, BACKGROUND = Lane.INTERACTIVE, Lane.BACKGROUND
BLIZZARD = blizzard_windows(100, 36_000)

seconds = st.floats(0, 20)
hours = st.floats(0, 7_200)
counts = st.integers(1, 30)
small_limits = st.builds(
    blizzard_windows,
    st.integers(1, 30),
    st.integers(20, 150),
    st.integers(0, 90),
    st.integers(0, 90),
    st.integers(0, 20),
)
any_window = st.builds(
    Window, st.integers(5, 60), st.sampled_from([0.5, 1, 10, 60, 600]), st.integers(0, 90), st.integers(0, 20)
)
any_windows = st.lists(any_window, min_size=1, max_size=3, unique_by=lambda one: one.seconds).map(tuple)
pauses = st.one_of(st.none(), st.builds(SubjectPause, st.sampled_from("abc"), st.just(0.3)))
bursts = st.lists(st.tuples(st.one_of(seconds, hours), st.sampled_from(Lane), counts), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(site.REDIS_URL) as connection:
        yield connection


@settings(deadline=None, database=None)
@given(limits=small_limits, bursts=bursts, wipes=st.lists(st.one_of(seconds, hours), max_size=3))
def test_no_window_is_exceeded_and_every_request_is_sent(
    connection: redis.Redis, limits: Windows, bursts: list[tuple[float, Lane, int]], wipes: list[float]
) -> None:
    simulation = Simulation(connection, limits)
    for at, lane, count in bursts:
        simulation.comes(at, lane, count=count)
    for at in wipes:
        simulation.wiped(at)
    simulation.run()
    assert simulation.keeps_its_limits()
    assert all(len(caller.sent) == 1 for caller in simulation.callers)


@settings(deadline=None, database=None)
@given(
    windows=any_windows,
    bursts=st.lists(st.tuples(seconds, st.sampled_from(Lane), st.integers(1, 15), pauses), min_size=1, max_size=8),
    wipes=st.lists(seconds, max_size=3),
)
def test_any_set_of_windows_and_any_pauses_are_kept_and_everybody_is_served(
    connection: redis.Redis,
    windows: Windows,
    bursts: list[tuple[float, Lane, int, SubjectPause | None]],
    wipes: list[float],
) -> None:
    simulation = Simulation(connection, windows)
    for at, lane, count, subject in bursts:
        simulation.comes(at, lane, count=count, subject=subject)
    for at in wipes:
        simulation.wiped(at)
    simulation.run()
    assert simulation.keeps_its_limits()
    assert simulation.keeps_its_pauses()
    assert all(len(caller.sent) == 1 for caller in simulation.callers)


@settings(deadline=None, database=None)
@given(
    limits=small_limits,
    callers=st.lists(st.tuples(st.floats(0, 5), st.integers(1, 12), st.booleans()), min_size=20, max_size=60),
)
def test_slots_that_are_given_back_count_in_no_window_and_no_window_is_exceeded(
    connection: redis.Redis, limits: Windows, callers: list[tuple[float, int, bool]]
) -> None:
    """Each caller takes several slots and uses all of them, or gives all back a moment later."""
    simulation = Simulation(connection, limits)
    limiter, used = simulation.limiter(INTERACTIVE), []
    for pause, most, is_used in callers:
        simulation.now += int(pause * SECOND)
        slots = [slot for slot in limiter.take_several(most) if slot.taken]
        if is_used:
            used += [slot.at for slot in slots]
        else:
            for slot in slots:
                limiter.release(slot)
    spans = [one.span for one in limits]
    simulation.now += SECOND  # All have left.
    left = limiter.budget().left
    simulation.wipe()
    counted = [sum(at > simulation.now - span for at in used) for span in spans]
    assert left == tuple(one.requests - count for one, count in zip(limits, counted, strict=True))
    assert all(
        later - earlier > one.span for one in limits for earlier, later in zip(used, used[one.requests :], strict=False)
    )


def test_a_slot_that_was_given_back_is_not_in_the_request_log_and_one_that_was_not_is(
    connection: redis.Redis,
) -> None:
    """A worker that dies with a slot may have sent its request."""
    simulation = Simulation(connection, blizzard_windows(40, 720))
    limiter = simulation.limiter(INTERACTIVE)
    limiter.release(limiter.take(30))
    limiter.take(30)  # its worker dies
    simulation.now += 61 * SECOND
    limiter.take(30)  # settles the first minute
    first_minute, _ = sorted(simulation.log.rows.items())
    simulation.wipe()
    assert first_minute[1][0] == 1


def test_a_paused_subject_delays_no_other(connection: redis.Redis) -> None:
    simulation = Simulation(connection, (Window(250, 10),))
    simulation.comes(0, INTERACTIVE, count=10, subject=SubjectPause("4611686018", 1.0))
    simulation.comes(0, INTERACTIVE, count=10, subject=SubjectPause("4611686019", 0.1))
    simulation.comes(0.01, INTERACTIVE, count=25)
    simulation.run()
    assert simulation.keeps_its_pauses()
    waits = [caller.waits[0] for caller in simulation.callers]
    assert 9 <= max(waits[:10]) < 11
    assert max(waits[10:20]) < 3
    assert max(waits[20:]) < 2


@settings(max_examples=FEW, deadline=None, database=None)
@given(
    # So few that all are served before the simulation ends.
    arrivals=st.lists(st.tuples(st.floats(0, 8), st.integers(1, 12)), min_size=1, max_size=8),
    per_second=st.integers(10, 200),
    reserve=st.integers(0, 90),
    crowd=st.integers(1, 40),
    pause=st.floats(0, 0.3),
)
def test_background_requests_delay_interactive_ones_by_at_most_a_second(
    connection: redis.Redis,
    arrivals: list[tuple[float, int]],
    per_second: int,
    reserve: int,
    crowd: int,
    pause: float,
) -> None:
    waits = []
    for busy in (False, True):
        simulation = Simulation(connection, blizzard_windows(per_second, 36_000, reserve, 10))
        if busy:
            simulation.comes(0, BACKGROUND, count=crowd, pause=pause)
        for at, count in arrivals:
            simulation.comes(at, INTERACTIVE, count=count)
        simulation.run(until=22)
        waits.append([one.waits for one in simulation.callers if one.lane is INTERACTIVE])
    alone, beside_background = waits
    for before, after in zip(alone, beside_background, strict=True):
        assert after[0] - before[0] <= 1


@pytest.mark.parametrize(
    ("lane", "limits", "share"),
    [
        (INTERACTIVE, BLIZZARD, 100),
        (BACKGROUND, BLIZZARD, 80),
        (BACKGROUND, blizzard_windows(100, 36_000, reserve_per_second=50), 50),
    ],
)
def test_a_single_lane_uses_its_share_of_the_second(
    connection: redis.Redis, lane: Lane, limits: Windows, share: int
) -> None:
    simulation = Simulation(connection, limits)
    simulation.comes(0, lane, count=24, pause=0.12)
    times = simulation.run(until=10).sent()
    assert simulation.keeps_its_limits()
    assert 0.95 * share * 10 <= len(times) <= share * 10


def test_background_requests_leave_the_hourly_reserve_to_interactive_ones(connection: redis.Redis) -> None:
    simulation = Simulation(connection, blizzard_windows(100, 400))
    simulation.comes(0, BACKGROUND, count=24, pause=0.12)
    simulation.comes(1800, INTERACTIVE, count=4, pause=0.12)
    simulation.run(until=3590)
    assert simulation.keeps_its_limits()
    assert (len(simulation.sent(BACKGROUND)), len(simulation.sent(INTERACTIVE))) == (360, 40)


def test_background_requests_get_one_percent_under_any_interactive_load(
    connection: redis.Redis,
) -> None:
    simulation = Simulation(connection, BLIZZARD)
    simulation.comes(0, INTERACTIVE, count=200, pause=0.05)
    simulation.comes(0, BACKGROUND, count=20, pause=0.05)
    simulation.run(until=60)
    assert simulation.keeps_its_limits()
    assert len(simulation.sent(BACKGROUND)) >= 5
    assert len(simulation.sent(INTERACTIVE)) >= 0.95 * 6_000


def test_an_hour_full_of_interactive_requests_leaves_some_to_the_background(connection: redis.Redis) -> None:
    simulation = Simulation(connection, blizzard_windows(100, 300))
    simulation.comes(0, INTERACTIVE, count=40, pause=1)
    simulation.comes(60, BACKGROUND, count=5, pause=1)
    simulation.run(until=4 * 3600)
    assert simulation.keeps_its_limits()
    assert len(simulation.sent(BACKGROUND)) >= 3
    assert len(simulation.sent()) >= 0.95 * 4 * 300


@settings(max_examples=FEW, deadline=None, database=None)
@given(wipe=st.floats(100, 3_500), after=st.floats(0.01, 20))
def test_a_wipe_never_exceeds_the_hour_and_costs_about_a_block(
    connection: redis.Redis, wipe: float, after: float
) -> None:
    simulation = Simulation(connection, blizzard_windows(40, 720))
    simulation.comes(0, INTERACTIVE, count=2, pause=8)
    simulation.wiped(wipe)
    simulation.comes(wipe + after, INTERACTIVE, count=800)
    simulation.run(until=3_590)
    assert simulation.keeps_its_limits()
    block = 720 // 144
    # The rest of the block, and another one that can have been counted before it was used up.
    assert len(simulation.sent()) >= 720 - 2 * block


def test_five_percent_of_429s_hardly_delay_other_requests(connection: redis.Redis) -> None:
    simulation, chance = Simulation(connection, BLIZZARD), random.Random(5)
    limiter = simulation.limiter(INTERACTIVE)
    refusals = 0
    for _ in range(1_000):
        slot = limiter.take(30)
        simulation.now += int(slot.wait * SECOND)
        if chance.random() < 0.05:
            refusals += 1
            limiter.refused()
    simulation.wipe()
    assert refusals > 40
    assert (simulation.now - BEGINNING) / SECOND < 12.5  # 10.3 without them, and 60 when each closes the limiter


def test_the_third_429_in_a_row_blocks_the_limiter(connection: redis.Redis) -> None:
    simulation = Simulation(connection, blizzard_windows(1_000, 36_000))
    limiter = simulation.limiter(INTERACTIVE)
    blocked: list[bool] = []
    for _ in range(3):
        simulation.now += SECOND // 10
        limiter.take(30)
        blocked.append(limiter.refused())
    wait = limiter.take(30).wait
    simulation.wipe()
    assert blocked == [False, False, True]
    assert wait == pytest.approx(1)


def test_three_429s_among_many_responses_do_not_block(connection: redis.Redis) -> None:
    simulation = Simulation(connection, blizzard_windows(1_000, 36_000))
    limiter = simulation.limiter(INTERACTIVE)
    blocked: list[bool] = []
    for number in range(30):
        simulation.now += SECOND // 40
        limiter.take(30)
        if number % 10 == 0:
            blocked.append(limiter.refused())
    simulation.wipe()
    assert blocked == [False, False, False]
