"""Recorded Battle.net responses are stored in PostgreSQL unchanged.

They go through the same client, services and tasks as everything else. The responses are beside the checkout, never in
it; where they are missing, each test says so.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from kombu import Connection

from accounts.models import BattlenetToken, User
from characters.models import Character, PlayableClass, PlayableRace, Realm, Role, Specialization
from guilds.models import Membership
from sync import tasks
from sync.blizzard.client import BlizzardClient
from sync.engine.claims import claim
from sync.management.foreground import sync_account, sync_characters, sync_game_data
from sync.models import BlizzardJob
from sync.wow.guilds import find_guild
from tests.battlenet import CHECKOUT
from tests.recorded.replay import recorded
from tests.stack import site_environment, wait_until

ROSTER = "guild-roster__wingyu"
ACCOUNT = "account-profile__blizzard-net"
SUMMARIES = ("character__wingyu", "character__blizzard-net", "character__Sammers21", "character__joshsymonds")


@pytest.fixture
def broker() -> Iterator[str]:
    """Use a separate Redis database, so that no other worker takes the tasks."""
    address = urlsplit(settings.REDIS_URL)._replace(path="/15").geturl()
    connection = redis.Redis.from_url(address)
    connection.flushdb()
    yield address
    connection.flushdb()
    connection.close()


@pytest.fixture
def worker(transactional_db: None, battlenet: str, broker: str, tmp_path: Path) -> Iterator[None]:
    """Run a worker that uses the replay server."""
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", "guildsite", "worker", "--pool", "threads", "-Q", "interactive"]
    environment = site_environment(battlenet) | {"REDIS_URL": broker}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*command, "--loglevel", "INFO", "--without-mingle", "--without-gossip"],
            cwd=CHECKOUT,
            env=environment,
            stdout=file,
            stderr=file,
        )
    try:
        wait_until(lambda: "ready." in log.read_text())
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


@pytest.mark.django_db
def test_game_data_is_what_was_recorded(client: BlizzardClient, recorded_answers: Path) -> None:
    sync_game_data(client=client, region="eu")

    def named(index: str, plural: str) -> dict[int, str]:
        return {one["id"]: one["name"] for one in recorded(recorded_answers, index)[plural]}

    assert dict(PlayableClass.objects.values_list("pk", "name")) == named("playable-class-index", "classes")
    assert dict(PlayableRace.objects.values_list("pk", "name")) == named("playable-race-index", "races")
    specs = named("playable-specialization-index", "character_specializations")
    assert dict(Specialization.objects.values_list("pk", "name")) == specs
    realms = {(one["id"], one["slug"], one["name"]) for one in recorded(recorded_answers, "realm-index")["realms"]}
    assert set(Realm.objects.values_list("pk", "slug", "name")) == realms


@pytest.mark.django_db
def test_details_have_faction_role_and_connected_realm(client: BlizzardClient, recorded_answers: Path) -> None:
    sync_game_data(client=client, region="eu")
    race = recorded(recorded_answers, "playable-race__")
    assert PlayableRace.objects.get(pk=race["id"]).faction == race["faction"]["type"]
    spec = recorded(recorded_answers, "playable-specialization__")
    stored = Specialization.objects.get(pk=spec["id"])
    assert (stored.role, stored.playable_class_id) == (spec["role"]["type"], spec["playable_class"]["id"])
    connected = recorded(recorded_answers, "connected-realm__")
    expected = {
        (one["id"], connected["id"], one["category"], one["locale"], one["timezone"]) for one in connected["realms"]
    }
    columns = ("pk", "connected_realm_id", "category", "locale", "timezone")
    assert set(Realm.objects.exclude(connected_realm_id=None).values_list(*columns)) == expected


@pytest.mark.usefixtures("worker")
def test_every_member_of_a_real_guild_is_as_recorded(
    battlenet: str, broker: str, recorded_answers: Path, client: BlizzardClient
) -> None:
    roster = recorded(recorded_answers, ROSTER)
    place = roster["guild"]
    guild = find_guild(client=client, region="eu", realm_slug=place["realm"]["slug"], name=place["name"])
    with Connection(broker) as connection:
        (claimed,) = claim(BlizzardJob.objects.filter(guild=guild))
        tasks.run_jobs.apply_async(
            ("blizzard", claimed.kind, [str(claimed.pk)], str(claimed.claim)),
            queue="interactive",
            connection=connection,  # type: ignore[call-arg]  # known to Celery, left out by the stubs
        )
    wait_until(lambda: BlizzardJob.objects.filter(guild=guild, state=BlizzardJob.State.RESTING).exists())

    expected = {
        (
            one["character"]["id"],
            one["character"]["name"],
            one["character"]["realm"]["slug"],
            one["rank"],
            one["character"]["level"],
            one["character"]["playable_class"]["id"],
            one["character"]["playable_race"]["id"],
        )
        for one in roster["members"]
    }
    columns = ("blizzard_id", "name", "realm__slug", "level", "playable_class", "playable_race")
    ours = Membership.objects.filter(guild=guild).values_list(*(f"character__{name}" for name in columns), "rank")
    stored = {(pk, name, realm, rank, level, klass, race) for pk, name, realm, level, klass, race, rank in ours}
    assert stored == expected
    assert len(stored) == len(roster["members"]) == 418
    guild.refresh_from_db()
    recorded_guild = recorded(recorded_answers, "guild__wingyu")
    assert (guild.blizzard_id, guild.member_count) == (recorded_guild["id"], recorded_guild["member_count"])


@pytest.mark.django_db
def test_every_character_of_a_real_account_is_as_recorded(client: BlizzardClient, recorded_answers: Path) -> None:
    account = recorded(recorded_answers, ACCOUNT)
    listed = [(wow_account["id"], one) for wow_account in account["wow_accounts"] for one in wow_account["characters"]]
    user = User.objects.create_user(1, "Rolf#1")
    BattlenetToken.objects.create(
        user=user, access_token="recorded", expires_at=timezone.now() + timedelta(hours=1), scopes=["wow.profile"]
    )
    result = sync_account(client=client, user=user, regions=["us"])

    expected = {
        (
            wow_account,
            one["id"],
            one["name"],
            one["realm"]["slug"],
            one["level"],
            one["playable_class"]["id"],
            one["playable_race"]["id"],
            one["gender"]["type"],
            one["faction"]["type"],
        )
        for wow_account, one in listed
    }
    columns = ("name", "realm__slug", "level", "playable_class", "playable_race", "gender", "faction")
    ours = user.characters.values_list("wow_account_id", "blizzard_id", *columns)
    assert set(ours) == expected
    asked_for = Character.objects.filter(pk__in=result.character_ids)
    assert set(asked_for.values_list("name", flat=True)) == {one["name"] for _, one in listed if one["level"] > 0}


@pytest.mark.django_db
@pytest.mark.parametrize("file", SUMMARIES)
def test_a_real_character_is_as_recorded(client: BlizzardClient, recorded_answers: Path, file: str) -> None:
    summary = recorded(recorded_answers, file)
    region = urlsplit(summary["_links"]["self"]["href"]).hostname.partition(".")[0]
    realm = Realm.objects.create(id=summary["realm"]["id"], region=region, slug=summary["realm"]["slug"])
    character = Character.objects.create(region=region, realm=realm, name=summary["name"], blizzard_id=summary["id"])
    BlizzardJob.objects.create(kind=BlizzardJob.Kind.PROFILE, character=character)
    sync_game_data(client=client, region="eu")
    result = sync_characters(client=client, characters=[character])

    character.refresh_from_db()
    assert result.result.failed == 0
    assert _stored(character) == {
        "level": summary["level"],
        "class": summary["character_class"]["id"],
        "race": summary["race"]["id"],
        "gender": summary["gender"]["type"],
        "faction": summary["faction"]["type"],
        "spec": summary["active_spec"]["id"],
        # Roles of specializations without a recorded detail are generated by the replay server.
        "role": Role.DAMAGE,
        "average item level": summary["average_item_level"],
        "equipped item level": summary["equipped_item_level"],
        "last login": datetime.fromtimestamp(summary["last_login_timestamp"] / 1000, tz=UTC),
    }


def _stored(character: Character) -> dict[str, Any]:
    return {
        "level": character.level,
        "class": character.playable_class_id,
        "race": character.playable_race_id,
        "gender": character.gender,
        "faction": character.faction,
        "spec": character.active_spec_id,
        "role": character.role,
        "average item level": character.average_item_level,
        "equipped item level": character.equipped_item_level,
        "last login": character.last_login_at,
    }
