"""Circuits open, are probed and close, on simulated time in a real Redis."""

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings

from sync.blizzard.client import endpoint_of
from sync.engine.circuit_breaker import CircuitBreaker
from sync.engine.errors import Paused
from sync.engine.protocols import RequestInfo, Subject
from tests.battlenet import Sandbox

MINUTE = 60
CHARACTER = "/profile/wow/character/{realm}/{name}"


def request(path: str, region: str = "", subject: Subject | None = None, **of: Any) -> RequestInfo:
    return RequestInfo(path, endpoint_of(path), region, subject or Subject(""), **of)


class Site:
    """Processes that share a circuit breaker, and their requests."""

    def __init__(self, connection: redis.Redis) -> None:
        self.connection, self.now = connection, 1_700_000_000.0
        self.breaker = self.process()

    def process(self) -> CircuitBreaker:
        return CircuitBreaker(self.connection, "blizzard", clock=lambda: self.now)

    def answer(
        self,
        status: int | None,
        group: str = "A",
        *,
        breaker: CircuitBreaker | None = None,
        retry_after: float = 0,
        **of: Any,
    ) -> None:
        """Send a request, unless paused, and get this response."""
        breaker = breaker or self.breaker
        subject = Subject(group, was_refused=of.pop("was_refused", False))
        info = breaker.admit(request(f"/profile/wow/character/tarn-hollow/{uuid4()}", "eu", subject, **of))
        self.receive(info, status, breaker, retry_after)

    def receive(self, info: RequestInfo, status: int | None, breaker: CircuitBreaker, retry_after: float = 0) -> None:
        step = self.connection.pipeline(transaction=False)
        if breaker.record(step, info, status, retry_after):
            breaker.learn(info, status, step.execute(raise_on_error=False)[-1])

    def answers(self, statuses: Iterable[int | None], groups: str = "AB") -> None:
        for status, group in zip(statuses, cycle(groups), strict=False):
            self.answer(status, group)

    def opens(self) -> None:
        """Refuse one more than half of the last fifty responses."""
        self.answers([200] * 50)
        self.answers([403] * 26)

    def is_paused(self) -> bool:
        return bool(self.process().pauses())

    def wait(self) -> float:
        """Return the minutes until the next probe."""
        with pytest.raises(Paused) as raised:
            self.answer(200, breaker=self.process())
        return raised.value.retry_after / MINUTE


@pytest.fixture
def site(sandbox: Sandbox) -> Iterator[Site]:
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        yield Site(connection)


def test_it_opens_when_most_responses_are_refusals(site: Site) -> None:
    site.answers([200] * 50)
    site.answers([403] * 25)
    assert not site.is_paused()
    site.answer(404)
    (pause,) = site.process().pauses()
    assert (pause.endpoint, pause.region, pause.refused, pause.statuses) == (CHARACTER, "eu", 26, (403, 404))
    assert (pause.until - pause.since).total_seconds() == 2 * MINUTE
    assert site.wait() == 2


def test_one_guild_of_hidden_characters_does_not_open_it(site: Site) -> None:
    site.answers([200] * 50)
    site.answers([403] * 300, groups="A")
    site.answers([200] * 100, groups="B")
    assert not site.is_paused()


def test_subjects_hidden_before_do_not_count(site: Site) -> None:
    site.answers([200] * 50)
    for group in "AB" * 100:
        site.answer(403, group, was_refused=True)
    assert not site.is_paused()


def test_it_stays_closed_where_most_responses_were_always_refusals(site: Site) -> None:
    for _ in range(6):
        site.answers([403] * 300, groups="A")
        site.answers([200] * 10, groups="B")
    site.answers([403] * 60)
    assert not site.is_paused()


def test_single_failures_and_429s_do_not_affect_it(site: Site) -> None:
    site.answers([200] * 50)
    site.answers([*[503, 429, 500] * 4, 429, 200] * 10)
    assert not site.is_paused()
    site.answers([429] * 90)
    assert not site.is_paused()
    site.answers([403] * 26)
    assert site.is_paused()


def test_each_region_and_endpoint_has_its_own_circuit(site: Site) -> None:
    site.opens()
    site.breaker.admit(request("/profile/wow/character/tarn-hollow/one", "us", Subject("A")))
    site.breaker.admit(request("/data/wow/guild/tarn-hollow/gravel-orchard", "eu", Subject("A")))


def test_one_probe_is_sent_after_each_pause_and_pauses_grow_to_an_hour(site: Site) -> None:
    site.opens()
    for minutes in (4, 8, 16, 32, 60, 60):
        site.now += site.wait() * MINUTE
        site.answer(403, breaker=site.process())
        assert site.wait() == minutes


@pytest.mark.parametrize("status", [401, 403, 404, 500, None, 429])
def test_only_a_successful_probe_ends_the_pause(site: Site, status: int | None) -> None:
    site.opens()
    site.now += 2 * MINUTE
    site.answer(status)
    assert site.wait() == 4
    site.now += 4 * MINUTE
    site.answer(304)
    assert not site.is_paused()
    site.answers([200, 404] * 30)


def test_nothing_else_is_sent_during_a_probe(site: Site) -> None:
    site.opens()
    site.now += 2 * MINUTE
    probe = site.breaker.admit(request("/profile/wow/character/tarn-hollow/one", "eu", Subject("A")))
    assert probe.probes
    assert 0 < site.wait() * MINUTE <= 5
    site.receive(probe, 200, site.breaker)
    site.answer(200, breaker=site.process())


def test_subjects_hidden_before_are_probes_only_if_there_is_nothing_else(site: Site) -> None:
    site.opens()
    site.now += 2 * MINUTE
    with pytest.raises(Paused):
        site.answer(404, was_refused=True, breaker=site.process())
    site.answer(200, breaker=site.process())
    assert not site.is_paused()
    site.answers([403] * 50)
    site.now += 5 * MINUTE + 1
    site.answer(200, was_refused=True, breaker=site.process())
    assert not site.is_paused()


def test_a_probe_that_never_ends_is_replaced(site: Site) -> None:
    site.opens()
    site.now += 2 * MINUTE
    site.breaker.admit(request("/profile/wow/character/tarn-hollow/one", "eu", Subject("A")))
    site.now += MINUTE + 1
    site.answer(200)
    assert not site.is_paused()


def test_responses_in_flight_when_it_opened_change_nothing(site: Site) -> None:
    late = site.breaker.admit(request("/profile/wow/character/tarn-hollow/one", "eu", Subject("A")))
    site.opens()
    for status in (200, 403):
        site.receive(late, status, site.breaker)
        assert site.breaker.paused_for(late) == 2 * MINUTE
    assert site.wait() == 2


def test_a_returning_outage_starts_with_a_longer_pause(site: Site) -> None:
    site.opens()
    site.now += 2 * MINUTE
    site.answer(200)
    site.answers([403] * 50)
    assert site.wait() == 4
    site.now += 4 * MINUTE
    site.answer(200)
    site.opens()  # after fifty good responses it counts as a new outage
    assert site.wait() == 2


def test_another_process_knows_within_a_second(site: Site) -> None:
    other = site.process()
    site.answer(200, breaker=other)
    site.opens()
    site.now += 1
    with pytest.raises(Paused):
        site.answer(200, breaker=other)


def test_a_wiped_redis_closes_it_and_it_starts_over(site: Site) -> None:
    site.opens()
    for key in site.connection.scan_iter("breaker:*"):
        site.connection.delete(key)
    site.now += 5
    site.answers([200] * 10)
    assert not site.is_paused()
    with pytest.raises(Paused):
        site.answers([403] * 60)


def test_scripts_that_redis_forgot_are_loaded_again(site: Site) -> None:
    site.answer(200)
    site.connection.script_flush()
    site.opens()
    assert site.is_paused()


class TestFailures:
    """A 5xx or no response says nothing about anybody: asking again costs only a request."""

    def test_ten_failures_in_a_row_open_it(self, site: Site) -> None:
        site.answers([503, None, 500] * 3, groups="ABC")
        assert not site.is_paused()
        site.answer(200)
        site.answers([503, 504, 500] * 3, groups="ABC")
        assert not site.is_paused()
        site.answer(None, "D")
        (pause,) = site.process().pauses()
        assert (pause.endpoint, pause.region, pause.cause) == (CHARACTER, "eu", "failures")
        assert (pause.refused, pause.statuses) == (10, (0, 500, 503, 504))

    def test_an_hour_of_outage_costs_a_probe_a_minute(self, site: Site) -> None:
        site.answers([503] * 10, groups="ABC")
        for _ in range(60):
            assert site.wait() == 1
            site.now += MINUTE
            site.answer(503, breaker=site.process())
        site.now += MINUTE
        site.answer(200, breaker=site.process())
        assert not site.is_paused()

    @pytest.mark.parametrize("status", [403, 404])
    def test_a_refused_probe_is_an_answer(self, site: Site, status: int) -> None:
        site.answers([503] * 10, groups="ABC")
        site.now += MINUTE
        site.answer(status, breaker=site.process())
        assert not site.is_paused()

    @pytest.mark.parametrize("status", [429, 400, 502, None])
    def test_anything_else_goes_on_with_the_outage(self, site: Site, status: int | None) -> None:
        site.answers([503] * 10, groups="ABC")
        site.now += MINUTE
        site.answer(status, breaker=site.process())
        assert site.wait() == 1

    def test_retry_after_sets_the_pause(self, site: Site) -> None:
        site.answers([503] * 9, groups="ABC")
        site.answer(503, retry_after=300)
        assert site.wait() == 5
        site.now += 5 * MINUTE
        site.answer(503, retry_after=600)
        assert site.wait() == 10

    def test_a_quiet_site_needs_fewer_if_they_last(self, site: Site) -> None:
        """So that a single job does not use up its tries in an outage."""
        for pause in (2, 6, 18, 54):
            site.answer(503)
            assert not site.is_paused()
            site.now += pause
        site.answer(503)
        assert site.is_paused()

    def test_one_guild_that_always_fails_holds_up_nobody_else(self, site: Site) -> None:
        site.answers([500] * 10, groups="A")
        with pytest.raises(Paused):
            site.answer(500, "A", breaker=site.process())
        site.answer(200, "B", breaker=site.process())
        assert not site.is_paused()

    def test_after_three_guilds_have_failed_everybody_waits(self, site: Site) -> None:
        site.answers([500] * 10, groups="A")
        site.answer(500, "B", breaker=site.process())
        site.answer(500, "C", breaker=site.process())
        with pytest.raises(Paused):
            site.answer(200, "D", breaker=site.process())

    def test_a_clock_that_is_set_back_does_not_lengthen_the_pause(self, site: Site) -> None:
        site.answers([503] * 10, groups="ABC")
        site.now -= 60 * MINUTE
        assert [one.awaits_probe for one in site.breaker.pauses()] == [True]
        site.answer(200, breaker=site.process())
        assert not site.is_paused()

    def test_a_circuit_says_when_it_awaits_a_probe(self, site: Site) -> None:
        site.answers([503] * 10, groups="ABC")
        assert [one.awaits_probe for one in site.breaker.pauses()] == [False]
        site.now += MINUTE
        assert [one.awaits_probe for one in site.breaker.pauses()] == [True]
        site.breaker.admit(request("/profile/wow/character/tarn-hollow/one", "eu", Subject("A")))
        assert [one.awaits_probe for one in site.breaker.pauses()] == [False]


class TestTheTokenOfTheApplication:
    """An outage of 401s says nothing about any subject."""

    def refuse(self, site: Site, times: int) -> None:
        for _ in range(times):
            site.answer(401, is_application=True, has_new_token=True)

    def test_ten_refused_application_tokens_in_a_row_pause_everything(self, site: Site) -> None:
        self.refuse(site, 9)
        site.answer(404, is_application=True)
        self.refuse(site, 9)
        assert not site.is_paused()
        self.refuse(site, 1)
        (pause,) = site.process().pauses()
        assert (pause.endpoint, pause.region, pause.statuses) == ("", "", (401,))
        for path in ("/token", "/data/wow/realm/index", "/profile/wow/character/tarn-hollow/one"):
            with pytest.raises(Paused):
                site.breaker.admit(request(path, "us", is_application=True, fetches_token=path == "/token"))
        assert not site.breaker.admit(request("/profile/user/wow", "eu")).probes

    def test_its_refusals_do_not_open_the_circuit_of_an_endpoint(self, site: Site) -> None:
        site.answers([200] * 50)
        in_flight = [
            site.breaker.admit(
                request(
                    f"/profile/wow/character/a/{n}", "eu", Subject("AB"[n % 2]), is_application=True, has_new_token=True
                )
            )
            for n in range(40)
        ]
        for one in in_flight:
            site.receive(one, 401, site.breaker)
        assert [pause.endpoint for pause in site.process().pauses()] == [""]

    def test_a_token_that_was_only_too_old_is_not_counted(self, site: Site) -> None:
        for _ in range(20):
            site.answer(401, is_application=True)
        assert not site.is_paused()

    def test_the_refusals_of_the_token_endpoint_count(self, site: Site) -> None:
        token = request("/token", is_application=True, has_new_token=True, fetches_token=True)
        for _ in range(10):
            site.receive(token, 400, site.breaker)
        assert [pause.statuses for pause in site.process().pauses()] == [(400,)]

    @pytest.mark.parametrize("status", [503, None])
    def test_no_answer_of_the_token_endpoint_is_a_refusal(self, site: Site, status: int | None) -> None:
        token = request("/token", is_application=True, has_new_token=True, fetches_token=True)
        for _ in range(10):
            site.receive(token, status, site.breaker)
        assert [pause.statuses for pause in site.process().pauses()] == [(status or 0,)]

    def test_a_probe_ends_it(self, site: Site) -> None:
        self.refuse(site, 10)
        site.now += MINUTE
        probe = site.breaker.admit(request("/data/wow/realm/index", "us", is_application=True))
        token = request("/token", is_application=True, has_new_token=True, fetches_token=True, probes=probe.probes)
        site.receive(token, 200, site.breaker)
        assert site.is_paused()
        site.receive(probe, 404, site.breaker)
        assert not site.is_paused()
