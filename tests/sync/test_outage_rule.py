"""What is an outage, whatever the answers: most are refused, whoever they are about, and that is new."""

from hypothesis import given
from hypothesis import strategies as st

from sync.engine.outage_rule import WINDOW, Counted, is_outage

groups = st.sampled_from(["Gravel Orchard", "Second Kettle", "Night Watch", "raider"])
answers = st.lists(st.builds(Counted, groups, st.booleans()), min_size=WINDOW, max_size=WINDOW)
few = st.floats(0, 0.5)


def refused(window: list[Counted]) -> int:
    return sum(one.is_refused for one in window)


@given(answers, st.floats(0, 1))
def test_half_of_the_answers_or_fewer_are_no_outage(window: list[Counted], before: float) -> None:
    assert not is_outage(window, before) or refused(window) > WINDOW / 2


@given(answers, st.floats(0, 1), groups)
def test_one_guild_by_itself_is_no_outage(window: list[Counted], before: float, worst: str) -> None:
    others_are_shown = [Counted(one.group, one.is_refused and one.group == worst) for one in window]
    assert not is_outage(others_are_shown, before)


@given(st.lists(groups, min_size=WINDOW, max_size=WINDOW), few)
def test_when_all_is_refused_it_is_one_unless_it_is_nearly_all_one_guild(about: list[str], before: float) -> None:
    others = WINDOW - max(about.count(one) for one in set(about))
    assert is_outage([Counted(one, True) for one in about], before) == (others >= 3)


@given(answers, st.floats(0.5, 1, exclude_min=True))
def test_where_most_were_refused_before_it_is_none(window: list[Counted], before: float) -> None:
    assert not is_outage(window, before)


@given(st.lists(st.builds(Counted, groups, st.booleans()), max_size=WINDOW - 1), few)
def test_nothing_is_said_of_fewer_answers(window: list[Counted], before: float) -> None:
    assert not is_outage(window, before)


@given(answers, few, st.randoms())
def test_the_order_of_the_answers_does_not_matter(window: list[Counted], before: float, chance: object) -> None:
    shuffled = sorted(window, key=lambda one: (one.group, one.is_refused))
    counts = sorted((window.count(one) for one in set(window)), reverse=True)
    if len(counts) == len(set(counts)):
        assert is_outage(shuffled, before) == is_outage(window, before)
