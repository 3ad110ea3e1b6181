"""Management commands: their effect, their summary, and their errors."""

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from characters.models import Character, PlayableClass, ProfileState, Realm
from guilds.models import Guild, Membership
from sync.blizzard.client import BlizzardClient
from sync.management.foreground import sync_account
from tests.battlenet import CHECKOUT, Sandbox
from tests.stack import site_environment
from tests.sync.ground_truth import our_details, our_roster, true_details, true_roster

pytestmark = pytest.mark.django_db

FIGURES = ["calls", "created", "updated", "unchanged", "removed", "failed", "seconds"]
KETTLE = ("eu", "quillmarsh", "Second Kettle")


@pytest.fixture
def run(battlenet: BlizzardClient) -> Callable[..., dict[str, Any]]:
    """Run a command with --json and return the summary in its last line."""

    def command(*words: str) -> dict[str, Any]:
        out = StringIO()
        try:
            call_command(*words, "--json", stdout=out, stderr=StringIO())
        finally:
            lines = out.getvalue().splitlines()
        figures: dict[str, Any] = json.loads(lines[-1])
        assert list(figures) == FIGURES
        return figures

    return command


Run = Callable[..., dict[str, Any]]


def asked(sandbox: Sandbox) -> int:
    """Return the number of requests at the sandbox, including application tokens."""
    stats = sandbox.stats()
    return int(stats["requests"]) + int(stats["oauth"].get("token 200", 0))


def test_sync_static_fetches_all_regions_and_then_nothing_new(run: Run, sandbox: Sandbox) -> None:
    first = run("sync_static")
    assert first["calls"] == asked(sandbox)
    assert (
        first["created"]
        == sum(sandbox.stats()["by_endpoint"][name] for name in ("playable-race", "playable-specialization"))
        + 13
        + Realm.objects.count()
    )
    assert set(Realm.objects.values_list("region", flat=True)) == {"us", "eu", "kr", "tw"}
    sandbox.reset()
    again = run("sync_static", "--region", "eu")
    assert (again["created"], again["updated"], again["failed"]) == (0, 0, 0)
    assert again["unchanged"] == Realm.objects.filter(region="eu").count() + first["created"] - Realm.objects.count()
    # The numbers of this run only, although process and client are the same.
    assert again["calls"] == asked(sandbox)
    assert PlayableClass.objects.count() == 13


def test_sync_guild_fetches_the_roster(run: Run, sandbox: Sandbox) -> None:
    figures = run("sync_guild", *KETTLE)
    assert (figures["created"], figures["calls"]) == (30, asked(sandbox))
    guild = Guild.objects.select_related("realm").get()
    assert our_roster(guild) == true_roster(sandbox, guild)
    sandbox.reset()
    again = run("sync_guild", "eu", "quillmarsh", "second-kettle")
    assert (again["unchanged"], again["calls"]) == (30, asked(sandbox))
    assert sandbox.stats()["by_status"] == {"304": 1}


def test_sync_guild_with_characters_fetches_every_member(run: Run, game_data: None, sandbox: Sandbox) -> None:
    figures = run("sync_guild", *KETTLE, "--characters")
    assert (figures["created"], figures["failed"]) == (30, 0)
    guild = Guild.objects.select_related("realm").get()
    assert our_details(guild) == true_details(sandbox, guild)
    assert sandbox.stats()["by_endpoint"]["character"] == 30


def test_sync_characters_fetches_missing_profiles_and_with_all_every_profile(
    run: Run, game_data: None, sandbox: Sandbox
) -> None:
    run("sync_guild", *KETTLE)
    one = Character.objects.select_related("realm").filter(level__gt=30).order_by("name")[0]
    sandbox.fault(path=f"/profile/wow/character/{one.realm.slug}/{one.name.lower()}", status=500)
    out = StringIO()
    with pytest.raises(CommandError, match="1 failed"):
        call_command("sync_characters", "--json", stdout=out)
    figures = json.loads(out.getvalue().splitlines()[-1])
    assert (figures["failed"], figures["updated"] + figures["unchanged"]) == (1, 29)
    sandbox.clear_faults()
    sandbox.reset()
    assert run("sync_characters")["updated"] == 1  # the one that failed
    assert sandbox.stats()["by_path"].keys() == {f"/profile/wow/character/{one.realm.slug}/{one.name.lower()}"}
    sandbox.reset()
    assert run("sync_characters")["calls"] == 0
    everybody = run("sync_characters", "--all")
    assert everybody["calls"] == asked(sandbox) == 30
    assert everybody["unchanged"] == 30
    assert not Character.objects.filter(profile_state=ProfileState.UNKNOWN).exists()


def test_sync_account_does_what_signing_in_does(run: Run, person: Callable[[str], User], sandbox: Sandbox) -> None:
    raider = person("raider")
    tokens = sandbox.stats()["oauth"]["token 200"]
    figures = run("sync_account", raider.battletag.upper())
    assert (figures["created"], figures["failed"]) == (60, 0)
    assert figures["calls"] == asked(sandbox) - tokens
    guild = Guild.objects.select_related("realm").get()
    assert our_roster(guild) == true_roster(sandbox, guild)
    assert Membership.objects.get(main_of=raider).rank == 3


def test_sync_account_goes_on_when_one_guild_fails(run: Run, person: Callable[[str], User], sandbox: Sandbox) -> None:
    social = person("social")
    sandbox.fault(path="/data/wow/guild/", status=404)
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="1 failed"):
        call_command("sync_account", social.battletag, "--json", stdout=out, stderr=err)
    assert json.loads(out.getvalue().splitlines()[-1])["failed"] == 1
    assert err.getvalue().startswith("Gravel Orchard: not_found at /data/wow/guild/")
    assert Character.objects.of(social).filter(profile_state=ProfileState.VISIBLE).count() == 2


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (
            ("sync_guild", "eu", "quillmarsh", "Nobody Knows Us"),
            "Battle.net knows no guild Nobody Knows Us on quillmarsh (eu).",
        ),
        (("sync_account", "Nobody#1"), "Nobody has signed in as Nobody#1 yet."),
        (("grant_admin", "Nobody#1"), "Nobody has signed in as Nobody#1 yet."),
    ],
)
def test_an_unknown_subject_is_one_line(sandbox: Sandbox, words: tuple[str, ...], reason: str) -> None:
    with pytest.raises(CommandError) as raised:
        call_command(*words)
    assert str(raised.value) == reason
    assert raised.value.returncode != 0


def test_an_ambiguous_battletag_is_an_error(people: Callable[[str], User]) -> None:
    people("Rolf")
    User.objects.create_user(5, "rolf#1000")
    for command in ("sync_account", "grant_admin"):
        with pytest.raises(CommandError, match="Several users have the BattleTag ROLF#1000"):
            call_command(command, "ROLF#1000")
    assert not User.objects.filter(is_staff=True).exists()


def test_an_outage_is_an_error_with_its_region(sandbox: Sandbox) -> None:
    sandbox.fault(path="/data/", status=503)
    for words in (("sync_static",), ("sync_guild", *KETTLE)):
        with pytest.raises(CommandError, match=r"unavailable at /data/wow/.*HTTP 503"):
            call_command(*words)


def test_an_expired_token_is_reported(
    run: Run, person: Callable[[str], User], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    social = person("social")
    sync_account(client=battlenet, user=social)
    sandbox.expire_tokens()
    with pytest.raises(CommandError, match="token_expired"):
        call_command("sync_account", social.battletag)


def test_the_summary_is_also_printed_as_a_sentence(battlenet: BlizzardClient) -> None:
    out = StringIO()
    call_command("sync_guild", *KETTLE, stdout=out)
    assert "30 created, 0 updated, 0 unchanged" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_from_the_shell_a_failure_is_one_line_and_an_exit_code(sandbox: Sandbox) -> None:
    environment = site_environment(sandbox.url)

    def shell(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    failed = shell("sync_guild", "eu", "quillmarsh", "Nobody Knows Us", "--json")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "CommandError: Battle.net knows no guild Nobody Knows Us on quillmarsh (eu).\n"
    done = shell("sync_guild", *KETTLE, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["created"] == 30
