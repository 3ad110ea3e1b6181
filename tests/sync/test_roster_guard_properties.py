"""In any sequence of rosters, a large loss is accepted only if a later roster confirms it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sync.wow.roster_guard import CACHED_FOR, FEW, LARGEST_LOSS, TOLERANCE, Doubt, Evidence, judge

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MEMBERS = [UUID(int=number) for number in range(24)]


@dataclass(frozen=True)
class Answer:
    """A roster: missing members, the guild page's count, and when it was created and fetched."""

    lacks: frozenset[UUID]
    counted: int
    modified: datetime | None
    fetched_at: datetime


@st.composite
def answers(draw: st.DrawFn) -> list[Answer]:
    """Rosters fetched one after another, some repeated from a cache, some without a date."""
    fetched_at, found = NOON, []
    for _ in range(draw(st.integers(1, 8))):
        fetched_at += timedelta(minutes=draw(st.sampled_from([0, 5, 60, 180, 200])))
        lacks = frozenset(draw(st.sampled_from([(), MEMBERS, MEMBERS[:3], MEMBERS[4:20], MEMBERS[10:]])))
        lacks |= frozenset(draw(st.lists(st.sampled_from(MEMBERS), max_size=4)))
        modified = draw(st.none() | st.integers(0, 4).map(lambda hours: NOON + timedelta(hours=hours)))
        counted = draw(st.sampled_from([0, len(MEMBERS) - len(lacks), len(MEMBERS)]))
        found.append(Answer(lacks, counted, modified, fetched_at))
    return found


def is_later(answer: Answer, first: Answer) -> bool:
    """Return whether it can't be the same document from a cache."""
    if answer.modified and first.modified:
        return answer.modified > first.modified
    return answer.fetched_at - first.fetched_at >= CACHED_FOR


@given(answers())
def test_nobody_is_removed_by_a_large_loss_unless_a_later_roster_confirmed_it(sequence: list[Answer]) -> None:
    members, doubt = set(MEMBERS), None
    for number, answer in enumerate(sequence):
        missing = answer.lacks & members
        entries = len(MEMBERS) - len(answer.lacks)
        roster = Evidence(len(members), frozenset(missing), entries, answer.counted, answer.modified, answer.fetched_at)
        ruling = judge(doubt, roster)
        is_large = (len(missing) > FEW and len(missing) > len(members) * LARGEST_LOSS) or (members and not entries)
        assert ruling.removed <= missing
        if is_large:
            for one in ruling.removed:
                earlier = since_when(one, sequence[:number])
                assert any(is_later(answer, first) for first in earlier), "no earlier roster lacked them all the time"
                assert answer.counted <= entries + (TOLERANCE if entries else 0), "the page still counts them"
        else:
            assert ruling == type(ruling)(frozenset(missing), None)
        members -= ruling.removed
        doubt = ruling.doubt
        assert_is_sound(doubt, members, missing)


def since_when(member: UUID, sequence: list[Answer]) -> list[Answer]:
    """Return the preceding rosters that all lacked the member."""
    lacking: list[Answer] = []
    for answer in reversed(sequence):
        if member not in answer.lacks:
            break
        lacking.append(answer)
    return lacking


def assert_is_sound(doubt: Doubt | None, members: set[UUID], missing: frozenset[UUID] | set[UUID]) -> None:
    """Assert that only members missing from the last roster are in doubt."""
    if doubt is not None:
        assert doubt.missing
        assert doubt.missing <= members & missing


@given(answers())
def test_a_loss_repeated_by_later_rosters_is_accepted_eventually(sequence: list[Answer]) -> None:
    """The guard lets nobody keep permissions forever."""
    doubt = None
    for answer in sequence:
        entries = len(MEMBERS) - len(answer.lacks)
        doubt = judge(
            doubt, Evidence(len(MEMBERS), answer.lacks, entries, answer.counted, answer.modified, answer.fetched_at)
        ).doubt
    gone, at = frozenset(MEMBERS[4:]), sequence[-1].fetched_at
    members = set(MEMBERS)
    for day in range(1, 4):
        moment = at + timedelta(days=day)
        roster = Evidence(len(members), gone & members, 4, 4, moment, moment)
        ruling = judge(doubt, roster)
        members -= ruling.removed
        doubt = ruling.doubt
    assert members == set(MEMBERS[:4])
