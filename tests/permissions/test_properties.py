"""Over random guilds: nobody holds a right that no character and no grant gives them, and the best rank decides."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from guilds.models import Guild
from permissions import services
from permissions.effective_rights import rights_of_ranks, standing_of
from permissions.models import EVERY_RIGHT, Grant, PermissionSet
from permissions.rules import Authority, Holder, Rights, changes, rights_of
from tests.factories import character, member, night_watch, place

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


@dataclass(frozen=True)
class Attempt:
    """Something that an officer tries: with which of the sets and ranks, and to which end."""

    what: str
    which: int
    level: int
    rights: Rights


attempts = st.builds(
    Attempt,
    what=st.sampled_from(["switch", "change", "delete", "make", "grant", "end"]),
    which=st.integers(0, 20),
    level=st.integers(0, 9),
    rights=rights,
)


def holders(guild: Guild) -> dict[str, set[tuple[str, str]]]:
    """For each right, the sets, ranks and grants that have it."""
    found: dict[str, set[tuple[str, str]]] = {right: set() for right in EVERY_RIGHT}
    for shared in guild.permission_sets.all():
        for right in shared.rights:
            found[right].add(("set", str(shared.pk)))
    for level, held in rights_of_ranks(guild).items():
        for right in held:
            found[right].add(("rank", str(level)))
    for one in guild.grants.all():
        for right in one.rights:
            found[right].add(("grant", str(one.pk)))
    return found


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

    @given(
        rights,
        st.lists(st.tuples(rights, st.none() | st.integers(1, 9)), max_size=4),
        st.lists(rights, max_size=2),
        st.lists(attempts, min_size=1, max_size=6),
    )
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_whatever_an_officer_does_a_right_that_the_officer_lacks_stays_where_it_is(
        self, mine: Rights, sets: list[tuple[Rights, int | None]], grants: list[Rights], tried: list[Attempt]
    ) -> None:
        guild = night_watch()
        officer, raider = (User.objects.create_user(number, f"Person{number}#1") for number in (1, 2))
        member(guild, "Officer", 2, user=officer)
        member(guild, "Raider", 5, user=raider)
        for number, (held, level) in enumerate(sets):
            give_set(guild, f"Random {number}", held, level)
        give_set(guild, "Officers", mine | {"guilds.manage_ranks"}, 2)
        for held in grants:
            give_grant_by_hand(guild, raider, held)
        own, above, before = rights_of_ranks(guild)[2], rights_of_ranks(guild), holders(guild)
        for attempt in tried:
            with suppress(PermissionDenied, ValidationError), transaction.atomic():
                attempt_it(guild, User.objects.get(pk=officer.pk), raider, attempt)
        after = holders(guild)
        assert {right: after[right] for right in EVERY_RIGHT - own} == {
            right: before[right] for right in EVERY_RIGHT - own
        }
        assert {level: rights_of_ranks(guild)[level] for level in (0, 1, 2)} == {
            level: above[level] for level in (0, 1, 2)
        }


def give_set(guild: Guild, name: str, held: Rights, level: int | None) -> None:
    made = PermissionSet(guild=guild, name=name)
    made.rights = held
    made.save()
    if level is not None:
        guild.ranks.filter(rank_level=level).update(permission_set=made)


def give_grant_by_hand(guild: Guild, person: User, held: Rights) -> None:
    one = Grant(guild=guild, user=person, reason="trial", expires_at=timezone.now() + timedelta(hours=1))
    one.rights = held
    one.save()


def attempt_it(guild: Guild, officer: User, raider: User, tried: Attempt) -> None:
    sets, grants = list(guild.permission_sets.all()), list(guild.grants.all())
    one, seen = sets[tried.which % len(sets)], services.state_of(guild)
    if tried.what == "switch":
        services.change_ranks(guild=guild, actor=officer, names={}, set_ids={tried.level: one.pk}, seen=seen)
    elif tried.what == "change":
        services.change_set(
            guild=guild, actor=officer, permission_set=one, name=one.name, rights=tried.rights, seen=seen
        )
    elif tried.what == "delete":
        services.delete_set(guild=guild, actor=officer, permission_set=one)
    elif tried.what == "make":
        services.make_set(guild=guild, actor=officer, name=f"Made {tried.which}", rights=tried.rights)
    elif tried.what == "grant":
        end = timezone.now() + timedelta(days=1)
        services.give_grant(
            guild=guild, actor=officer, person=raider, rights=tried.rights, reason="trial", expires_at=end
        )
    elif grants:
        services.end_grant(guild=guild, actor=officer, grant=grants[tried.which % len(grants)])


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
    if authority.may_switch_rank(level, before) and authority.holds(after):
        assert before | after <= mine
    if authority.may_change_set([level], before):
        assert level > own
        assert before <= mine
    if authority.may_end_grant(level, before):
        assert level > own
        assert before <= mine
    assert not authority.may_grant_to(own)
    assert not authority.may_change_set([own], frozenset())


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
