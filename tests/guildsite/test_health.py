"""What a supervisor asks: is the process up, and can it work."""

from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client

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


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_asked_not_told(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
