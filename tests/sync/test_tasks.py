"""What the worker does by itself, from a sign-in to the last detail, through outages and for good."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.utils import timezone

from accounts.models import User
from characters.models import Character, ProfileState
from guilds.models import Guild, Membership
from sync import tasks
from sync.blizzard.errors import RateLimited, Unavailable
from sync.models import LedgerEntry
from tests.battlenet import Sandbox
from tests.stack import Stack, wait_until
from tests.sync.truth import our_roster, true_roster

State = LedgerEntry.State
SignIn = Callable[..., Any]
Sent = list[dict[str, Any]]


def everything_rests() -> bool:
    """Whether nothing that the worker was given is still to come. Unowned members of a roster are due, for later."""
    entries = LedgerEntry.objects.exclude(character__user=None, kind=LedgerEntry.Kind.CHARACTER)
    return entries.count() > 1 and not entries.exclude(state=State.RESTING).exists()


def test_after_a_sign_in_the_worker_fills_in_everything(stack: Stack, sandbox: Sandbox, sign_in: SignIn) -> None:
    sign_in("raider")
    wait_until(lambda: Guild.objects.filter(last_synced_at__isnull=False).exists() and everything_rests())
    raider, guild = User.objects.get(), Guild.objects.select_related("realm").get()
    assert our_roster(guild) == true_roster(sandbox, guild)
    fields = ("name", "realm_id", "level", "spec_id", "average_item_level", "equipped_item_level")
    columns = ("name", "realm_id", "level", "active_spec_id", "average_item_level", "equipped_item_level")
    shown = Character.objects.of(raider).filter(profile_state=ProfileState.VISIBLE)
    truth = sandbox._get("truth/account/raider")["characters"]
    assert set(shown.values_list(*columns)) == {
        tuple(one[field] for field in fields) for one in truth if one["profile"] == 200
    }
    assert shown.count() == 57  # all but the one without a name, the beginner and the one that is not shown
    assert raider.mains.get().rank == 3
    assert sandbox.stats()["by_endpoint"]["guild-roster"] < 12  # not one for each member


def test_two_people_sign_in_at_once(stack: Stack, sandbox: Sandbox, sign_in: SignIn, client: Any) -> None:
    sign_in("guildmaster")
    client.logout()
    sign_in("officer")
    wait_until(lambda: Membership.objects.exclude(main_of=None).count() == 2 and everything_rests())
    guild = Guild.objects.select_related("realm").get()
    assert our_roster(guild) == true_roster(sandbox, guild)
    ranks = dict(Membership.objects.exclude(main_of=None).values_list("main_of__battletag", "rank"))
    assert ranks == {"Thistledown#2764": 0, "Morwick#21185": 1}


def test_transient_faults_heal_by_themselves(stack: Stack, sandbox: Sandbox, sign_in: SignIn) -> None:
    sandbox.fault(path="/profile/user/wow", status=503, times=1)
    sandbox.fault(path="/profile/wow/character/", status=500, times=2)
    sandbox.fault(path="/profile/wow/character/", body="truncated", times=1)
    sandbox.fault(path="/data/wow/guild/.*/roster", status=429, times=1)
    sign_in("guildmaster")
    wait_until(lambda: Guild.objects.filter(last_synced_at__isnull=False).exists() and everything_rests())
    by_status = sandbox.stats()["by_status"]
    assert (by_status["503"], by_status["500"], by_status["429"]) == (1, 2, 1)
    assert Character.objects.filter(user__isnull=False, profile_state=ProfileState.VISIBLE).count() == 7
    assert not LedgerEntry.objects.exclude(error_kind="").exists()


def test_who_does_not_share_characters_is_not_tried_again(stack: Stack, sandbox: Sandbox, sign_in: SignIn) -> None:
    sign_in("unticker")
    wait_until(lambda: LedgerEntry.objects.filter(state=State.FAILED).exists())
    entry = LedgerEntry.objects.get()
    assert (entry.error_kind, entry.user) == ("forbidden", User.objects.get())
    assert sandbox.stats()["by_endpoint"] == {}


@pytest.fixture
def sent() -> Iterator[Sent]:
    """What was handed to the broker: task, queue, tries so far and pause."""
    messages: Sent = []

    def note(sender: str, headers: dict[str, Any], routing_key: str, **_: Any) -> None:
        eta = headers["eta"] and datetime.fromisoformat(headers["eta"])
        pause = (eta - timezone.now()).total_seconds() if eta else None
        messages.append({"task": sender, "queue": routing_key, "tries": headers["retries"], "pause": pause})

    before_task_publish.connect(note, weak=False)
    yield messages
    before_task_publish.disconnect(note)


@pytest.fixture
def guild(roster_of: Callable[..., Guild]) -> Guild:
    """A guild of 30 whose roster was synced once."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


def test_a_failure_is_tried_again_after_pauses_that_grow(guild: Guild, sandbox: Sandbox, sent: Sent) -> None:
    sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle/roster", status=503)
    for tries in range(tasks.MOST_TRIES - 1):
        tasks.sync_guild.apply(args=(str(guild.pk),), retries=tries)
        (message,) = sent
        assert (message["task"], message["tries"]) == ("sync.tasks.sync_guild", tries + 1)
        assert 2**tries - 0.5 < message["pause"] <= min(2**tries, tasks.LONGEST_PAUSE) * 1.5
        entry = LedgerEntry.objects.get(guild=guild)
        assert (entry.state, entry.error_kind, entry.http_status) == (State.DUE, "unavailable", 503)
        sent.clear()
    tasks.sync_guild.apply(args=(str(guild.pk),), retries=tasks.MOST_TRIES - 1)
    assert sent == []
    entry = LedgerEntry.objects.get(guild=guild)
    assert (entry.state, entry.error_kind, entry.http_status) == (State.FAILED, "unavailable", 503)
    assert "/second-kettle/roster" in entry.error_text


def test_a_wait_for_the_budget_uses_up_no_try(
    guild: Guild, sandbox: Sandbox, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle/roster", status=429)
    monkeypatch.setattr("sync.blizzard.client.MOST_REFUSALS", 1)
    tasks.sync_guild.apply(args=(str(guild.pk),), retries=tasks.MOST_TRIES - 1)
    (message,) = sent
    assert message["tries"] == tasks.MOST_TRIES - 1
    assert 0.5 < message["pause"] <= 1.5
    entry = LedgerEntry.objects.get(guild=guild)
    assert (entry.state, entry.error_kind, entry.http_status) == (State.DUE, "rate_limited", 429)


def test_what_will_not_heal_is_not_tried_again(guild: Guild, sandbox: Sandbox, sent: Sent) -> None:
    sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle/roster", status=404)
    tasks.sync_guild.apply(args=(str(guild.pk),))
    assert sent == []
    assert LedgerEntry.objects.get(guild=guild).state == State.FAILED


def test_a_character_that_is_hidden_is_no_failure(guild: Guild, sandbox: Sandbox, sent: Sent) -> None:
    one = Character.objects.select_related("realm").filter(level__gt=30).order_by("name")[0]
    sandbox.fault(path=f"/profile/wow/character/{one.realm.slug}/{one.name.lower()}", status=403)
    tasks.sync_character.apply(args=(str(one.pk),))
    assert sent == []
    entry = LedgerEntry.objects.get(character=one)
    assert (entry.state, entry.error_kind) == (State.RESTING, "forbidden")


@pytest.mark.parametrize("task", [tasks.sync_account, tasks.sync_character, tasks.sync_guild])
def test_what_was_deleted_meanwhile_is_no_error(db: None, sandbox: Sandbox, task: Any) -> None:
    task.apply(args=("00000000-0000-0000-0000-000000000000",), throw=True)
    assert sandbox.stats()["requests"] == 0


def test_only_what_may_heal_counts_as_transient() -> None:
    assert Unavailable("/").is_transient
    assert RateLimited("/", retry_after=1).is_transient
