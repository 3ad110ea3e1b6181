"""The services: nobody can raise their own rights or give rights they lack; every change is on the timeline."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import User
from guilds.edit_conflict import EditConflict
from guilds.models import Guild, Membership, TimelineEvent
from permissions.models import Grant, PermissionSet
from permissions.rights import EVERY_RIGHT
from permissions.services import (
    change_ranks,
    change_set,
    create_set,
    delete_set,
    end_grant,
    give_grant,
    ranks_version,
)
from tests.factories import night_watch
from tests.permissions.conftest import RAIDER, fresh, has_right

GiveRights = Callable[..., PermissionSet]
Join = Callable[..., User]


@pytest.fixture
def steward(officer: User, give_rights: GiveRights) -> User:
    """An officer of rank 1 who can manage ranks and refresh."""
    give_rights(1, "manage_ranks", "refresh")
    return officer


def put(guild: Guild, actor: User, rank: int, chosen: PermissionSet, *, name: str | None = None) -> int:
    names = {} if name is None else {rank: name}
    return change_ranks(guild=guild, actor=actor, names=names, set_ids={rank: chosen.pk}, version=ranks_version(guild))


def a_set(guild: Guild, *rights: str) -> PermissionSet:
    return PermissionSet.objects.create(
        guild=guild, name="+".join(rights) or "nothing", rights=[f"guilds.{right}" for right in rights]
    )


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


def test_the_guild_master_changes_a_rank_and_the_timeline_records_before_and_after(
    guild: Guild, master: User, raider: User
) -> None:
    assert put(guild, master, RAIDER, a_set(guild, "view", "refresh"), name="Veteran") == 1
    assert has_right(raider, "refresh", guild)
    recorded = last_event(guild)
    assert recorded.actor == master
    assert recorded.details["before"] == {"name": "", "set": "Members", "rights": ["guilds.view"]}
    assert recorded.details["after"] == {
        "name": "Veteran",
        "set": "view+refresh",
        "rights": ["guilds.refresh", "guilds.view"],
    }


def test_an_unchanged_rank_is_not_recorded(guild: Guild, master: User) -> None:
    assert put(guild, master, RAIDER, guild.ranks.get(rank_level=RAIDER).permission_set) == 0
    assert not TimelineEvent.objects.exists()


def test_officers_can_change_ranks_below_theirs(guild: Guild, steward: User, raider: User) -> None:
    put(guild, steward, RAIDER, a_set(guild, "view", "refresh"))
    assert has_right(raider, "refresh", guild)


@pytest.mark.parametrize("rank", [0, 1])
def test_officers_cannot_change_ranks_at_or_above_theirs(guild: Guild, steward: User, rank: int) -> None:
    with pytest.raises(PermissionDenied):
        put(guild, steward, rank, a_set(guild, "view"))
    with pytest.raises(PermissionDenied):
        put(guild, steward, rank, guild.ranks.get(rank_level=rank).permission_set, name="Peon")


def test_officers_cannot_give_rights_that_they_lack(guild: Guild, steward: User) -> None:
    with pytest.raises(PermissionDenied):
        put(guild, steward, RAIDER, a_set(guild, "view", "delete"))
    with pytest.raises(PermissionDenied):
        create_set(guild=guild, actor=steward, name="Coup", rights=frozenset({"guilds.delete"}))
    assert not PermissionSet.objects.filter(name="Coup").exists()


@pytest.mark.parametrize("rights", [frozenset(), frozenset({"guilds.view"}), EVERY_RIGHT])
def test_officers_cannot_change_a_permission_set_beyond_their_rights(
    guild: Guild, steward: User, give_rights: GiveRights, rights: frozenset[str]
) -> None:
    """Otherwise they could take away what only the guild master can give back."""
    mighty = give_rights(RAIDER, "delete")
    for name in (mighty.name, "Renamed"):
        with pytest.raises(PermissionDenied):
            change_set(
                guild=guild,
                actor=steward,
                permission_set=mighty,
                name=name,
                rights=rights,
                version=ranks_version(guild),
            )
    assert guild.permission_sets.get(pk=mighty.pk).rights == {"guilds.view", "guilds.delete"}


def test_officers_cannot_delete_a_permission_set_beyond_their_rights(guild: Guild, master: User, steward: User) -> None:
    mighty = a_set(guild, "view", "delete")
    with pytest.raises(PermissionDenied):
        delete_set(guild=guild, actor=steward, permission_set=mighty)
    delete_set(guild=guild, actor=steward, permission_set=a_set(guild, "view", "refresh"))
    delete_set(guild=guild, actor=master, permission_set=mighty)


def test_officers_cannot_replace_a_permission_set_beyond_their_rights(
    guild: Guild, master: User, steward: User, raider: User, give_rights: GiveRights
) -> None:
    give_rights(RAIDER, "delete")
    with pytest.raises(PermissionDenied):
        put(guild, steward, RAIDER, a_set(guild, "view"))
    assert has_right(raider, "delete", guild)
    put(guild, steward, RAIDER, guild.ranks.get(rank_level=RAIDER).permission_set, name="Veteran")
    assert guild.ranks.get(rank_level=RAIDER).rank_name == "Veteran", "a name is not a right"
    put(guild, master, RAIDER, guild.permission_sets.get(name="view"))
    assert not has_right(raider, "delete", guild)


def test_officers_cannot_end_a_grant_beyond_their_rights(
    guild: Guild, master: User, steward: User, raider: User
) -> None:
    given = grant_to(guild, master, raider, "delete")
    with pytest.raises(PermissionDenied):
        end_grant(guild=guild, actor=steward, grant=given)
    Membership.objects.filter(character__user=raider).delete()
    with pytest.raises(PermissionDenied):
        end_grant(guild=guild, actor=steward, grant=given)
    end_grant(guild=guild, actor=fresh(raider), grant=given)


def test_officers_cannot_edit_their_own_ranks_permission_set_even_if_a_lower_rank_uses_it(
    guild: Guild, steward: User
) -> None:
    own = guild.ranks.get(rank_level=1).permission_set
    guild.ranks.filter(rank_level=RAIDER).update(permission_set=own)
    with pytest.raises(PermissionDenied):
        change_set(
            guild=guild,
            actor=steward,
            permission_set=own,
            name=own.name,
            rights=EVERY_RIGHT,
            version=ranks_version(guild),
        )


def test_nobody_can_weaken_rank_0(guild: Guild, master: User, outsider: User) -> None:
    User.objects.filter(pk=outsider.pk).update(is_superuser=True)
    masters = guild.ranks.get(rank_level=0).permission_set
    for actor in (master, fresh(outsider)):
        with pytest.raises(PermissionDenied):
            put(guild, actor, 0, a_set(guild, "view", "refresh", str(actor.battlenet_id)))
        with pytest.raises(PermissionDenied):
            change_set(
                guild=guild,
                actor=actor,
                permission_set=masters,
                name="x",
                rights=frozenset(),
                version=ranks_version(guild),
            )
    PermissionSet.objects.filter(pk=masters.pk).update(rights=[])
    assert all(fresh(master).has_perm(right, guild) for right in EVERY_RIGHT)


def test_members_without_the_right_cannot_change_anything(
    guild: Guild, officer: User, raider: User, outsider: User
) -> None:
    for actor in (officer, raider, outsider):
        with pytest.raises(PermissionDenied):
            put(guild, actor, 9, a_set(guild, "view", str(actor.battlenet_id)))
        with pytest.raises(PermissionDenied):
            create_set(guild=guild, actor=actor, name="Mine", rights=frozenset({"guilds.view"}))
        with pytest.raises(PermissionDenied):
            grant_to(guild, actor, raider, "view")


def test_a_site_admin_can_change_ranks(guild: Guild, raider: User, outsider: User) -> None:
    User.objects.filter(pk=outsider.pk).update(is_superuser=True)
    put(guild, fresh(outsider), RAIDER, a_set(guild, "view", "manage_ranks"))
    assert has_right(raider, "manage_ranks", guild)


def test_the_second_of_two_edits_is_a_conflict(guild: Guild, master: User, steward: User) -> None:
    version = ranks_version(guild)
    chosen = a_set(guild, "view", "refresh")
    with pytest.raises(EditConflict):
        change_ranks(guild=guild, actor=steward, names={}, set_ids={RAIDER: chosen.pk}, version=version)
    with pytest.raises(EditConflict):
        change_set(guild=guild, actor=master, permission_set=chosen, name="x", rights=frozenset(), version=version)
    assert guild.ranks.get(rank_level=RAIDER).permission_set.name == "Members"


def test_a_permission_set_of_another_guild_is_refused(guild: Guild, master: User) -> None:
    foreign = a_set(night_watch(name="Dawn Watch", slug="dawn-watch", blizzard_id=2), "view", "delete")
    with pytest.raises(PermissionDenied):
        put(guild, master, RAIDER, foreign)
    with pytest.raises(PermissionSet.DoesNotExist):
        change_set(
            guild=guild,
            actor=master,
            permission_set=foreign,
            name="x",
            rights=frozenset(),
            version=ranks_version(guild),
        )
    with pytest.raises(PermissionSet.DoesNotExist):
        delete_set(guild=guild, actor=master, permission_set=foreign)


def test_only_unused_permission_sets_can_be_deleted(guild: Guild, master: User) -> None:
    with pytest.raises(PermissionDenied):
        delete_set(guild=guild, actor=master, permission_set=guild.ranks.get(rank_level=5).permission_set)
    delete_set(guild=guild, actor=master, permission_set=a_set(guild, "view"))
    assert not PermissionSet.objects.filter(name="view").exists()
    assert last_event(guild).details["after"] is None


def test_names_of_permission_sets_are_unique(guild: Guild, master: User) -> None:
    with pytest.raises(ValidationError):
        create_set(guild=guild, actor=master, name="Members", rights=frozenset({"guilds.view"}))


def test_a_grant_is_for_members_of_a_lower_rank(
    guild: Guild, steward: User, raider: User, master: User, outsider: User
) -> None:
    grant_to(guild, steward, raider, "refresh")
    assert has_right(raider, "refresh", guild)
    assert last_event(guild).person == raider
    for person in (steward, master, outsider):
        with pytest.raises(PermissionDenied):
            grant_to(guild, steward, person, "refresh")
    with pytest.raises(PermissionDenied):
        grant_to(guild, steward, raider, "delete")


def test_granted_rights_cannot_be_passed_on(guild: Guild, master: User, raider: User, join: Join) -> None:
    recruit = join("recruit", 8)
    grant_to(guild, master, raider, "manage_ranks", "delete")
    with pytest.raises(PermissionDenied):
        grant_to(guild, fresh(raider), recruit, "delete")
    with pytest.raises(PermissionDenied):
        put(guild, fresh(raider), 8, a_set(guild, "view", "delete"))
    put(guild, fresh(raider), 8, guild.ranks.get(rank_level=8).permission_set, name="Recruit")
    assert guild.ranks.get(rank_level=8).rank_name == "Recruit"


def test_a_grant_is_ended_by_higher_ranks_or_its_player(
    guild: Guild, master: User, steward: User, raider: User, join: Join
) -> None:
    recruit = join("recruit", 8)
    for actor in (master, steward, raider):
        given = grant_to(guild, master, raider, "refresh")
        with pytest.raises(PermissionDenied):
            end_grant(guild=guild, actor=recruit, grant=given)
        end_grant(guild=guild, actor=fresh(actor), grant=given)
        assert not has_right(raider, "refresh", guild)


def test_a_demoted_officer_cannot_change_anything(guild: Guild, steward: User) -> None:
    chosen = a_set(guild, "view", "refresh")
    assert steward.has_perm("guilds.manage_ranks", guild)
    Membership.objects.filter(character__user=steward).update(rank=9)
    with pytest.raises(PermissionDenied):
        put(guild, steward, RAIDER, chosen)


def test_a_refused_change_saves_nothing(guild: Guild, steward: User) -> None:
    version: Any = ranks_version(guild)
    with pytest.raises(PermissionDenied):
        change_ranks(guild=guild, actor=steward, names={9: "Recruit", 0: "King"}, set_ids={}, version=version)
    assert ranks_version(guild) == version
    assert not TimelineEvent.objects.exists()
