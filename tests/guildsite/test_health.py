"""What a supervisor asks: is the process up, and can it work."""

from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.sync.signs import sign_of_life

pytestmark = pytest.mark.django_db


def test_healthz_says_that_the_process_is_up(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_healthz_does_not_need_the_database(client: Client) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError):
        assert client.get("/healthz").status_code == 200


def test_readyz_names_what_answers(client: Client) -> None:
    answer = client.get("/readyz").json()
    assert answer["database"] is True
    assert answer["redis"] is True


def test_readyz_says_503_when_the_database_is_away(client: Client) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] is False


def everybody_works() -> None:
    sign_of_life("interactive@one", queues=["interactive"])
    sign_of_life("worker@one", queues=["interactive", "background"])
    sign_of_life("beat@one", kind="beat")


def test_readyz_says_200_while_workers_and_scheduler_live(client: Client) -> None:
    everybody_works()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["dead"]) == (200, [])


def test_readyz_names_the_dead_and_not_their_machine(client: Client) -> None:
    everybody_works()
    sign_of_life("worker@one", queues=["interactive", "background"], ago=180)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["dead"] == ["worker: no sign of life for 3 minutes"]


def test_readyz_names_what_was_never_started(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["dead"] == [
        "worker of the queue interactive: was never seen",
        "worker of the queue background: was never seen",
        "beat: was never seen",
    ]


def test_a_dead_worker_need_not_take_the_pages_away(client: Client, settings: Any) -> None:
    settings.READYZ_NEEDS_WORKERS = False
    sign_of_life("worker@one", queues=["interactive", "background"], ago=180)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["workers"]) == (200, False)
    assert "worker: no sign of life for 3 minutes" in response.json()["dead"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_asked_not_told(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
