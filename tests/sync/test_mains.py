"""The automatic main of a player in a guild: best rank, then level, then item level."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from characters.models import Character, Realm
from guilds.mains import choose_main, recompute_mains, set_main
from guilds.models import Guild, Membership
from sync.blizzard.client import BlizzardClient
from sync.management.foreground import sync_account, sync_characters, sync_guild
from sync.wow.columns import role_of
from tests.battlenet import Sandbox
from tests.sync.ground_truth import address_in_sandbox, address_of


def candidate(rank: int, level: int, item_level: int, name: str = "Nestabeth") -> Membership:
    return Membership(rank=rank, character=Character(level=level, equipped_item_level=item_level, name=name))


CANDIDATES = st.lists(
    st.builds(
        candidate,
        rank=st.integers(0, 9),
        level=st.integers(0, 90),
        item_level=st.integers(0, 700),
        name=st.text(min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize(
    "candidates",
    [
        [candidate(1, 10, 10), candidate(2, 90, 700)],
        [candidate(3, 90, 10), candidate(3, 80, 700)],
        [candidate(3, 90, 290), candidate(3, 90, 280)],
        [candidate(3, 90, 290, "Aber"), candidate(3, 90, 290, "Zaber")],
    ],
)
def test_rank_then_level_then_item_level_then_name_decide(candidates: list[Membership]) -> None:
    assert choose_main(candidates) == choose_main(reversed(candidates)) == candidates[0]


@given(candidates=CANDIDATES, seed=st.integers(0, 9))
def test_the_order_of_the_candidates_never_matters(candidates: list[Membership], seed: int) -> None:
    shuffled = random.Random(seed).sample(candidates, len(candidates))
    assert choose_main(shuffled) == choose_main(candidates)
    assert choose_main(candidates).rank == min(one.rank for one in candidates)


@pytest.mark.parametrize(
    ("type_", "role"), [("TANK", "TANK"), ("SUPPORT", "UNKNOWN"), ("", "UNKNOWN"), (None, "UNKNOWN")]
)
def test_an_unsupported_role_is_unknown(type_: str | None, role: str) -> None:
    assert role_of(type_) == role


@pytest.fixture
def raider(db: None, person: Callable[[str], User], roster_of: Callable[..., Guild], battlenet: BlizzardClient) -> User:
    """Create a player with twelve characters in the demo guild."""
    roster_of()
    user = person("raider")
    sync_account(client=battlenet, user=user)
    return user


def main_of(user: User) -> Character:
    return Character.objects.select_related("realm").get(membership__main_of=user)


def others(user: User) -> list[Character]:
    characters = Character.objects.of(user).filter(membership__isnull=False, membership__main_of=None)
    return list(characters.select_related("realm").order_by("name"))


def test_the_best_rank_is_the_main_from_the_first_sync_on(raider: User) -> None:
    assert main_of(raider).membership.rank == 3
    assert len(others(raider)) == 11


def test_a_promotion_makes_another_main(raider: User, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    rising = others(raider)[4]
    sandbox.mutate("rank", **address_in_sandbox(rising), rank=1)
    sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get())
    assert main_of(raider) == rising


def test_level_then_item_level_decide_between_equal_ranks(
    raider: User, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild = Guild.objects.select_related("realm").get()
    one, other = [each for each in others(raider) if each.level == 90][:2]
    for each in (one, other):
        sandbox.mutate("rank", **address_in_sandbox(each), rank=2)
    for each, item_level in ((one, 640), (other, 660)):
        sandbox.mutate(
            "gear", **address_in_sandbox(each), average_item_level=item_level, equipped_item_level=item_level
        )
    sync_guild(client=battlenet, guild=guild)
    sync_characters(client=battlenet, characters=[one, other])
    assert main_of(raider) == other
    sandbox.mutate("level", **address_in_sandbox(other), level=89)
    guild.refresh_from_db()
    sync_guild(client=battlenet, guild=guild)
    assert main_of(raider) == one


def choose(user: User, membership: Membership) -> Membership:
    set_main(guild=membership.guild, actor=user, person=user, membership=membership)
    return Membership.objects.select_related("character__realm", "guild__realm").get(pk=membership.pk)


def test_a_choice_survives_syncs_promotions_and_a_rename(
    raider: User, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    best, rising, chosen = main_of(raider), *others(raider)[3:5]
    chosen = choose(raider, chosen.membership).character
    sandbox.mutate("rank", **address_in_sandbox(rising), rank=1)
    sandbox.mutate("rename", **address_in_sandbox(chosen), new_name="Renamedone")
    sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get())
    sync_account(client=battlenet, user=raider)
    sync_characters(client=battlenet, characters=[best, rising])
    main = raider.mains.select_related("character").get()
    assert (main.character_id, main.character.name, main.main_choice) == (chosen.pk, "Renamedone", "OWN")


def test_a_choice_survives_a_change_of_faction(raider: User, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    chosen = choose(raider, others(raider)[4].membership).character
    sandbox.mutate("change_faction", **address_in_sandbox(chosen))
    sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get())
    sync_account(client=battlenet, user=raider)
    assert main_of(raider) == chosen
    assert chosen.blizzard_id != main_of(raider).blizzard_id


def test_a_choice_ends_when_the_character_leaves_the_guild_and_comes_back_with_it(
    raider: User, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    best = main_of(raider)
    chosen = choose(raider, others(raider)[4].membership).character
    for action, main, choice in (("leave", best, ""), ("join", chosen, "OWN")):
        guild = Guild.objects.select_related("realm").get()
        joining = {"guild": address_of(guild), "rank": 9} if action == "join" else {}
        sandbox.mutate(action, **address_in_sandbox(chosen), **joining)
        sync_guild(client=battlenet, guild=guild)
        place = Membership.objects.get(main_of=raider)
        assert (place.character_id, place.main_choice) == (main.pk, choice)


def test_a_choice_does_not_follow_into_another_guild(
    raider: User, battlenet: BlizzardClient, sandbox: Sandbox, roster_of: Callable[..., Guild]
) -> None:
    """The membership row moves, because a character has one at most; the choice was not made for the new guild."""
    other = roster_of("eu", "quillmarsh", "Second Kettle")
    first, second = (choose(raider, one.membership).character for one in others(raider)[4:6])
    for one in (first, second):
        sandbox.mutate("join", **address_in_sandbox(one), guild=address_of(other), rank=9)
    sync_guild(client=battlenet, guild=other)
    places = Membership.objects.filter(character__in=[first, second])
    assert {(one.guild_id, one.main_choice, one.main_chosen_by) for one in places} == {(other.pk, "", None)}
    assert raider.mains.count() == 2, "one in each guild, by the rule"


def test_a_choice_ends_when_the_character_changes_hands(
    raider: User, person: Callable[[str], User], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    best, social = main_of(raider), person("social")
    sync_account(client=battlenet, user=social)
    socials = main_of(social)
    Membership.objects.filter(character=socials).update(rank=1)
    chosen = choose(raider, others(raider)[4].membership).character
    sandbox.mutate("transfer_character", **address_in_sandbox(chosen), persona="social", wow_account=1)
    sync_account(client=battlenet, user=social)
    assert Character.objects.get(pk=chosen.pk).user == social
    assert (main_of(raider), main_of(social)) == (best, socials), "nobody chose it for the new owner"
    assert not Membership.objects.exclude(main_choice="").exists()


def test_a_choice_ends_when_the_character_leaves_the_account(
    raider: User, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    best, chosen = main_of(raider), choose(raider, others(raider)[4].membership).character
    Character.objects.filter(pk=chosen.pk).update(user=None)
    recompute_mains(user_ids=[raider.pk])
    assert main_of(raider) == best
    Character.objects.filter(pk=chosen.pk).update(user=raider)
    recompute_mains(user_ids=[raider.pk])
    assert main_of(raider) == best, "a new owner chooses again"


def test_without_a_character_in_the_guild_there_is_no_main(
    raider: User, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    for each in [main_of(raider), *others(raider)]:
        sandbox.mutate("leave", **address_in_sandbox(each))
    sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get())
    assert not raider.mains.exists()


def test_a_players_mains_are_found_by_index(
    people: Callable[[str], User],
) -> None:
    rolf, realm = people("Rolf"), Realm.objects.create(id=1, region="eu", slug="tarn-hollow", name="Tarn Hollow")
    guild = Guild.objects.create(region="eu", realm=realm, name="Oak", slug="oak", blizzard_id=1)
    members = [Character(region="eu", realm=realm, name=f"Member {n}", blizzard_id=n) for n in range(2_000)]
    for character in members[:3]:
        character.user = rolf
    Character.objects.bulk_create(members)
    Membership.objects.bulk_create([Membership(character=one, guild=guild, rank=5) for one in members])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        with CaptureQueriesContext(connection) as captured:
            assert recompute_mains(user_ids=[rolf.pk]) == 1
        search = next(query["sql"] for query in captured if "FOR NO KEY UPDATE" in query["sql"])
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {search}")
        (plan,) = cursor.fetchone()[0]
    assert rows_read(plan["Plan"]) < 100


def rows_read(node: dict[str, Any]) -> int:
    """Return the rows read by a query plan node and its children."""
    below = sum(rows_read(one) for one in node.get("Plans", ()))
    return below + int(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)))
