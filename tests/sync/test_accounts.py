"""A player's characters are found in all regions and WoW accounts, and linked as long as Battle.net lists them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import BattlenetToken, User
from accounts.services import discard_token, store_token
from characters.models import Character
from guilds.models import Guild, Membership
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import AccountProfile
from sync.engine.errors import Forbidden, Paused, TokenExpired, Unavailable
from sync.management.foreground import sync_account, sync_characters
from sync.models import BlizzardJob
from sync.wow.account_links import RegionAccount
from tests.battlenet import MEMBERS, Sandbox
from tests.sync.working import apply_account

pytestmark = pytest.mark.django_db

Person = Callable[[str], User]
FIELDS = ("blizzard_id", "name", "realm__slug", "region", "level", "playable_class_id", "playable_race_id", "faction")
KEYS = ("id", "name", "realm_slug", "region", "level", "class_id", "race_id", "faction")


def account_in_truth(sandbox: Sandbox, persona: str) -> Any:
    """Return the ground truth about a persona, including mounts and toys."""
    return sandbox._get(f"truth/account/{persona}")


def true_characters(sandbox: Sandbox, persona: str) -> set[tuple[Any, ...]]:
    return {
        (*(one[key] for key in KEYS), one["gender"], one["wow_account"])
        for one in account_in_truth(sandbox, persona)["characters"]
    }


def our_characters(user: User) -> set[tuple[Any, ...]]:
    return set(Character.objects.of(user).values_list(*FIELDS, "gender", "wow_account_id"))


def jobs_of(user: User) -> dict[str, tuple[str, str, int | None]]:
    """Return state, kind of error and HTTP status of the account's job by region."""
    rows = BlizzardJob.objects.filter(user=user).values_list("region", "state", "error_kind", "http_status")
    return {str(region): (state, error, status) for region, state, error, status in rows}


def address_in_sandbox(character: Any) -> dict[str, str]:
    return {key: character[key] for key in ("region", "realm_slug", "name")}


def test_a_raider_with_sixty_characters_over_two_wow_accounts_and_regions_gets_all_of_them(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    raider = person("raider")
    sync = sync_account(client=battlenet, user=raider)
    assert (sync.result.created, sync.result.failed) == (60, 0)
    assert our_characters(raider) == true_characters(sandbox, "raider")
    by_region = Counter(Character.objects.values_list("region", flat=True))
    assert by_region == {"eu": 48, "us": 12}
    assert Character.objects.values("wow_account_id").distinct().count() == 4  # WoW accounts are per region
    assert jobs_of(raider) == {region: (BlizzardJob.State.RESTING, "", None) for region in ("us", "eu", "kr", "tw")}


def test_collections_are_fetched_once_per_region_with_characters(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    raider = person("raider")
    sync_account(client=battlenet, user=raider)
    stats = sandbox.stats()["by_endpoint"]
    assert (stats["account"], stats["account-mounts"], stats["account-toys"]) == (4, 2, 2)
    hashes = set(Character.objects.of(raider).values_list("region", "mounts_hash", "toys_hash"))
    assert len(hashes) == 2
    assert all(len(mounts) == len(toys) == 64 for _, mounts, toys in hashes)


def test_a_new_mount_changes_the_hash_and_nothing_else_does(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    newcomer = person("newcomer")
    sync_account(client=battlenet, user=newcomer)
    mounts, toys = Character.objects.values_list("mounts_hash", "toys_hash").distinct().get()
    assert sync_account(client=battlenet, user=newcomer).result.unchanged == 3
    missing = next(
        one
        for one in account_in_truth(sandbox, "raider")["mounts"]
        if one not in account_in_truth(sandbox, "newcomer")["mounts"]
    )
    sandbox.mutate("collect", persona="newcomer", mount_id=missing)
    assert sync_account(client=battlenet, user=newcomer).result.updated == 3
    assert Character.objects.exclude(mounts_hash=mounts).filter(toys_hash=toys).count() == 3


def test_a_player_without_world_of_warcraft_is_not_an_error(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    nowow = person("nowow")
    sync = sync_account(client=battlenet, user=nowow)
    assert (sync.result.created, sync.character_ids) == (0, ())
    assert {state for state, _, _ in jobs_of(nowow).values()} == {BlizzardJob.State.RESTING}
    assert sandbox.stats()["by_status"] == {"200": 2, "404": 2}


def test_a_newcomer_without_a_guild_has_three_characters(person: Person, battlenet: BlizzardClient) -> None:
    newcomer = person("newcomer")
    sync = sync_account(client=battlenet, user=newcomer)
    characters = Character.objects.filter(pk__in=sync.character_ids).select_related("realm")
    applied = sync_characters(client=battlenet, characters=list(characters))
    assert (characters.count(), applied.guild_ids) == (3, set())
    assert not Guild.objects.exists()


def test_an_account_that_did_not_share_its_characters_rests_until_the_next_sign_in(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    unticker = person("unticker")
    with pytest.raises(Forbidden):
        sync_account(client=battlenet, user=unticker)
    assert set(jobs_of(unticker).values()) == {(BlizzardJob.State.RESTING, "not_shared", None)}
    assert sandbox.stats()["requests"] == 0
    assert BattlenetToken.objects.filter(user=unticker).exists()


def test_an_expired_token_is_discarded_and_the_characters_are_kept(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    raider = person("raider")
    sync_account(client=battlenet, user=raider)
    before = our_characters(raider)
    sandbox.expire_tokens()
    with pytest.raises(TokenExpired):
        sync_account(client=battlenet, user=raider)
    assert not BattlenetToken.objects.exists()
    assert set(jobs_of(raider).values()) == {(BlizzardJob.State.RESTING, "token_expired", 401)}
    assert our_characters(raider) == before
    sync_account(client=battlenet, user=person("raider"))  # signs in again
    assert set(jobs_of(raider).values()) == {(BlizzardJob.State.RESTING, "", None)}


def test_a_token_older_than_a_day_is_not_sent(person: Person, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    raider = person("raider")
    BattlenetToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    raider = User.objects.select_related("battlenet_token").get(pk=raider.pk)
    with pytest.raises(TokenExpired):
        sync_account(client=battlenet, user=raider)
    assert sandbox.stats()["requests"] == 0


def test_an_outage_changes_nothing(person: Person, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    raider = person("raider")
    sync_account(client=battlenet, user=raider)
    before = our_characters(raider)
    sandbox.mutate("delete_character", **address_in_sandbox(account_in_truth(sandbox, "raider")["characters"][20]))
    sandbox.fault(path="/profile/user/wow", status=502)
    with pytest.raises(Unavailable):
        sync_account(client=battlenet, user=raider)
    assert set(jobs_of(raider).values()) == {(BlizzardJob.State.DUE, "unavailable", 502)}
    assert our_characters(raider) == before
    assert BattlenetToken.objects.exists()


@pytest.mark.parametrize(("status", "error"), [(503, "unavailable"), (403, "forbidden")])
def test_one_regions_outage_stops_no_other_region(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox, status: int, error: str
) -> None:
    raider = person("raider")
    sandbox.fault(path="/profile/user/wow", status=status, region="us")
    sync = sync_account(client=battlenet, user=raider)
    assert (sync.result.created, sync.result.failed) == (48, 1)
    good = (BlizzardJob.State.RESTING, "", None)
    assert jobs_of(raider) == {"us": (BlizzardJob.State.DUE, error, status), "eu": good, "kr": good, "tw": good}
    assert set(Character.objects.of(raider).values_list("region", flat=True)) == {"eu"}
    sandbox.clear_faults()
    sandbox.forget_requests()
    sync_account(client=battlenet, user=raider, regions=["us"])
    assert our_characters(raider) == true_characters(sandbox, "raider")
    assert sandbox.stats()["by_endpoint"]["account"] == 1, "it was tried again alone"


def test_a_region_that_stays_down_is_retried_until_it_answers(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    raider = person("raider")
    sandbox.fault(path="/profile/user/wow", status=503, region="us")
    sync_account(client=battlenet, user=raider)
    for _ in range(12):
        with pytest.raises((Unavailable, Paused)):
            sync_account(client=battlenet, user=raider, regions=["us"])
    job = BlizzardJob.objects.get(user=raider, region="us")
    assert job.state == BlizzardJob.State.DUE
    assert job.next_due_at is not None
    assert timedelta(minutes=29) < job.next_due_at - timezone.now() < timedelta(minutes=46)


def test_characters_known_from_a_roster_are_linked_and_not_duplicated(
    person: Person, roster_of: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild = roster_of()
    rows = set(Character.objects.values_list("pk", flat=True))
    result = sync_account(client=battlenet, user=person("guildmaster")).result
    assert (result.created, result.updated) == (0, 7)
    assert set(Character.objects.values_list("pk", flat=True)) == rows
    assert Membership.objects.filter(guild=guild).count() == MEMBERS
    result = sync_account(client=battlenet, user=person("raider")).result
    assert (result.created, result.updated) == (48, 12)


def test_the_roster_knows_the_characters_of_an_account(
    person: Person, roster_of: Callable[..., Guild], battlenet: BlizzardClient
) -> None:
    raider = person("raider")
    sync_account(client=battlenet, user=raider)
    roster_of()
    assert Character.objects.of(raider).filter(membership__isnull=False).count() == 12
    assert Character.objects.count() == MEMBERS + 48


def test_characters_that_left_the_account_are_unlinked(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    newcomer = person("newcomer")
    sync_account(client=battlenet, user=newcomer)
    gone = account_in_truth(sandbox, "newcomer")["characters"][1]
    sandbox.mutate("delete_character", **address_in_sandbox(gone))
    result = sync_account(client=battlenet, user=newcomer).result
    assert (result.removed, result.unchanged) == (1, 2)
    unlinked = Character.objects.get(name=gone["name"])
    assert (unlinked.user, unlinked.wow_account_id) == (None, None)
    assert our_characters(newcomer) == true_characters(sandbox, "newcomer")


def test_mains_are_recomputed_when_a_character_changes_owners(
    person: Person, roster_of: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    """In any order of the syncs."""
    roster_of()
    officer, social = person("officer"), person("social")
    for user in (officer, social):
        sync_account(client=battlenet, user=user)
    main = officer.mains.get().character
    sandbox.mutate("transfer_character", region="eu", realm_slug=main.realm.slug, name=main.name, persona="social")
    for user in (social, officer):
        sync_account(client=battlenet, user=user)
    assert our_characters(officer) == true_characters(sandbox, "officer")
    assert our_characters(social) == true_characters(sandbox, "social")
    assert social.mains.get().character == main  # the best rank of all three
    assert officer.mains.get().character in Character.objects.of(officer)


def test_characters_that_need_a_rename_are_kept_but_not_fetched(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    raider = person("raider")
    sync = sync_account(client=battlenet, user=raider)
    nameless = Character.objects.of(raider).get(level=0)
    assert nameless.needs_rename
    assert len(sync.character_ids) == 59
    assert nameless.pk not in sync.character_ids
    assert BlizzardJob.objects.get(character=nameless).state == BlizzardJob.State.RESTING
    due = BlizzardJob.objects.filter(character__in=sync.character_ids, state=BlizzardJob.State.DUE)
    assert due.count() == 59


def test_a_renamed_character_keeps_its_row(person: Person, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    raider = person("raider")
    sync_account(client=battlenet, user=raider)
    nameless = Character.objects.of(raider).select_related("realm").get(level=0)
    address = {"region": "eu", "realm_slug": nameless.realm.slug, "name": nameless.name}
    sandbox.mutate("rename", **address, new_name="Endlichbenannt")
    sandbox.mutate("level", **(address | {"name": "Endlichbenannt"}), level=40)
    result = sync_account(client=battlenet, user=raider).result
    assert (result.created, result.updated, result.removed) == (0, 1, 0)
    nameless.refresh_from_db()
    assert (nameless.name, nameless.level) == ("Endlichbenannt", 40)


def test_a_character_listed_twice_is_stored_once(person: Person, battlenet: BlizzardClient, token_of: Any) -> None:
    newcomer = person("newcomer")
    profile = battlenet.account_profile("eu", user_token=str(newcomer.battlenet_token.access_token))
    doubled = AccountProfile(
        characters=(*profile.characters, *(replace(one, wow_account_id=1) for one in profile.characters))
    )
    for _ in range(2):
        apply_account(user=newcomer, account=RegionAccount("eu", doubled))
        assert Character.objects.of(newcomer).count() == Character.objects.count() == 3


def test_two_characters_with_one_id_on_one_realm_stay_two(person: Person, battlenet: BlizzardClient) -> None:
    newcomer = person("newcomer")
    profile = battlenet.account_profile("eu", user_token=str(newcomer.battlenet_token.access_token))
    alike = AccountProfile(characters=tuple(replace(one, id=5) for one in profile.characters))
    rows = []
    for _ in range(2):
        apply_account(user=newcomer, account=RegionAccount("eu", alike))
        rows.append(set(Character.objects.values_list("pk", "name")))
    assert rows[0] == rows[1]
    assert len(rows[0]) == 3


def test_a_late_refusal_of_the_old_token_keeps_the_newer_token(person: Callable[[str], User]) -> None:
    raider = person("raider")
    old = raider.battlenet_token
    store_token(
        user=raider,
        access_token="of the newer sign-in",
        refresh_token=None,
        expires_at=timezone.now() + timedelta(hours=24),
        scopes=["wow.profile"],
    )
    discard_token(token=old)
    assert BattlenetToken.objects.get(user=raider).access_token == "of the newer sign-in"
