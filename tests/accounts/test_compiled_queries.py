"""Querysets that are compiled once."""

from datetime import datetime, timedelta
from threading import Thread
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.compiled_queries import CompiledQuery
from accounts.models import BrowserSession, User

pytestmark = pytest.mark.django_db


def test_each_call_has_its_own_arguments_and_returns_what_the_queryset_would() -> None:
    named = CompiledQuery(lambda name: User.objects.filter(battletag=name), name=str)
    first, second = _user(1, "Quin#1"), _user(2, "Bardrin#2")
    assert [named(name=one.battletag) for one in (first, second, first)] == [[first], [second], [first]]
    assert named(name="nobody") == []


def test_related_rows_are_read_with_the_others() -> None:
    user = _user(1, "Quin#1")
    now = timezone.now()
    for key, expires_at in (("a", now - timedelta(hours=1)), ("b", now + timedelta(hours=1))):
        BrowserSession.objects.create(
            session_key=key, user=user, expire_date=expires_at, started_at=now, last_used_at=now, session_data=""
        )
    running = CompiledQuery(
        lambda user, now: BrowserSession.objects.filter(user=user, expire_date__gt=now), user=UUID, now=datetime
    )
    with CaptureQueriesContext(connection) as statements:
        found = [(one.session_key, one.user) for one in running(user=user.pk, now=now)]
    assert found == [("b", user)]
    assert len(statements) == 1
    assert {one.session_key for one in running(user=user.pk, now=now - timedelta(days=1))} == {"a", "b"}


def test_a_time_that_would_stay_in_the_statement_is_refused() -> None:
    forgotten = CompiledQuery(lambda: BrowserSession.objects.filter(expire_date__gt=timezone.now()))
    with pytest.raises(ValueError, match="can change"):
        forgotten()


def test_an_argument_without_a_place_in_the_statement_is_refused() -> None:
    unused = CompiledQuery(lambda name: User.objects.all(), name=str)
    with pytest.raises(ValueError, match="name"):
        unused(name="Quin#1")


@pytest.mark.django_db(transaction=True)
def test_threads_use_their_own_connections() -> None:
    named = CompiledQuery(lambda name: User.objects.filter(battletag=name), name=str)
    user = _user(1, "Quin#1")
    assert named(name="Quin#1") == [user]
    found: list[list[User]] = []

    def read() -> None:
        try:
            found.append(named(name="Quin#1"))
        finally:
            connection.close()

    thread = Thread(target=read)
    thread.start()
    thread.join()
    assert found == [[user]]


def _user(battlenet_id: int, battletag: str) -> User:
    return User.objects.create_user(battlenet_id, battletag)
