"""Parallel syncs of the same subject duplicate nothing and never deadlock."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from characters.models import Character
from guilds.mains import recompute_mains
from guilds.models import Guild, Membership
from sync.blizzard.client import BlizzardClient
from sync.engine.claims import ClaimLost
from sync.management.foreground import sync_account, sync_game_data, sync_guild
from sync.wow.characters import FetchedProfile, _locked_rows, fetch_character
from sync.wow.guilds import find_guild
from sync.wow.matching import lock_listed
from tests.battlenet import MEMBERS, Sandbox
from tests.sync.ground_truth import address_in_sandbox, our_roster, true_roster
from tests.sync.working import apply_characters

pytestmark = pytest.mark.django_db(transaction=True)

DEMO = ("eu", "tarn-hollow", "Gravel Orchard")
KETTLE = ("eu", "quillmarsh", "Second Kettle")


def in_parallel(*calls: Callable[[], object]) -> None:
    """Run the calls in parallel, each with its own database connection; raise the first error."""
    start, errors = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        start.wait(10)
        try:
            call()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    if errors:
        raise errors[0]


def ignore_lost_claim(call: Callable[[], object]) -> Callable[[], None]:
    """Let another call for the same subject take the claim: whoever starts last writes."""

    def run() -> None:
        with suppress(ClaimLost):
            call()

    return run


@pytest.fixture
def found(battlenet: BlizzardClient) -> Callable[..., Guild]:
    """Create a guild without a synced roster."""

    def find(region: str, realm_slug: str, name: str) -> Guild:
        return find_guild(client=battlenet, region=region, realm_slug=realm_slug, name=name)

    return find


def test_the_first_roster_fetched_four_times_in_parallel_is_stored_once(
    found: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild = found(*DEMO)
    in_parallel(*[ignore_lost_claim(lambda: sync_guild(client=battlenet, guild=guild))] * 4)
    assert our_roster(guild) == true_roster(sandbox, guild)
    assert Character.objects.count() == MEMBERS


def test_a_guild_found_several_times_in_parallel_is_stored_once(
    battlenet: BlizzardClient, found: Callable[..., Guild]
) -> None:
    in_parallel(*[lambda: found(*KETTLE)] * 6)
    assert Guild.objects.count() == 1


def test_two_parallel_sign_ins_store_every_character_once(
    person: Callable[[str], User], battlenet: BlizzardClient
) -> None:
    raider = person("raider")
    in_parallel(*[ignore_lost_claim(lambda: sync_account(client=battlenet, user=raider))] * 4)
    assert Character.objects.of(raider).count() == Character.objects.count() == 60


def test_accounts_and_rosters_in_parallel_do_not_duplicate_characters(
    person: Callable[[str], User], found: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild, people = found(*DEMO), [person(name) for name in ("raider", "guildmaster", "officer")]
    in_parallel(
        ignore_lost_claim(lambda: sync_guild(client=battlenet, guild=guild)),
        *(lambda user=user: sync_account(client=battlenet, user=user) for user in people),
        ignore_lost_claim(lambda: sync_guild(client=battlenet, guild=guild)),
    )
    assert our_roster(guild) == true_roster(sandbox, guild)
    assert Character.objects.count() == MEMBERS + 48
    assert {user.characters.count() for user in people} == {60, 7, 3}
    assert {user.mains.count() for user in people} == {1}


def test_parallel_syncs_of_one_player_end_correctly(
    person: Callable[[str], User], found: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    """Account, roster, game data and profiles, applied in different orders repeatedly."""
    raider, guild = person("raider"), found(*DEMO)
    sync_account(client=battlenet, user=raider)
    sync_guild(client=battlenet, guild=guild)
    mine = list(Character.objects.of(raider).select_related("realm").order_by("pk"))
    in_guild = list(Character.objects.of(raider).filter(membership__isnull=False).select_related("realm"))
    for turn in range(3):
        for number, one in enumerate(in_guild):
            sandbox.mutate("rank", **address_in_sandbox(one), rank=2 + (number + turn) % 7)
            sandbox.mutate("level", **address_in_sandbox(one), level=80 + (number * 3 + turn) % 10)
        fetched = [fetch_character(battlenet, one) for one in mine]
        guild.refresh_from_db()
        in_parallel(
            lambda: sync_account(client=battlenet, user=raider),
            lambda: sync_guild(client=battlenet, guild=guild),
            lambda fetched=fetched: apply_characters(fetched[::-1]),  # type: ignore[misc]
            lambda fetched=fetched: apply_characters(fetched[5::2]),  # type: ignore[misc]
            lambda: sync_game_data(client=battlenet, region="eu", realms_only=True),
        )
        assert our_roster(guild) == true_roster(sandbox, guild)
        main, ranks = raider.mains.select_related("character").get(), ranks_of(raider)
        assert (main.rank, -(main.character.level or 0)) == min(ranks)


def ranks_of(user: User) -> list[tuple[int, int]]:
    memberships = Membership.objects.filter(character__user=user).select_related("character")
    return [(one.rank, -(one.character.level or 0)) for one in memberships]


def test_two_parallel_profiles_leave_the_right_main(
    person: Callable[[str], User], found: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    """Each of the two transactions sees what the other has written before it chooses."""
    raider, guild = person("raider"), found(*DEMO)
    sync_account(client=battlenet, user=raider)
    sync_guild(client=battlenet, guild=guild)
    grown = Character.objects.of(raider).filter(membership__isnull=False, level=90).select_related("realm")
    one, other = list(grown)[:2]
    for each in (one, other):
        sandbox.mutate("rank", **address_in_sandbox(each), rank=2)
    guild.refresh_from_db()
    sync_guild(client=battlenet, guild=guild)
    for turn in range(6):
        gear: list[Any] = [(one, 600 + turn), (other, 601 + turn - 2 * (turn % 2))]
        for each, item_level in gear:
            sandbox.mutate(
                "gear", **address_in_sandbox(each), average_item_level=item_level, equipped_item_level=item_level
            )
        fetched = [fetch_character(battlenet, each) for each, _ in gear]
        in_parallel(*(lambda f=f: apply_characters([f]) for f in fetched))
        assert raider.mains.get().character == max(gear, key=lambda pair: pair[1])[0]


@pytest.mark.parametrize("who", ["a profile", "an account"])
def test_a_locked_character_does_not_block_choosing_a_main(
    person: Callable[[str], User], found: Callable[..., Guild], battlenet: BlizzardClient, who: str
) -> None:
    """PostgreSQL checks foreign keys at commit; a lock that was too strong caused a deadlock then."""
    social, guild = person("social"), found(*DEMO)
    sync_account(client=battlenet, user=social)
    sync_guild(client=battlenet, guild=guild)
    main = social.mains.get().character
    Membership.objects.update(main_of=None)
    chooser = threading.Thread(target=in_parallel, args=(lambda: recompute_mains(user_ids=[social.pk]),))
    with transaction.atomic():
        if who == "a profile":
            _locked_rows([FetchedProfile(main)])
        else:
            lock_listed("eu", [], also=Character.objects.of(social))
        chooser.start()
        chooser.join(5)
        is_held_up = chooser.is_alive()
    chooser.join(10)
    assert not is_held_up
    assert social.mains.get().character == main


def test_game_data_in_parallel_to_characters_sets_their_roles(
    found: Callable[..., Guild], battlenet: BlizzardClient
) -> None:
    guild = found(*KETTLE)
    sync_guild(client=battlenet, guild=guild)
    characters = list(Character.objects.filter(membership__guild=guild).select_related("realm")[:5])
    batch = [fetch_character(battlenet, one) for one in characters]
    apply_characters(batch)
    # The specializations are known now, by their ids.
    Character.objects.update(active_spec=None)
    game_data = threading.Thread(target=in_parallel, args=(lambda: sync_game_data(client=battlenet, region="eu"),))
    with transaction.atomic():
        apply_characters(batch)
        game_data.start()
        # Until it is done, or waits for us.
        game_data.join(3)
    game_data.join(30)
    assert not game_data.is_alive()
    written = Character.objects.filter(pk__in=[one.pk for one in characters]).exclude(active_spec=None)
    assert written.exists()
    assert not written.filter(role="UNKNOWN").exists()
