"""A player's rights in a guild follow from their characters there, and from nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from accounts.models import User
from guilds.former_members.services import give_back
from guilds.models import FormerMember, Guild, Membership
from permissions.models import Grant, PermissionSet
from permissions.rights import EVERY_RIGHT
from tests.factories import add_members, member, night_watch
from tests.permissions.conftest import RAIDER, fresh, has_right, leave

GiveRights = Callable[..., PermissionSet]


def grant(guild: Guild, user: User, *rights: str, hours: float = 24) -> Grant:
    expires_at = timezone.now() + timedelta(hours=hours)
    return Grant.objects.create(guild=guild, user=user, rights=rights, reason="raid leader", expires_at=expires_at)


def leave_guild(guild: Guild, user: User, *, hours_ago: float = 0) -> None:
    """Remove the user's characters from the roster."""
    leave(*Membership.objects.filter(guild=guild, character__user=user), hours_ago=hours_ago)


def test_in_a_new_guild_the_guild_master_has_every_right_and_the_others_can_view(
    guild: Guild, master: User, officer: User, raider: User, outsider: User
) -> None:
    assert all(fresh(master).has_perm(right, guild) for right in EVERY_RIGHT)
    for person in (officer, raider):
        assert {right for right in EVERY_RIGHT if fresh(person).has_perm(right, guild)} == {"guilds.view"}
    assert not any(fresh(outsider).has_perm(right, guild) for right in EVERY_RIGHT)
    assert not AnonymousUser().has_perm("guilds.view", guild)


def test_every_rank_of_a_new_guild_has_a_permission_set(guild: Guild) -> None:
    assert [rank.rank_level for rank in guild.ranks.all()] == list(range(10))
    assert {rank.permission_set.name for rank in guild.ranks.all()} == {"Guild master", "Members"}


def test_an_alt_with_a_lower_rank_changes_nothing(guild: Guild, officer: User, give_rights: GiveRights) -> None:
    give_rights(1, "refresh")
    member(guild, "Bankalt", 9, user=officer)
    assert has_right(officer, "refresh", guild)


def test_a_demotion_takes_effect_in_the_next_request(guild: Guild, officer: User, give_rights: GiveRights) -> None:
    give_rights(1, "manage_roster")
    assert has_right(officer, "manage_roster", guild)
    Membership.objects.filter(character__user=officer).update(rank=RAIDER)
    assert not has_right(officer, "manage_roster", guild)


def test_a_character_gives_rights_to_its_owner_only(
    guild: Guild, officer: User, raider: User, give_rights: GiveRights
) -> None:
    give_rights(1, "manage_roster")
    place = Membership.objects.select_related("character").get(character__user=officer)
    place.character.user = raider
    place.character.save()
    assert has_right(raider, "manage_roster", guild)
    assert not has_right(officer, "view", guild)


def test_rights_are_per_guild(guild: Guild, master: User) -> None:
    other = night_watch(name="Dawn Watch", slug="dawn-watch", blizzard_id=2)
    assert not any(fresh(master).has_perm(right, other) for right in EVERY_RIGHT)


def test_a_rank_can_lack_the_right_to_view(guild: Guild, raider: User, give_rights: GiveRights) -> None:
    give_rights(RAIDER, view=False)
    assert not has_right(raider, "view", guild)


def test_inactive_users_and_invalid_checks_are_refused(guild: Guild, master: User) -> None:
    assert not has_right(master, "fly", guild)
    assert not fresh(master).has_perm("guilds.view")
    assert not fresh(master).has_perm("guilds.view", master)
    User.objects.filter(pk=master.pk).update(is_active=False)
    assert not has_right(master, "view", guild)


def test_a_site_admin_has_every_right_everywhere(guild: Guild, outsider: User) -> None:
    User.objects.filter(pk=outsider.pk).update(is_superuser=True)
    assert all(fresh(outsider).has_perm(right, guild) for right in EVERY_RIGHT)


def test_a_personal_grant_adds_a_right_until_it_expires(guild: Guild, raider: User) -> None:
    given = grant(guild, raider, "guilds.refresh")
    assert has_right(raider, "refresh", guild)
    assert not has_right(raider, "edit_info", guild)
    Grant.objects.filter(pk=given.pk).update(expires_at=timezone.now())
    assert not has_right(raider, "refresh", guild)
    assert has_right(raider, "view", guild)


def test_a_personal_grant_needs_a_membership(guild: Guild, raider: User) -> None:
    grant(guild, raider, "guilds.refresh")
    leave_guild(guild, raider)
    assert not has_right(raider, "refresh", guild)
    assert not has_right(raider, "view", guild)


def test_without_a_grace_period_a_former_member_is_an_outsider_immediately(guild: Guild, raider: User) -> None:
    leave_guild(guild, raider, hours_ago=1)
    assert not has_right(raider, "view", guild)


def test_in_the_grace_period_a_former_member_can_only_view(
    guild: Guild, officer: User, give_rights: GiveRights
) -> None:
    give_rights(1, "manage_roster", "refresh")
    Guild.objects.filter(pk=guild.pk).update(grace_hours=24)
    guild.refresh_from_db()
    leave_guild(guild, officer, hours_ago=23)
    assert {right for right in EVERY_RIGHT if fresh(officer).has_perm(right, guild)} == {"guilds.view"}
    FormerMember.objects.update(left_at=timezone.now() - timedelta(hours=25))
    assert not has_right(officer, "view", guild)


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_member_who_returns_with_an_expired_link_keeps_the_rest_of_the_grace_period(
    guild: Guild, raider: User, is_confirmed: bool
) -> None:
    Guild.objects.filter(pk=guild.pk).update(grace_hours=24)
    guild.refresh_from_db()
    place = Membership.objects.select_related("character").get(character__user=raider)
    character, roster_id = place.character, place.roster_blizzard_id
    leave(place, hours_ago=1)
    if not is_confirmed:
        character.owner_confirmed_at = timezone.now() - timedelta(days=91)
        character.save()
    Membership.objects.create(guild=guild, character=character, rank=RAIDER, roster_blizzard_id=roster_id)
    give_back(guild, [character.pk])
    assert has_right(raider, "view", guild)
    assert FormerMember.objects.exists() is not is_confirmed
    FormerMember.objects.update(left_at=timezone.now() - timedelta(hours=25))
    assert has_right(raider, "view", guild) is is_confirmed


def test_the_grace_period_gives_nothing_to_a_rank_that_could_not_view(
    guild: Guild, raider: User, give_rights: GiveRights
) -> None:
    give_rights(RAIDER, view=False)
    Guild.objects.filter(pk=guild.pk).update(grace_hours=72)
    guild.refresh_from_db()
    leave_guild(guild, raider)
    assert not has_right(raider, "view", guild)


def test_a_new_owner_of_a_former_members_character_gets_no_grace_period(
    guild: Guild, raider: User, outsider: User
) -> None:
    Guild.objects.filter(pk=guild.pk).update(grace_hours=72)
    guild.refresh_from_db()
    character = Membership.objects.get(character__user=raider).character
    leave_guild(guild, raider)
    character.user = outsider
    character.save()
    assert not has_right(outsider, "view", guild)


@pytest.mark.parametrize("members", [10, 1_000])
def test_a_request_reads_rights_in_one_statement_in_a_guild_of_any_size(
    guild: Guild, officer: User, members: int, django_assert_num_queries: Any
) -> None:
    add_members(guild, members)
    grant(guild, officer, "guilds.refresh")
    person = fresh(officer)
    with django_assert_num_queries(1):
        assert {right for right in EVERY_RIGHT if person.has_perm(right, guild)} == {"guilds.view", "guilds.refresh"}


def test_an_outsider_is_refused_in_two_statements_at_most(
    guild: Guild, outsider: User, django_assert_max_num_queries: Any
) -> None:
    guild.grace_hours = 24
    person = fresh(outsider)
    with django_assert_max_num_queries(2):
        assert not any(person.has_perm(right, guild) for right in EVERY_RIGHT)


def test_unknown_names_and_duplicates_in_the_database_give_nothing(guild: Guild, raider: User) -> None:
    chosen = PermissionSet.objects.filter(guild=guild, name="Members")
    chosen.update(rights=["guilds.view", "guilds.fly", "guilds.view", "accounts.delete_user"])
    assert chosen.get().rights == {"guilds.view"}
    assert {right for right in EVERY_RIGHT if fresh(raider).has_perm(right, guild)} == {"guilds.view"}
    assert not has_right(raider, "fly", guild)
    assert not fresh(raider).has_perm("accounts.delete_user", guild)


def test_the_order_in_which_rights_are_chosen_does_not_matter(guild: Guild) -> None:
    chosen = guild.permission_sets.get(name="Members")
    for rights in (["guilds.view", "guilds.refresh"], ["guilds.refresh", "guilds.view", "guilds.view"]):
        chosen.rights = rights
        chosen.full_clean()
        chosen.save()
        with connection.cursor() as cursor:
            cursor.execute("SELECT rights FROM permissions_permissionset WHERE id = %s", [chosen.pk])
            assert cursor.fetchone() == (["guilds.refresh", "guilds.view"],)
