"""Over random guilds: nobody holds a right that no character and no grant gives them, and the best rank decides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from guilds.models import Guild
from permissions.models import EVERY_RIGHT, Grant, PermissionSet
from permissions.rules import Authority, Holder, Rights, changes, rights_of
from permissions.standing import rights_of_ranks, standing_of
from tests.pages.guild_hall import character, night_watch, place

LEVELS = range(10)
rights = st.frozensets(st.sampled_from(sorted(EVERY_RIGHT)))
ranks = st.integers(0, 9)


@dataclass(frozen=True)
class World:
    """Two guilds' worth of people: ranks of each person's characters here, and elsewhere; sets; grants."""

    here: list[list[int]]
    elsewhere: list[list[int]]
    sets: dict[int, Rights]
    grants: list[list[tuple[Rights, bool]]]


@st.composite
def worlds(draw: Callable[..., object]) -> World:
    people = 3
    characters = st.lists(st.lists(ranks, max_size=3), min_size=people, max_size=people)
    grants = st.lists(st.lists(st.tuples(rights, st.booleans()), max_size=2), min_size=people, max_size=people)
    return World(
        here=draw(characters),  # type: ignore[arg-type]
        elsewhere=draw(characters),  # type: ignore[arg-type]
        sets=draw(st.dictionaries(st.sampled_from(LEVELS), rights)),  # type: ignore[arg-type]
        grants=draw(grants),  # type: ignore[arg-type]
    )


def rights_by_hand(world: World, person: int) -> Rights:
    """The rule as a guild master would say it."""
    mine = world.here[person]
    if not mine:
        return frozenset()
    best = sorted(mine)[0]
    of_rank = EVERY_RIGHT if best == 0 else world.sets.get(best, frozenset({"guilds.view"}))
    running = [one for one, is_running in world.grants[person] if is_running]
    return of_rank.union(*running)


class RightsOfRandomGuilds(TestCase):
    """Hypothesis rolls the database back after each example."""

    @given(worlds(), st.randoms(use_true_random=False))
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_rights_are_those_of_the_best_rank_and_of_running_grants_in_whatever_order_things_came(
        self, world: World, random: Random
    ) -> None:
        guild = night_watch()
        other = night_watch(name="Dawn Watch", slug="dawn-watch", blizzard_id=2)
        people = [User.objects.create_user(number + 1, f"Person{number}#1") for number in range(len(world.here))]
        build(guild, other, world, people, random)
        for number, person in enumerate(people):
            held = frozenset(right for right in EVERY_RIGHT if person.has_perm(right, guild))
            assert held == rights_by_hand(world, number)


def build(guild: Guild, other: Guild, world: World, people: list[User], random: Random) -> None:
    """The world's rows, one by one, in a random order."""
    now = timezone.now()
    steps: list[Callable[[], object]] = []

    def join(where: Guild, person: User, rank: int, name: str) -> None:
        place(character(name, user=person), where, rank)

    def choose(level: int, chosen: Rights) -> None:
        made = PermissionSet(guild=guild, name=f"Set {level}")
        made.rights = chosen
        made.save()
        guild.ranks.filter(rank_level=level).update(permission_set=made)

    def give(person: User, chosen: Rights, is_running: bool) -> None:
        hours = timedelta(hours=1 if is_running else -1)
        one = Grant(guild=guild, user=person, reason="trial", expires_at=now + hours)
        one.rights = chosen
        one.save()

    for number, person in enumerate(people):
        for where, levels in ((guild, world.here[number]), (other, world.elsewhere[number])):
            for count, level in enumerate(levels):
                name = f"{where.slug[:1]}{number}x{count}"
                steps.append(partial(join, where, person, level, name))
        for chosen, is_running in world.grants[number]:
            steps.append(partial(give, person, chosen, is_running))
    for level, chosen in world.sets.items():
        steps.append(partial(choose, level, chosen))
    random.shuffle(steps)
    for step in steps:
        step()


@given(ranks, rights, ranks, rights, rights)
def test_what_may_be_given_never_exceeds_ones_own(
    own: int, mine: Rights, level: int, before: Rights, after: Rights
) -> None:
    authority = Authority(own, mine)
    if authority.may_change_rank(level):
        assert level > own
        assert level != 0
    if authority.may_give(before, after):
        assert after <= before | mine
    assert not authority.may_grant_to(own)
    assert not authority.may_change_set([own])


@given(
    st.dictionaries(st.integers(0, 5), st.builds(Holder, best_rank=ranks, granted=rights, is_site_admin=st.booleans())),
    st.fixed_dictionaries({level: rights for level in LEVELS}),
    st.fixed_dictionaries({level: rights for level in LEVELS}),
)
def test_a_preview_tells_all_that_changes_and_nothing_else(
    people: dict[int, Holder], before: dict[int, Rights], after: dict[int, Rights]
) -> None:
    told = changes(people, before, after)
    for person, holder in people.items():
        old, new = rights_of(holder, before), rights_of(holder, after)
        if holder.is_site_admin or old == new:
            assert person not in told
        else:
            assert (old - told[person].loses) | told[person].gains == new
            assert not told[person].gains & told[person].loses


@pytest.mark.django_db
def test_the_table_of_ranks_says_what_the_backend_answers(guild: Guild, people: Callable[[str], User]) -> None:
    officers = PermissionSet.objects.create(guild=guild, name="Officers", can_refresh=True)
    guild.ranks.filter(rank_level=3).update(permission_set=officers)
    table = rights_of_ranks(guild)
    for level in LEVELS:
        person = people(f"person{level}")
        place(character(f"Name{level}", user=person), guild, level)
        assert standing_of(person, guild).rights == table[level]
