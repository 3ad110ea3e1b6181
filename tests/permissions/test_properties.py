"""Properties over random guilds: nobody has a right without a source, and the best rank decides."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
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
from characters.models import Character
from guilds.models import Guild
from permissions import services
from permissions.effective_rights import read_effective_rights, read_rights_by_guild
from permissions.members import players_of, ranks_of, rights_of_sets
from permissions.models import Grant, PermissionSet
from permissions.resolver import Authority, Place, RightSources, changes, resolve, rights_of_ranks
from permissions.rights import EVERY_RIGHT, Rights
from tests.factories import character, forget_rows, member, night_watch, place
from tests.permissions.conftest import leave as leave_guild

LEVELS = range(10)
rights = st.frozensets(st.sampled_from(sorted(EVERY_RIGHT)))
ranks = st.integers(0, 9)


@dataclass(frozen=True)
class World:
    """Two guilds' worth of people: for each the ranks of their characters, by guild; departures; grants.

    A departure is the rank, whether it is within the grace period, and whether the link was confirmed. A grant is its
    rights, and whether it is running.
    """

    here: list[list[int]]
    elsewhere: list[list[int]]
    left: list[list[tuple[int, bool, bool]]]
    sets: dict[int, Rights]
    grants: list[list[tuple[Rights, bool]]]


@st.composite
def worlds(draw: Callable[..., object]) -> World:
    people = 3
    characters = st.lists(st.lists(ranks, max_size=3), min_size=people, max_size=people)
    left = st.lists(
        st.lists(st.tuples(ranks, st.booleans(), st.booleans()), max_size=2), min_size=people, max_size=people
    )
    grants = st.lists(st.lists(st.tuples(rights, st.booleans()), max_size=2), min_size=people, max_size=people)
    return World(
        here=draw(characters),  # type: ignore[arg-type]
        elsewhere=draw(characters),  # type: ignore[arg-type]
        left=draw(left),  # type: ignore[arg-type]
        sets=draw(st.dictionaries(st.sampled_from(LEVELS), rights)),  # type: ignore[arg-type]
        grants=draw(grants),  # type: ignore[arg-type]
    )


def rights_by_hand(world: World, person: int) -> Rights:
    """State the rule in the simplest way."""
    mine = world.here[person]
    if not mine:
        return frozenset()
    best = sorted(mine)[0]
    of_rank = EVERY_RIGHT if best == 0 else world.sets.get(best, frozenset({"guilds.view"}))
    running = [one for one, is_running in world.grants[person] if is_running]
    return of_rank.union(*running)


def sources_of(world: World, person: int) -> RightSources:
    """Return the person's sources of rights, as the pure rule takes them."""
    return RightSources(
        places=tuple(map(Place, world.here[person])),
        grants=tuple(held for held, is_running in world.grants[person] if is_running),
        left_ranks=tuple(rank for rank, is_recent, is_confirmed in world.left[person] if is_recent and is_confirmed),
    )


def rights_by_rank(guild: Guild) -> dict[int, Rights]:
    return rights_of_ranks(rights_of_sets(ranks_of(guild)))


@dataclass(frozen=True)
class Attempt:
    """A change that an officer tries, with the numbers that choose what it changes."""

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
    """Return the permission sets, ranks and grants that include each right."""
    found: dict[str, set[tuple[str, str]]] = {right: set() for right in EVERY_RIGHT}
    for shared in guild.permission_sets.all():
        for right in shared.rights:
            found[right].add(("set", str(shared.pk)))
    for level, held in rights_by_rank(guild).items():
        for right in held:
            found[right].add(("rank", str(level)))
    for one in guild.grants.all():
        for right in one.rights:
            found[right].add(("grant", str(one.pk)))
    return found


class RightsOfRandomGuilds(TestCase):
    """Properties that need the database, which Hypothesis rolls back after each example."""

    def setup_example(self) -> None:
        super().setup_example()  # type: ignore[no-untyped-call]
        forget_rows()

    @given(worlds(), st.randoms(use_true_random=False))
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_rights_come_from_the_best_rank_and_running_grants_in_any_order_of_events(
        self, world: World, random: Random
    ) -> None:
        guild = night_watch()
        other = night_watch(name="Dawn Watch", slug="dawn-watch", blizzard_id=2)
        people = [User.objects.create_user(number + 1, f"Person{number}#1") for number in range(len(world.here))]
        build(guild, other, world, people, random)
        for number, person in enumerate(people):
            held = frozenset(right for right in EVERY_RIGHT if person.has_perm(right, guild))
            assert held == rights_by_hand(world, number)

    @given(worlds(), st.integers(0, 48), st.randoms(use_true_random=False))
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_the_database_reads_agree_with_the_pure_rule(self, world: World, grace_hours: int, random: Random) -> None:
        guild = night_watch(grace_hours=grace_hours)
        other = night_watch(name="Dawn Watch", slug="dawn-watch", blizzard_id=2)
        people = [User.objects.create_user(number + 1, f"Person{number}#1") for number in range(len(world.here))]
        build(guild, other, world, people, random)
        players = players_of(guild)
        for number, person in enumerate(people):
            sources = sources_of(world, number)
            expected = resolve(sources if grace_hours else replace(sources, left_ranks=()), world.sets)
            assert replace(read_effective_rights(person, guild), expires_at=None) == expected
            assert (person.pk in players) is (guild.pk in read_rights_by_guild(person)) is bool(sources.places)
            if sources.places:
                assert read_rights_by_guild(person)[guild.pk] == expected
                assert resolve(players[person.pk].sources, world.sets) == expected

    @given(
        rights,
        st.lists(st.tuples(rights, st.none() | st.integers(1, 9)), max_size=4),
        st.lists(rights, max_size=2),
        st.lists(attempts, min_size=1, max_size=6),
    )
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_officers_cannot_move_rights_that_they_lack(
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
        own, above, before = rights_by_rank(guild)[2], rights_by_rank(guild), holders(guild)
        for attempt in tried:
            with suppress(PermissionDenied, ValidationError), transaction.atomic():
                attempt_it(guild, User.objects.get(pk=officer.pk), raider, attempt)
        after = holders(guild)
        assert {right: after[right] for right in EVERY_RIGHT - own} == {
            right: before[right] for right in EVERY_RIGHT - own
        }
        assert {level: rights_by_rank(guild)[level] for level in (0, 1, 2)} == {
            level: above[level] for level in (0, 1, 2)
        }


def give_set(guild: Guild, name: str, held: Rights, level: int | None) -> None:
    made = PermissionSet.objects.create(guild=guild, name=name, rights=held)
    if level is not None:
        guild.ranks.filter(rank_level=level).update(permission_set=made)


def give_grant_by_hand(guild: Guild, person: User, held: Rights) -> None:
    expires_at = timezone.now() + timedelta(hours=1)
    Grant.objects.create(guild=guild, user=person, rights=held, reason="trial", expires_at=expires_at)


def attempt_it(guild: Guild, officer: User, raider: User, tried: Attempt) -> None:
    sets, grants = list(guild.permission_sets.all()), list(guild.grants.all())
    one, version = sets[tried.which % len(sets)], services.ranks_version(guild)
    if tried.what == "switch":
        services.change_ranks(guild=guild, actor=officer, names={}, set_ids={tried.level: one.pk}, version=version)
    elif tried.what == "change":
        services.change_set(
            guild=guild, actor=officer, permission_set=one, name=one.name, rights=tried.rights, version=version
        )
    elif tried.what == "delete":
        services.delete_set(guild=guild, actor=officer, permission_set=one)
    elif tried.what == "make":
        services.create_set(guild=guild, actor=officer, name=f"Made {tried.which}", rights=tried.rights)
    elif tried.what == "grant":
        end = timezone.now() + timedelta(days=1)
        services.give_grant(
            guild=guild, actor=officer, person=raider, rights=tried.rights, reason="trial", expires_at=end
        )
    elif grants:
        services.end_grant(guild=guild, actor=officer, grant=grants[tried.which % len(grants)])


def build(guild: Guild, other: Guild, world: World, people: list[User], random: Random) -> None:
    """Create the world's rows one by one, in a random order."""
    now = timezone.now()
    steps: list[Callable[[], object]] = []

    def join(where: Guild, person: User, rank: int, name: str) -> None:
        place(character(name, user=person), where, rank)

    def choose(level: int, chosen: Rights) -> None:
        made = PermissionSet.objects.create(guild=guild, name=f"Set {level}", rights=chosen)
        guild.ranks.filter(rank_level=level).update(permission_set=made)

    def give(person: User, chosen: Rights, is_running: bool) -> None:
        expires_at = now + timedelta(hours=1 if is_running else -1)
        Grant.objects.create(guild=guild, user=person, rights=chosen, reason="trial", expires_at=expires_at)

    def leave(person: User, rank: int, is_recent: bool, is_confirmed: bool) -> None:
        who = character(f"Former{Character.objects.count()}", user=person)
        there = place(who, guild, rank, **({} if is_confirmed else {"roster_blizzard_id": 1_000_000}))
        leave_guild(there, hours_ago=0 if is_recent else 100)

    for number, person in enumerate(people):
        for where, levels in ((guild, world.here[number]), (other, world.elsewhere[number])):
            for count, level in enumerate(levels):
                name = f"{where.slug[:1]}{number}x{count}"
                steps.append(partial(join, where, person, level, name))
        for chosen, is_running in world.grants[number]:
            steps.append(partial(give, person, chosen, is_running))
        steps += [partial(leave, person, *departure) for departure in world.left[number]]
    for level, chosen in world.sets.items():
        steps.append(partial(choose, level, chosen))
    random.shuffle(steps)
    for step in steps:
        step()


@given(ranks, rights, ranks, rights, rights)
def test_nobody_can_give_more_than_their_own_rights(
    own: int, mine: Rights, level: int, before: Rights, after: Rights
) -> None:
    authority = Authority(own, mine)
    if authority.can_change_rank(level):
        assert level > own
        assert level != 0
    if authority.can_switch_set(level, before) and authority.includes(after):
        assert before | after <= mine
    if authority.can_edit_set([level], before):
        assert level > own
        assert before <= mine
    if authority.can_end_grant(level, before):
        assert level > own
        assert before <= mine
    assert not authority.can_grant_to(own)
    assert not authority.can_edit_set([own], frozenset())


sources = st.builds(
    RightSources,
    places=st.builds(Place, rank=ranks).map(lambda place: (place,)),
    grants=st.lists(rights, max_size=2).map(tuple),
    is_site_admin=st.booleans(),
)


@given(
    st.dictionaries(st.integers(0, 5), sources),
    st.fixed_dictionaries({level: rights for level in LEVELS}),
    st.fixed_dictionaries({level: rights for level in LEVELS}),
)
def test_a_preview_shows_all_that_changes_and_nothing_else(
    people: dict[int, RightSources], before: dict[int, Rights], after: dict[int, Rights]
) -> None:
    recorded = changes(people, before, after)
    for person, known in people.items():
        old, new = resolve(known, before).rights, resolve(known, after).rights
        if known.is_site_admin or old == new:
            assert person not in recorded
        else:
            assert (old - recorded[person].loses) | recorded[person].gains == new
            assert not recorded[person].gains & recorded[person].loses


@pytest.mark.django_db
def test_the_ranks_table_agrees_with_the_backend(guild: Guild, people: Callable[[str], User]) -> None:
    officers = PermissionSet.objects.create(guild=guild, name="Officers", rights=["guilds.view", "guilds.refresh"])
    guild.ranks.filter(rank_level=3).update(permission_set=officers)
    table = rights_by_rank(guild)
    for level in LEVELS:
        person = people(f"person{level}")
        place(character(f"Name{level}", user=person), guild, level)
        assert read_effective_rights(person, guild).rights == table[level]
