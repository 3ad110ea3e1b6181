"""Operators are told once what is wrong, and once when it is over, by email or a webhook."""

import json
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.db import connections
from django.utils import timezone

from operations import watch
from operations.health.finding import Finding, error, hint, warning
from operations.health.watched import gather_facts
from operations.models import Message, Notice
from operations.notices import services
from tests.operations.site import Listener, listening, receiving_mail

DISK = error("disk-full", "The disk of /srv has 20 MB left.", "Delete what is not needed.")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def webhook(settings: Any) -> Iterator[Listener]:
    """Yield the operators' webhook."""
    with listening() as listener:
        settings.NOTICE_WEBHOOK = f"{listener.url}/hooks/hunter2"
        yield listener


@pytest.fixture
def start() -> datetime:
    return timezone.now().replace(microsecond=0)


def told(webhook: Listener) -> list[tuple[str, str]]:
    return [(one["state"], one["cause"]) for one in map(json.loads, webhook.bodies)]


def look(now: datetime, *findings: Finding) -> None:
    """Do what each process does every minute."""
    services.observe(findings, now=now)
    services.deliver(now=now)


@pytest.mark.django_db
def test_a_cause_is_told_once_and_when_it_is_over(webhook: Listener, start: datetime) -> None:
    for minute in range(10):
        look(start + minute * MINUTE, DISK)
    assert told(webhook) == [("open", "disk-full")]
    document = json.loads(webhook.bodies[0])
    assert "20 MB left" in document["text"]
    assert "Delete what is not needed." in document["content"]
    for minute in range(10, 20):
        look(start + minute * MINUTE)
    assert told(webhook) == [("open", "disk-full"), ("over", "disk-full")]
    for minute in range(30, 40):
        look(start + minute * MINUTE, DISK)
    assert told(webhook)[2:] == [("open", "disk-full")]


@pytest.mark.django_db
def test_what_lasts_a_moment_is_not_told(webhook: Listener, start: datetime) -> None:
    look(start, DISK)
    for minute in range(1, 12):
        look(start + minute * MINUTE)
    assert (told(webhook), Notice.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_what_comes_and_goes_is_one_notice(webhook: Listener, start: datetime) -> None:
    for minute in range(30):
        look(start + minute * MINUTE, *([DISK] if minute % 3 == 0 else []))
    assert told(webhook) == [("open", "disk-full")]


@pytest.mark.django_db
def test_several_findings_of_one_cause_are_one_notice_and_hints_none(webhook: Listener, start: datetime) -> None:
    for minute in range(4):
        look(
            start + minute * MINUTE,
            warning("paused-blizzard", "Requests to /a are paused.", "Nothing."),
            warning("paused-blizzard", "Requests to /b are paused.", "Nothing."),
            hint("failed-blizzard", "1 job failed.", "Retry it."),
        )
    (document,) = map(json.loads, webhook.bodies)
    assert "Requests to /a are paused.\nRequests to /b are paused." in document["text"]


@pytest.mark.django_db
def test_operators_get_an_email(settings: Any, start: datetime) -> None:
    settings.NOTICE_EMAILS, settings.EMAIL_HOST = ["ada@guild.example", "bo@guild.example"], "127.0.0.1"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with receiving_mail() as server:
        settings.EMAIL_PORT = server.port
        for minute in range(4):
            look(start + minute * MINUTE, DISK)
    (message,) = server.messages
    assert "To: ada@guild.example, bo@guild.example" in message
    assert f"Subject: [{settings.SITE_HOST}] Error: The disk of /srv has 20 MB left." in message
    assert "Delete what is not needed." in message


@pytest.mark.django_db
def test_a_webhook_that_is_away_is_tried_again_with_growing_pauses(
    webhook: Listener, start: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.status = 500
    for minute in range(32):
        look(start + minute * MINUTE, DISK)
    assert len(webhook.bodies) == 5  # after 2, 3, 5, 9 and 17 minutes
    webhook.status = 200
    for minute in range(32, 60):
        look(start + minute * MINUTE, DISK)
    assert len(webhook.bodies) == 6
    assert "HTTP 500" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.django_db
def test_the_answer_of_a_webhook_is_not_read_to_its_end(webhook: Listener, start: datetime) -> None:
    webhook.answer = b" " * 64 * 2**20
    tracemalloc.start()
    for minute in range(4):
        look(start + minute * MINUTE, DISK)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()
    assert told(webhook) == [("open", "disk-full")]


@pytest.mark.django_db
def test_that_it_is_over_is_not_told_before_that_it_began(webhook: Listener, start: datetime) -> None:
    webhook.status = 500
    for minute in range(4):
        look(start + minute * MINUTE, DISK)
    webhook.bodies.clear()
    webhook.status = 200
    for minute in range(15, 30):
        look(start + minute * MINUTE)
    assert told(webhook) == [("open", "disk-full"), ("over", "disk-full")]


@pytest.mark.django_db(transaction=True)
def test_two_hosts_never_tell_the_same_twice(webhook: Listener, start: datetime) -> None:
    same_minute = threading.Barrier(8)

    def one_process(number: int) -> None:
        for minute in range(4):
            same_minute.wait(60)
            look(start + minute * MINUTE, DISK, error("redis-down", "Redis does not answer.", "Start it."))
        connections.close_all()

    with ThreadPoolExecutor(8) as hosts:
        list(hosts.map(one_process, range(8)))
    assert sorted(told(webhook)) == [("open", "disk-full"), ("open", "redis-down")]
    assert Message.objects.exclude(sent_at=None).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("refuses", ["", "DiskFull"])
def test_without_postgresql_it_is_told_too_and_when_it_is_back(
    webhook: Listener, start: datetime, monkeypatch: pytest.MonkeyPatch, settings: Any, refuses: str
) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete("notices:database:began", "notices:database:told")
    facts = gather_facts()
    assert facts.postgresql is not None
    postgresql = replace(facts.postgresql, refuses=refuses) if refuses else None
    # That the facts are such, `test_doctor` and the drills show.
    monkeypatch.setattr(watch, "gather_facts", lambda: replace(facts, postgresql=postgresql))
    for minute in range(5):
        monkeypatch.setattr(timezone, "now", lambda minute=minute: start + minute * MINUTE)
        watch.watch_once()
    cause = "database-refuses" if refuses else "database-down"
    assert told(webhook) == [("open", cause)]
    monkeypatch.undo()
    watch.watch_once()
    assert told(webhook) == [("open", cause), ("over", cause)]


@pytest.mark.django_db
def test_a_round_costs_the_same_however_much_is_wrong(
    webhook: Listener, start: datetime, django_assert_max_num_queries: Any
) -> None:
    many = [error(f"cause-{number}", "It is wrong.", "Mend it.") for number in range(50)]
    for minute in range(2):
        services.observe(many, now=start + minute * MINUTE)
    with django_assert_max_num_queries(14):
        services.observe(many, now=start + 3 * MINUTE)
    assert Message.objects.count() == 50
