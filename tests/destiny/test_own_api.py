"""A player's own Destiny data through the API: by session or token, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from api.tokens import make_token
from destiny.models import BungieAccount, DestinyMembership, Guardian
from sync.destiny.jobs import BungieJob
from tests.api.programs import error_of, program, read
from tests.destiny.people import Connected, Run, RunProfile
from tests.personas import browser_of

CHARACTERS = "/api/characters"


@pytest.fixture
def account(connected: Connected, run: Run, run_profile: RunProfile) -> BungieAccount:
    """The account of the guild master, who has three guardians and 900 items."""
    account = connected("guildmaster")
    run(account, BungieJob.Kind.MEMBERSHIPS)
    run_profile(account.memberships.get(membership_type=3))
    return account


@pytest.fixture
def browser(account: BungieAccount) -> Client:
    return browser_of(account.user)


def token_of(user: User, *permissions: str) -> Client:
    """Return a program with a token of a player."""
    token = make_token(person=user, name="Sheet", permissions=permissions, guild_ids=(), lifetime=timedelta(days=1))
    return program(token)


def test_a_player_reads_the_characters_of_all_memberships(account: BungieAccount, browser: Client) -> None:
    played = account.memberships.get(membership_type=3)
    replaced = account.memberships.create(membership_type=1, membership_id=7, cross_save_override=3)
    account.memberships.create(membership_type=2, membership_id=8, unlinked_at=timezone.now())
    answer = read(browser, CHARACTERS)
    assert [one["id"] for one in answer["memberships"]] == [str(played.membership_id), str(replaced.membership_id)]
    first, second = answer["memberships"]
    assert (second["is_current"], second["is_replaced"], second["characters"]) == (False, True, [])
    assert (first["platform"], first["is_current"], first["is_replaced"]) == ("Steam", True, False)
    assert first["freshness"]["as_of"] is not None
    assert first["freshness"]["hidden"] == {}
    stored = {str(one.character_id): one for one in Guardian.objects.filter(membership__account=account)}
    assert {one["id"] for one in first["characters"]} == stored.keys()
    for one in first["characters"]:
        guardian = stored[one["id"]]
        assert (one["class_name"], one["power"]) == (guardian.class_name, guardian.light)
        assert {str(stat["hash"]): stat["value"] for stat in one["stats"]} == guardian.stats


def test_a_program_reads_them_with_a_token_that_includes_it(account: BungieAccount) -> None:
    assert read(token_of(account.user, "destiny.view"), CHARACTERS)["memberships"]
    assert error_of(token_of(account.user, "guilds.view").get(CHARACTERS)) == (403, "forbidden")
    assert error_of(Client().get(CHARACTERS)) == (401, "not_authenticated")


def test_somebody_without_a_bungie_account_has_no_characters(someone: User) -> None:
    assert read(browser_of(someone), CHARACTERS) == {"memberships": []}


def test_asking_has_them_fetched_and_says_so(account: BungieAccount, browser: Client) -> None:
    jobs = BungieJob.objects.filter(membership__account=account, kind=BungieJob.Kind.PROFILE)
    assert not read(browser, CHARACTERS)["memberships"][0]["freshness"]["is_being_fetched"]
    jobs.update(attempted_at=timezone.now() - timedelta(minutes=2))
    assert read(browser, CHARACTERS)["memberships"][0]["freshness"]["is_being_fetched"]
    assert {one.priority for one in jobs if one.membership == account.memberships.get(membership_type=3)} == {
        BungieJob.Priority.INTERACTIVE
    }


def test_many_characters_need_no_more_statements(
    account: BungieAccount, browser: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    membership = DestinyMembership.objects.get(membership_type=3)
    Guardian.objects.bulk_create(
        Guardian(membership=membership, character_id=number, stats={"1": 2}) for number in range(1, 20)
    )
    with django_assert_max_num_queries(16):
        assert len(read(browser, CHARACTERS)["memberships"][0]["characters"]) == 22
