"""Health checks: whether the process is up, and whether it can work."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from sync.models import Heartbeat
from tests.sync.heartbeats import heartbeat

pytestmark = pytest.mark.django_db


def test_healthz_says_that_the_process_is_up(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_healthz_does_not_need_the_database(client: Client) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError):
        assert client.get("/healthz").status_code == 200


def test_readyz_reports_database_and_redis(client: Client) -> None:
    answer = client.get("/readyz").json()
    assert answer["database"] is True
    assert answer["redis"] is True


def test_readyz_says_503_when_the_database_is_away(client: Client) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] is False


def everybody_works() -> None:
    heartbeat("interactive@one", queues=["interactive"])
    heartbeat("worker@one", queues=["interactive", "background"])
    heartbeat("beat@one", kind="beat")
    heartbeat("dispatch", kind="dispatch")


def test_readyz_says_200_while_workers_and_scheduler_live(client: Client) -> None:
    everybody_works()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["missing"]) == (200, [])


def test_readyz_names_missing_workers_without_their_machine(client: Client) -> None:
    everybody_works()
    heartbeat("worker@one", queues=["interactive", "background"], ago=180)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["missing"] == ["worker of the queue background: no heartbeat for 3 minutes"]
    assert response.json()["lost"] == ["worker: no heartbeat for 3 minutes"]


def test_a_machine_that_vanished_does_not_matter_while_others_work(client: Client) -> None:
    everybody_works()
    Heartbeat.objects.update(first_seen_at=timezone.now() - timedelta(days=2))
    heartbeat("worker@two", queues=["interactive", "background"], ago=3600)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["missing"]) == (200, [])
    assert response.json()["lost"] == ["worker: no heartbeat for 1 hour"]


def test_readyz_says_503_when_postgresql_takes_no_writes(client: Client) -> None:
    everybody_works()
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, False)
    assert response.json()["problems"] == ["database: read-only"]


def test_readyz_names_what_was_never_started(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["missing"] == [
        "worker of the queue interactive: never started",
        "worker of the queue background: never started",
        "beat: never started",
    ]


def test_readyz_can_ignore_missing_workers(client: Client, settings: Any) -> None:
    settings.READYZ_NEEDS_WORKERS = False
    heartbeat("worker@one", queues=["interactive", "background"], ago=180)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["workers"]) == (200, False)
    assert "worker of the queue background: no heartbeat for 3 minutes" in response.json()["missing"]


def test_readyz_tells_when_no_task_gets_from_the_scheduler_to_a_worker(client: Client) -> None:
    everybody_works()
    heartbeat("dispatch", kind="dispatch", ago=180)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["missing"] == ["dispatch: no heartbeat for 3 minutes"]
    assert 180 <= response.json()["dispatch_age"] < 190
    assert response.json()["oldest_due"] == {"interactive": 0, "background": 0}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_post_is_not_allowed(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
