"""The rule for members who are away, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guilds.away.rule import (
    STALE_AFTER,
    Action,
    Match,
    Measure,
    Place,
    Result,
    Rule,
    days_not_seen,
    evaluate,
    most_urgent,
    player_of,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RANKS = frozenset(range(1, 10))
LONG_AGO = NOW - timedelta(days=3000)


def key(number: int) -> UUID:
    return UUID(int=number)


def place(number: int, seen: float | None = 100, checked: float | None = 0, **fields: Any) -> Place:
    """Make a character that was last seen and last checked this many days ago."""
    known: dict[str, Any] = {
        "id": key(number),
        "character_id": key(1000 + number),
        "player": key(number),
        "rank": 5,
        "level": 80,
        "last_login_at": None if seen is None else NOW - timedelta(days=seen),
        "checked_at": None if checked is None else NOW - timedelta(days=checked),
        "member_since": LONG_AGO,
    }
    return Place(**{**known, **fields})


def rule(action: str = Action.REMOVE, days: int = 30, **terms: Any) -> Rule:
    return Rule(**{"id": key(0), "action": action, "days": days, "ranks": RANKS, **terms})


def outcome(asked: Rule, *places: Place, on_leave: frozenset[UUID] = frozenset()) -> Result:
    """Evaluate the rule; characters with the same `player` belong together."""
    players: dict[UUID, list[Place]] = {}
    for one in places:
        players.setdefault(one.player, []).append(one)
    return evaluate(asked, players, on_leave=on_leave, now=NOW)


def ago(days: int) -> date:
    return (NOW - timedelta(days=days)).date()


def matched(result: Result) -> set[UUID]:
    return {one.id for match in result.matches for one in match.places}


@pytest.mark.parametrize(
    ("seen", "checked", "days"),
    [
        (31, 0, 31),
        (30, 0, 30),
        (29.9, 0, 29),
        (31, 5, 26),
        (0.5, 0, 0),
        (None, 0, None),
        (31, None, None),
        (90, 15, None),
    ],
)
def test_days_are_counted_up_to_the_last_check_and_unknown_without_one(
    seen: float | None, checked: float | None, days: int | None
) -> None:
    assert days_not_seen([place(1, seen, checked)], NOW) == days


@pytest.mark.parametrize(
    ("leaves", "days"),
    [
        ([], 40),
        ([(20, 20)], 39),
        ([(30, 11)], 20),
        ([(30, 11), (25, 6)], 15),
        ([(400, -30)], 0),
        ([(400, 40)], 40),
    ],
)
def test_days_of_a_leave_are_no_days_of_an_absence(leaves: list[tuple[int, int]], days: int) -> None:
    """Leaves by the days before today of their first and last day."""
    periods = [(ago(first), ago(last)) for first, last in leaves]
    assert days_not_seen([place(1, 40, 0)], NOW, periods) == days


def test_a_player_is_away_only_if_all_characters_are() -> None:
    main, alt = place(1, 100, player=key(1)), place(2, 3, player=key(1))
    assert not matched(outcome(rule(), main, alt))
    assert matched(outcome(rule(per_player=False), main, alt)) == {main.id}
    assert matched(outcome(rule(), main, replace(alt, last_login_at=NOW - timedelta(days=40)))) == {main.id, alt.id}


def test_a_missing_login_or_old_data_is_unknown_and_never_away() -> None:
    for other in (place(2, None), place(2, 100, 15), place(2, 100, None)):
        result = outcome(rule(), place(1, 100, player=key(1)), replace(other, player=key(1)))
        assert not result.matches
        assert [one.days for one in result.unknown] == [None]


def test_a_character_that_was_seen_lately_settles_it_whatever_is_unknown_of_the_others() -> None:
    result = outcome(rule(), place(1, 20, 16, player=key(1)), place(2, None, None, player=key(1)))
    assert (result.matches, result.unknown) == ([], [])


def test_a_low_character_without_a_profile_does_not_hide_its_player_but_is_unknown_alone() -> None:
    bank = place(2, None, None, level=1, player=key(1))
    assert matched(outcome(rule(), place(1, 100, player=key(1)), bank)) == {key(1), key(2)}
    assert outcome(rule(), bank).unknown


@pytest.mark.parametrize(
    "terms",
    [
        {"ranks": frozenset({6})},
        {"below_level": 80},
        {"joined_within": 60},
        {"exempt": frozenset({key(1001)})},
        {"action": Action.PROMOTE, "to_rank": 5},
        {"action": Action.DEMOTE, "to_rank": 4},
    ],
)
def test_a_rule_spares_whom_it_does_not_cover(terms: dict[str, Any]) -> None:
    member = place(1, joined_at=NOW - timedelta(days=59))
    assert matched(outcome(rule(), member)) == {member.id}
    assert not matched(outcome(rule(**terms), member))


def test_an_unknown_level_is_not_below_any() -> None:
    assert not outcome(rule(below_level=20), place(1, level=None)).matches


def test_an_exempt_character_exempts_all_characters_of_its_player() -> None:
    both = place(1, player=key(1)), place(2, player=key(1))
    for per_player in (True, False):
        assert not outcome(rule(exempt=frozenset({key(1002)}), per_player=per_player), *both).matches


def test_someone_on_leave_is_counted_apart() -> None:
    result = outcome(rule(), place(1), place(2, None), place(3, 2), on_leave=frozenset({key(1), key(2), key(3)}))
    assert (result.matches, result.unknown, len(result.on_leave)) == ([], [], 2)


def test_days_in_the_guild_count_from_a_players_first_character_and_need_no_login() -> None:
    promote = rule(Action.PROMOTE, 60, measure=Measure.IN_GUILD, to_rank=3)
    main = place(1, None, None, player=key(1), member_since=NOW - timedelta(days=61))
    alt = replace(place(2, player=key(1)), member_since=NOW - timedelta(days=2))
    assert matched(outcome(promote, main, alt)) == {main.id, alt.id}
    assert matched(outcome(replace(promote, per_player=False), main, alt)) == {main.id}
    assert not outcome(promote, replace(main, member_since=NOW - timedelta(days=59))).matches


def test_the_list_is_ordered_by_urgency_and_names_each_character_once() -> None:
    members = [place(1, 35), place(2, 95), place(3, 120)]
    warn, remove = rule(Action.WARN, 30), rule(Action.REMOVE, 90)
    promote = rule(Action.PROMOTE, 60, measure=Measure.IN_GUILD, to_rank=3)
    found = most_urgent([match for one in (promote, warn, remove) for match in outcome(one, *members).matches])
    assert [(one.rule.action, one.player) for one in found] == [
        ("REMOVE", key(3)),
        ("REMOVE", key(2)),
        ("WARN", key(1)),
    ]


def test_an_alt_note_makes_one_player_of_two_characters() -> None:
    owner, main, alt = key(1), key(2), key(3)
    assert player_of(character=alt, owner=None, noted_main=main, owner_of_main=None) == main
    assert player_of(character=main, owner=None, noted_main=None, owner_of_main=None) == main
    assert player_of(character=alt, owner=None, noted_main=main, owner_of_main=owner) == owner
    assert player_of(character=alt, owner=owner, noted_main=main, owner_of_main=key(9)) == owner


DAYS_AGO = st.none() | st.floats(0, 200).map(lambda days: NOW - timedelta(days=days))


@st.composite
def places(draw: st.DrawFn) -> list[Place]:
    """Draw members of whom Battle.net showed nothing that happened after the last check."""
    found = []
    for number in range(draw(st.integers(0, 8))):
        checked, seen = draw(DAYS_AGO), draw(DAYS_AGO)
        joined = draw(DAYS_AGO)
        found.append(
            Place(
                id=key(number),
                character_id=key(1000 + number),
                player=key(draw(st.integers(0, 3))),
                rank=draw(st.integers(0, 9)),
                level=draw(st.none() | st.sampled_from((1, 9, 10, 40, 80))),
                last_login_at=seen if checked is None or seen is None else min(seen, checked),
                checked_at=checked,
                member_since=joined or LONG_AGO,
                joined_at=joined,
            )
        )
    return found


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    action = draw(st.sampled_from(list(Action)))
    return Rule(
        id=key(0),
        action=action,
        days=draw(st.integers(1, 120)),
        ranks=draw(st.frozensets(st.integers(1, 9))),
        measure=draw(st.sampled_from(list(Measure))),
        per_player=draw(st.booleans()),
        to_rank=draw(st.integers(1, 9)) if action in (Action.PROMOTE, Action.DEMOTE) else None,
        below_level=draw(st.none() | st.integers(1, 80)),
        joined_within=draw(st.none() | st.integers(1, 60)),
        exempt=draw(st.frozensets(st.integers(1000, 1007).map(key), max_size=2)),
    )


few_examples = settings(max_examples=40)
LEAVES = st.frozensets(st.integers(0, 3).map(key), max_size=2)


@few_examples
@given(rules(), places())
def test_nobody_is_listed_as_not_seen_unless_all_characters_were_checked_lately(
    asked: Rule, found: list[Place]
) -> None:
    asked = replace(asked, measure=Measure.NOT_SEEN)
    for match in outcome(asked, *found).matches:
        subject = [one for one in found if one.player == match.player] if asked.per_player else match.places
        readable = [one for one in subject if one.last_login_at or one.level is None or one.level >= 10]
        assert readable
        for one in readable:
            assert one.last_login_at is not None
            assert one.checked_at is not None
            assert NOW - one.checked_at <= STALE_AFTER
            assert one.checked_at - one.last_login_at >= timedelta(days=asked.days)


@few_examples
@given(rules(), places(), LEAVES)
def test_a_member_is_in_one_list_at_most_and_spared_ones_in_none(
    asked: Rule, found: list[Place], on_leave: frozenset[UUID]
) -> None:
    result = outcome(asked, *found, on_leave=on_leave)
    listed = [
        one for kind in (result.matches, result.unknown, result.on_leave) for match in kind for one in match.places
    ]
    assert len({one.id for one in listed}) == len(listed)
    exempt = {one.player for one in found if one.character_id in asked.exempt}
    assert all(one.rank in asked.ranks and one.player not in exempt for one in listed)
    assert all(match.player not in on_leave for match in [*result.matches, *result.unknown])
    assert all(match.player in on_leave for match in result.on_leave)


@few_examples
@given(rules(), places())
def test_a_longer_rule_matches_nobody_else(asked: Rule, found: list[Place]) -> None:
    longer = replace(asked, days=asked.days + 1)
    assert matched(outcome(longer, *found)) <= matched(outcome(asked, *found))


@few_examples
@given(rules(), places(), st.randoms())
def test_the_order_of_the_roster_does_not_matter(asked: Rule, found: list[Place], random: Any) -> None:
    shuffled = random.sample(found, len(found))
    assert matched(outcome(asked, *shuffled)) == matched(outcome(asked, *found))


@few_examples
@given(rules(), places())
def test_a_login_today_takes_a_player_off_every_list(asked: Rule, found: list[Place]) -> None:
    asked = replace(asked, measure=Measure.NOT_SEEN, per_player=True)
    for player in {one.player for one in found}:
        seen = place(99, 0, player=player)
        result = outcome(asked, *found, seen)
        assert player not in {match.player for match in [*result.matches, *result.unknown]}


@few_examples
@given(st.lists(rules(), max_size=4), places())
def test_every_match_is_kept_once_and_the_most_urgent_comes_first(asked: Sequence[Rule], found: list[Place]) -> None:
    every = [match for one in asked for match in outcome(one, *found).matches]
    listed = most_urgent(every)
    ids = [one.id for match in listed for one in match.places]
    assert len(ids) == len(set(ids))
    assert set(ids) == {one.id for match in every for one in match.places}
    urgencies = [list(Action).index(Action(match.rule.action)) for match in listed]
    assert urgencies == sorted(urgencies)
    for match in listed:
        assert _is_most_urgent(match, every)


def _is_most_urgent(match: Match, every: Sequence[Match]) -> bool:
    """Return whether no other match with one of these characters is about something more urgent."""
    place_of = list(Action).index
    ids = {one.id for one in match.places}
    rivals = [one for one in every if not ids.isdisjoint(other.id for other in one.places)]
    return all(place_of(Action(one.rule.action)) >= place_of(Action(match.rule.action)) for one in rivals)
