"""The outage rule: most responses are refusals, for many subjects, and that is new."""

from hypothesis import given
from hypothesis import strategies as st

from sync.engine.circuit_breaker import WINDOW, CountedResponse, is_outage

groups = st.sampled_from(["Gravel Orchard", "Second Kettle", "Night Watch", "raider"])
answers = st.lists(st.builds(CountedResponse, groups, st.booleans()), min_size=WINDOW, max_size=WINDOW)
few = st.floats(0, 0.5)


def refused(window: list[CountedResponse]) -> int:
    return sum(one.is_refused for one in window)


@given(answers, st.floats(0, 1))
def test_half_of_the_responses_or_fewer_are_no_outage(window: list[CountedResponse], before: float) -> None:
    assert not is_outage(window, before) or refused(window) > WINDOW / 2


@given(answers, st.floats(0, 1), groups)
def test_a_single_guild_is_no_outage(window: list[CountedResponse], before: float, worst: str) -> None:
    others_are_shown = [CountedResponse(one.group, one.is_refused and one.group == worst) for one in window]
    assert not is_outage(others_are_shown, before)


@given(st.lists(groups, min_size=WINDOW, max_size=WINDOW), few)
def test_refusals_only_are_an_outage_unless_nearly_all_are_one_guild(about: list[str], before: float) -> None:
    others = WINDOW - max(about.count(one) for one in set(about))
    assert is_outage([CountedResponse(one, True) for one in about], before) == (others >= 3)


@given(answers, st.floats(0.5, 1, exclude_min=True))
def test_it_is_no_outage_where_most_were_refused_before(window: list[CountedResponse], before: float) -> None:
    assert not is_outage(window, before)


@given(st.lists(st.builds(CountedResponse, groups, st.booleans()), max_size=WINDOW - 1), few)
def test_fewer_responses_are_never_an_outage(window: list[CountedResponse], before: float) -> None:
    assert not is_outage(window, before)


@given(answers, few, st.randoms())
def test_the_order_of_responses_does_not_matter(window: list[CountedResponse], before: float, chance: object) -> None:
    shuffled = sorted(window, key=lambda one: (one.group, one.is_refused))
    counts = sorted((window.count(one) for one in set(window)), reverse=True)
    if len(counts) == len(set(counts)):
        assert is_outage(shuffled, before) == is_outage(window, before)
