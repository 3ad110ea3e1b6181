"""Nobody can lift themselves up, or push up what they do not hold; every change of a right can be read later."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import User
from guilds.models import Guild, Membership, TimelineEvent
from permissions.models import EVERY_RIGHT, Grant, PermissionSet
from permissions.services import (
    Stale,
    change_ranks,
    change_set,
    delete_set,
    end_grant,
    give_grant,
    make_set,
    state_of,
)
from tests.factories import night_watch
from tests.permissions.conftest import RAIDER, fresh, may

Let = Callable[..., PermissionSet]
Seated = Callable[..., User]


@pytest.fixture
def steward(officer: User, let: Let) -> User:
    """An officer of rank 1 who manages ranks, and may refresh, and nothing else."""
    let(1, "manage_ranks", "refresh")
    return officer


def put(guild: Guild, actor: User, rank: int, chosen: PermissionSet, *, name: str | None = None) -> int:
    names = {} if name is None else {rank: name}
    return change_ranks(guild=guild, actor=actor, names=names, set_ids={rank: chosen.pk}, seen=state_of(guild))


def a_set(guild: Guild, *rights: str) -> PermissionSet:
    made = PermissionSet(guild=guild, name="+".join(rights) or "nothing")
    made.rights = frozenset(f"guilds.{right}" for right in rights)
    made.save()
    return made


def grant_to(guild: Guild, actor: User, person: User, *rights: str) -> Grant:
    return give_grant(
        guild=guild,
        actor=actor,
        person=person,
        rights=frozenset(f"guilds.{right}" for right in rights),
        reason="trial",
        expires_at=timezone.now() + timedelta(days=1),
    )


def last_event(guild: Guild) -> TimelineEvent:
    return TimelineEvent.objects.filter(guild=guild, kind=TimelineEvent.Kind.RIGHTS_CHANGED).latest("created_at")


def test_the_guild_master_gives_a_rank_a_set_and_the_timeline_tells_before_and_after(
    guild: Guild, master: User, raider: User
) -> None:
    assert put(guild, master, RAIDER, a_set(guild, "view", "refresh"), name="Veteran") == 1
    assert may(raider, "refresh", guild)
    told = last_event(guild)
    assert told.actor == master
    assert told.details["before"] == {"name": "", "set": "Members", "rights": ["guilds.view"]}
    assert told.details["after"] == {
        "name": "Veteran",
        "set": "view+refresh",
        "rights": ["guilds.refresh", "guilds.view"],
    }


def test_what_stays_the_same_is_not_told(guild: Guild, master: User) -> None:
    assert put(guild, master, RAIDER, guild.ranks.get(rank_level=RAIDER).permission_set) == 0
    assert not TimelineEvent.objects.exists()


def test_ranks_below_ones_own_may_be_changed(guild: Guild, steward: User, raider: User) -> None:
    put(guild, steward, RAIDER, a_set(guild, "view", "refresh"))
    assert may(raider, "refresh", guild)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_at_or_above_ones_own_is_not_touched(guild: Guild, steward: User, rank: int) -> None:
    with pytest.raises(PermissionDenied):
        put(guild, steward, rank, a_set(guild, "view"))
    with pytest.raises(PermissionDenied):
        put(guild, steward, rank, guild.ranks.get(rank_level=rank).permission_set, name="Peon")


def test_a_right_that_one_lacks_cannot_be_given(guild: Guild, steward: User) -> None:
    with pytest.raises(PermissionDenied):
        put(guild, steward, RAIDER, a_set(guild, "view", "delete"))
    with pytest.raises(PermissionDenied):
        make_set(guild=guild, actor=steward, name="Coup", rights=frozenset({"guilds.delete"}))
    assert not PermissionSet.objects.filter(name="Coup").exists()


@pytest.mark.parametrize("rights", [frozenset(), frozenset({"guilds.view"}), EVERY_RIGHT])
def test_a_set_with_more_rights_than_ones_own_is_neither_emptied_nor_changed(
    guild: Guild, steward: User, let: Let, rights: frozenset[str]
) -> None:
    """Somebody who manages ranks could take away what only the guild master can give back."""
    mighty = let(RAIDER, "delete")
    for name in (mighty.name, "Renamed"):
        with pytest.raises(PermissionDenied):
            change_set(
                guild=guild, actor=steward, permission_set=mighty, name=name, rights=rights, seen=state_of(guild)
            )
    assert guild.permission_sets.get(pk=mighty.pk).rights == {"guilds.view", "guilds.delete"}


def test_a_set_with_more_rights_than_ones_own_is_not_deleted(guild: Guild, master: User, steward: User) -> None:
    mighty = a_set(guild, "view", "delete")
    with pytest.raises(PermissionDenied):
        delete_set(guild=guild, actor=steward, permission_set=mighty)
    delete_set(guild=guild, actor=steward, permission_set=a_set(guild, "view", "refresh"))
    delete_set(guild=guild, actor=master, permission_set=mighty)


def test_a_lower_rank_is_not_switched_away_from_a_set_with_more_rights_than_ones_own(
    guild: Guild, master: User, steward: User, raider: User, let: Let
) -> None:
    let(RAIDER, "delete")
    with pytest.raises(PermissionDenied):
        put(guild, steward, RAIDER, a_set(guild, "view"))
    assert may(raider, "delete", guild)
    put(guild, steward, RAIDER, guild.ranks.get(rank_level=RAIDER).permission_set, name="Veteran")
    assert guild.ranks.get(rank_level=RAIDER).rank_name == "Veteran", "a name is no right"
    put(guild, master, RAIDER, guild.permission_sets.get(name="view"))
    assert not may(raider, "delete", guild)


def test_a_grant_of_more_rights_than_ones_own_is_not_ended(
    guild: Guild, master: User, steward: User, raider: User
) -> None:
    given = grant_to(guild, master, raider, "delete")
    with pytest.raises(PermissionDenied):
        end_grant(guild=guild, actor=steward, grant=given)
    Membership.objects.filter(character__user=raider).delete()
    with pytest.raises(PermissionDenied):
        end_grant(guild=guild, actor=steward, grant=given)
    end_grant(guild=guild, actor=fresh(raider), grant=given)


def test_nobody_edits_the_set_of_the_own_rank_even_where_a_lower_rank_shares_it(guild: Guild, steward: User) -> None:
    own = guild.ranks.get(rank_level=1).permission_set
    guild.ranks.filter(rank_level=RAIDER).update(permission_set=own)
    with pytest.raises(PermissionDenied):
        change_set(
            guild=guild, actor=steward, permission_set=own, name=own.name, rights=EVERY_RIGHT, seen=state_of(guild)
        )


def test_rank_0_cannot_be_weakened_by_anybody(guild: Guild, master: User, outsider: User) -> None:
    User.objects.filter(pk=outsider.pk).update(is_superuser=True)
    masters = guild.ranks.get(rank_level=0).permission_set
    for actor in (master, fresh(outsider)):
        with pytest.raises(PermissionDenied):
            put(guild, actor, 0, a_set(guild, "view", "refresh", str(actor.battlenet_id)))
        with pytest.raises(PermissionDenied):
            change_set(
                guild=guild, actor=actor, permission_set=masters, name="x", rights=frozenset(), seen=state_of(guild)
            )
    PermissionSet.objects.filter(pk=masters.pk).update(can_manage_ranks=False, can_view=False)
    assert all(fresh(master).has_perm(right, guild) for right in EVERY_RIGHT)


def test_a_member_without_the_right_changes_nothing(guild: Guild, officer: User, raider: User, outsider: User) -> None:
    for actor in (officer, raider, outsider):
        with pytest.raises(PermissionDenied):
            put(guild, actor, 9, a_set(guild, "view", str(actor.battlenet_id)))
        with pytest.raises(PermissionDenied):
            make_set(guild=guild, actor=actor, name="Mine", rights=frozenset({"guilds.view"}))
        with pytest.raises(PermissionDenied):
            grant_to(guild, actor, raider, "view")


def test_a_site_admin_acts_where_the_guild_master_is_unknown(guild: Guild, raider: User, outsider: User) -> None:
    User.objects.filter(pk=outsider.pk).update(is_superuser=True)
    put(guild, fresh(outsider), RAIDER, a_set(guild, "view", "manage_ranks"))
    assert may(raider, "manage_ranks", guild)


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(guild: Guild, master: User, steward: User) -> None:
    seen = state_of(guild)
    chosen = a_set(guild, "view", "refresh")
    with pytest.raises(Stale):
        change_ranks(guild=guild, actor=steward, names={}, set_ids={RAIDER: chosen.pk}, seen=seen)
    with pytest.raises(Stale):
        change_set(guild=guild, actor=master, permission_set=chosen, name="x", rights=frozenset(), seen=seen)
    assert guild.ranks.get(rank_level=RAIDER).permission_set.name == "Members"


def test_a_set_of_another_guild_is_refused(guild: Guild, master: User) -> None:
    foreign = a_set(night_watch(name="Dawn Watch", slug="dawn-watch", blizzard_id=2), "view", "delete")
    with pytest.raises(PermissionDenied):
        put(guild, master, RAIDER, foreign)
    with pytest.raises(PermissionSet.DoesNotExist):
        change_set(
            guild=guild, actor=master, permission_set=foreign, name="x", rights=frozenset(), seen=state_of(guild)
        )
    with pytest.raises(PermissionSet.DoesNotExist):
        delete_set(guild=guild, actor=master, permission_set=foreign)


def test_a_set_that_a_rank_has_is_not_deleted_and_an_unused_one_is(guild: Guild, master: User) -> None:
    with pytest.raises(PermissionDenied):
        delete_set(guild=guild, actor=master, permission_set=guild.ranks.get(rank_level=5).permission_set)
    delete_set(guild=guild, actor=master, permission_set=a_set(guild, "view"))
    assert not PermissionSet.objects.filter(name="view").exists()
    assert last_event(guild).details["after"] is None


def test_two_sets_cannot_have_one_name(guild: Guild, master: User) -> None:
    with pytest.raises(ValidationError):
        make_set(guild=guild, actor=master, name="Members", rights=frozenset({"guilds.view"}))


def test_a_grant_is_for_members_of_a_lower_rank(
    guild: Guild, steward: User, raider: User, master: User, outsider: User
) -> None:
    grant_to(guild, steward, raider, "refresh")
    assert may(raider, "refresh", guild)
    assert last_event(guild).person == raider
    for person in (steward, master, outsider):
        with pytest.raises(PermissionDenied):
            grant_to(guild, steward, person, "refresh")
    with pytest.raises(PermissionDenied):
        grant_to(guild, steward, raider, "delete")


def test_what_somebody_holds_by_a_grant_is_theirs_to_use_and_not_to_pass_on(
    guild: Guild, master: User, raider: User, seated: Seated
) -> None:
    recruit = seated("recruit", 8)
    grant_to(guild, master, raider, "manage_ranks", "delete")
    with pytest.raises(PermissionDenied):
        grant_to(guild, fresh(raider), recruit, "delete")
    with pytest.raises(PermissionDenied):
        put(guild, fresh(raider), 8, a_set(guild, "view", "delete"))
    put(guild, fresh(raider), 8, guild.ranks.get(rank_level=8).permission_set, name="Recruit")
    assert guild.ranks.get(rank_level=8).rank_name == "Recruit"


def test_a_grant_is_taken_back_by_those_above_or_given_up_by_its_holder(
    guild: Guild, master: User, steward: User, raider: User, seated: Seated
) -> None:
    recruit = seated("recruit", 8)
    for actor in (master, steward, raider):
        given = grant_to(guild, master, raider, "refresh")
        with pytest.raises(PermissionDenied):
            end_grant(guild=guild, actor=recruit, grant=given)
        end_grant(guild=guild, actor=fresh(actor), grant=given)
        assert not may(raider, "refresh", guild)


def test_somebody_who_was_demoted_meanwhile_changes_nothing_more(guild: Guild, steward: User) -> None:
    chosen = a_set(guild, "view", "refresh")
    assert steward.has_perm("guilds.manage_ranks", guild)
    Membership.objects.filter(character__user=steward).update(rank=9)
    with pytest.raises(PermissionDenied):
        put(guild, steward, RAIDER, chosen)


def test_a_refused_change_leaves_nothing_behind(guild: Guild, steward: User) -> None:
    seen: Any = state_of(guild)
    with pytest.raises(PermissionDenied):
        change_ranks(guild=guild, actor=steward, names={9: "Recruit", 0: "King"}, set_ids={}, seen=seen)
    assert state_of(guild) == seen
    assert not TimelineEvent.objects.exists()
