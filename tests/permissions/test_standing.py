"""What a person may do in a guild follows from their characters there, and from nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from guilds.models import Guild, Membership, TimelineEvent
from permissions.models import EVERY_RIGHT, Grant, PermissionSet
from tests.factories import crowd, member, night_watch
from tests.permissions.conftest import RAIDER, fresh, may

Let = Callable[..., PermissionSet]


def grant(guild: Guild, user: User, *, hours: float = 24, **flags: bool) -> Grant:
    expires_at = timezone.now() + timedelta(hours=hours)
    return Grant.objects.create(guild=guild, user=user, reason="raid leader", expires_at=expires_at, **flags)


def leave(guild: Guild, user: User, *, hours_ago: float = 0) -> None:
    """The person's characters leave, as the roster's sync writes it."""
    for place in Membership.objects.filter(guild=guild, character__user=user):
        TimelineEvent.objects.create(
            guild=guild,
            kind=TimelineEvent.Kind.LEFT,
            happened_at=timezone.now() - timedelta(hours=hours_ago),
            character=place.character,
            character_name=place.character.name,
            person=user,
            details={"rank": place.rank},
        )
        place.delete()


def test_a_new_guild_lets_its_master_do_everything_and_the_others_read(
    guild: Guild, master: User, officer: User, raider: User, outsider: User
) -> None:
    assert all(fresh(master).has_perm(right, guild) for right in EVERY_RIGHT)
    for person in (officer, raider):
        assert {right for right in EVERY_RIGHT if fresh(person).has_perm(right, guild)} == {"guilds.view"}
    assert not any(fresh(outsider).has_perm(right, guild) for right in EVERY_RIGHT)
    assert not AnonymousUser().has_perm("guilds.view", guild)


def test_every_rank_of_a_new_guild_has_a_set(guild: Guild) -> None:
    assert [rank.rank_level for rank in guild.ranks.all()] == list(range(10))
    assert {rank.permission_set.name for rank in guild.ranks.all()} == {"Guild master", "Members"}


def test_an_alt_of_a_lower_rank_takes_nothing_away(guild: Guild, officer: User, let: Let) -> None:
    let(1, "refresh")
    member(guild, "Bankalt", 9, user=officer)
    assert may(officer, "refresh", guild)


def test_a_demotion_counts_in_the_next_request_without_a_new_sign_in(guild: Guild, officer: User, let: Let) -> None:
    let(1, "manage_roster")
    assert may(officer, "manage_roster", guild)
    Membership.objects.filter(character__user=officer).update(rank=RAIDER)
    assert not may(officer, "manage_roster", guild)


def test_somebody_elses_character_gives_nothing(guild: Guild, officer: User, raider: User, let: Let) -> None:
    let(1, "manage_roster")
    place = Membership.objects.select_related("character").get(character__user=officer)
    place.character.user = raider
    place.character.save()
    assert may(raider, "manage_roster", guild)
    assert not may(officer, "view", guild)


def test_rights_in_one_guild_are_none_in_another(guild: Guild, master: User) -> None:
    other = night_watch(name="Dawn Watch", slug="dawn-watch", blizzard_id=2)
    assert not any(fresh(master).has_perm(right, other) for right in EVERY_RIGHT)


def test_a_rank_may_be_kept_from_reading(guild: Guild, raider: User, let: Let) -> None:
    let(RAIDER, view=False)
    assert not may(raider, "view", guild)


def test_a_deactivated_person_and_a_nonsense_question_get_no(guild: Guild, master: User) -> None:
    assert not may(master, "fly", guild)
    assert not fresh(master).has_perm("guilds.view")
    assert not fresh(master).has_perm("guilds.view", master)
    User.objects.filter(pk=master.pk).update(is_active=False)
    assert not may(master, "view", guild)


def test_a_site_admin_may_do_everything_everywhere(guild: Guild, outsider: User) -> None:
    User.objects.filter(pk=outsider.pk).update(is_superuser=True)
    assert all(fresh(outsider).has_perm(right, guild) for right in EVERY_RIGHT)


def test_a_personal_grant_adds_a_right_until_it_expires(guild: Guild, raider: User) -> None:
    given = grant(guild, raider, can_refresh=True)
    assert may(raider, "refresh", guild)
    assert not may(raider, "edit_info", guild)
    Grant.objects.filter(pk=given.pk).update(expires_at=timezone.now())
    assert not may(raider, "refresh", guild)
    assert may(raider, "view", guild)


def test_a_personal_grant_ends_with_the_membership(guild: Guild, raider: User) -> None:
    grant(guild, raider, can_refresh=True)
    leave(guild, raider)
    assert not may(raider, "refresh", guild)
    assert not may(raider, "view", guild)


def test_a_leaver_is_an_outsider_at_once_unless_the_guild_grants_grace(guild: Guild, raider: User) -> None:
    leave(guild, raider, hours_ago=1)
    assert not may(raider, "view", guild)


def test_in_grace_a_leaver_reads_and_does_nothing_else(guild: Guild, officer: User, let: Let) -> None:
    let(1, "manage_roster", "refresh")
    Guild.objects.filter(pk=guild.pk).update(grace_hours=24)
    guild.refresh_from_db()
    leave(guild, officer, hours_ago=23)
    assert {right for right in EVERY_RIGHT if fresh(officer).has_perm(right, guild)} == {"guilds.view"}
    TimelineEvent.objects.update(happened_at=timezone.now() - timedelta(hours=25))
    assert not may(officer, "view", guild)


def test_grace_gives_nobody_what_the_rank_never_had(guild: Guild, raider: User, let: Let) -> None:
    let(RAIDER, view=False)
    Guild.objects.filter(pk=guild.pk).update(grace_hours=72)
    guild.refresh_from_db()
    leave(guild, raider)
    assert not may(raider, "view", guild)


def test_whoever_takes_over_a_leavers_character_gets_no_grace(guild: Guild, raider: User, outsider: User) -> None:
    Guild.objects.filter(pk=guild.pk).update(grace_hours=72)
    guild.refresh_from_db()
    character = Membership.objects.get(character__user=raider).character
    leave(guild, raider)
    character.user = outsider
    character.save()
    assert not may(outsider, "view", guild)


@pytest.mark.parametrize("members", [10, 1_000])
def test_a_request_asks_for_rights_at_most_twice_however_large_the_guild(
    guild: Guild, officer: User, members: int, django_assert_num_queries: Any
) -> None:
    crowd(guild, members)
    grant(guild, officer, can_refresh=True)
    person = fresh(officer)
    with django_assert_num_queries(2):
        assert {right for right in EVERY_RIGHT if person.has_perm(right, guild)} == {"guilds.view", "guilds.refresh"}


def test_an_outsider_is_refused_with_two_questions_at_most(
    guild: Guild, outsider: User, django_assert_max_num_queries: Any
) -> None:
    guild.grace_hours = 24
    person = fresh(outsider)
    with django_assert_max_num_queries(2):
        assert not any(person.has_perm(right, guild) for right in EVERY_RIGHT)
