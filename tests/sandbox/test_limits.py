"""Rate limits and request statistics."""

import time

import pytest

from sandbox.limits import RateLimiter
from sandbox.stats import Stats
from tests.sandbox.client import Client, Launch
from tests.stack import wait_until

INDEX = "/data/wow/realm/index"


def test_the_limit_is_100_requests_a_second() -> None:
    limiter = RateLimiter(per_second=100, per_hour=36_000)
    assert all(limiter.admit("site", 10 + number / 1000) for number in range(100))
    assert not limiter.admit("site", 10.999)


def test_a_refused_client_is_admitted_a_second_after_its_window_began() -> None:
    limiter = RateLimiter(per_second=3, per_hour=100)
    assert [limiter.admit("site", now) for now in (10.0, 10.4, 10.8, 10.9)] == [True, True, True, False]
    assert not limiter.admit("site", 10.99)
    assert limiter.admit("site", 11.0)
    assert not limiter.admit("site", 11.1)


def test_a_window_slides_over_the_full_second() -> None:
    limiter = RateLimiter(per_second=2, per_hour=100)
    # Both within one second, although a calendar second ends between them.
    assert [limiter.admit("site", now) for now in (10.9, 10.95, 11.1)] == [True, True, False]


def test_the_hourly_limit_is_exact_and_refused_requests_do_not_count() -> None:
    limiter = RateLimiter(per_second=100, per_hour=3)
    assert [limiter.admit("site", now) for now in (0.0, 10.0, 20.0, 30.0, 3599.9)] == [True, True, True, False, False]
    assert limiter.admit("site", 3600.0)
    assert not limiter.admit("site", 3601.0)


def test_each_client_has_its_own_limit() -> None:
    limiter = RateLimiter(per_second=1, per_hour=100)
    assert limiter.admit("site", 5.0)
    assert limiter.admit("other", 5.0)
    assert not limiter.admit("site", 5.1)


def test_too_many_requests_are_429_with_an_empty_body_until_a_second_has_passed(launch: Launch) -> None:
    client = launch("--rate-per-second", "5")
    first = time.monotonic()
    statuses = [client.api(INDEX, "dynamic-eu").status_code for _ in range(5)]
    refused = client.api(INDEX, "dynamic-eu")
    assert statuses == [200] * 5
    assert (refused.status_code, refused.content) == (429, b"")
    assert "Retry-After" not in refused.headers
    wait_until(lambda: client.api(INDEX, "dynamic-eu").status_code == 200)
    assert time.monotonic() - first >= 1


def test_the_hourly_limit_refuses_too(launch: Launch) -> None:
    client = launch("--rate-per-hour", "3")
    assert [client.api(INDEX, "dynamic-eu").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_oauth_and_controls_are_not_limited(launch: Launch) -> None:
    client = launch("--rate-per-second", "1")
    for _ in range(5):
        client.app_token()
        client.control("stats")
    assert client.api(INDEX, "dynamic-eu").status_code == 200


def test_latency_delays_every_response(launch: Launch) -> None:
    client = launch("--latency-ms", "150")
    client.api(INDEX, "dynamic-eu")
    before = time.monotonic()
    client.api(INDEX, "dynamic-eu")
    assert time.monotonic() - before >= 0.15


def test_statistics_count_requests(launch: Launch) -> None:
    client = launch("--rate-per-second", "3")
    for _ in range(3):
        client.api(INDEX, "dynamic-eu")
    client.api("/data/wow/nothing", "dynamic-eu")
    client.get(INDEX)
    figures = client.control("stats")
    assert figures["requests"] == 5
    assert figures["by_endpoint"] == {"realm-index": 4, "unknown": 1}
    assert figures["by_status"] == {"200": 3, "401": 1, "429": 1}
    assert (figures["refused"], figures["unauthorized"]) == (1, 1)
    assert figures["busiest_second"] == figures["busiest_hour"] == 5
    assert figures["by_path"] == {INDEX: 4, "/data/wow/nothing": 1}
    assert figures["oauth"] == {"token 200": 1}


def test_the_busiest_second_is_that_of_any_window() -> None:
    stats = Stats()
    for now in (0.0, 0.6, 0.9, 1.0, 1.5, 3.0, 3.1):
        stats.count_request(now)
    # From 0.6 to 1.5; the request at 1.0 is a full second after the one at 0.0.
    assert stats.as_json()["busiest_second"] == 4
    assert stats.as_json()["busiest_hour"] == 7


def test_the_busiest_hour_slides_too() -> None:
    stats = Stats()
    for now in (0.0, 1800.0, 3600.0, 9000.0):
        stats.count_request(now)
    assert stats.as_json()["busiest_hour"] == 2


def test_the_page_shows_the_statistics(sandbox: Client) -> None:
    sandbox.api(INDEX, "dynamic-eu")
    page = sandbox.get("/_sandbox/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Busiest second" in page.text
    assert "realm-index" in page.text


@pytest.mark.parametrize("path", ["reset", "stats/reset"])
def test_statistics_can_be_reset(sandbox: Client, path: str) -> None:
    sandbox.api(INDEX, "dynamic-eu")
    sandbox.control(path, {})
    figures = sandbox.control("stats")
    assert (figures["requests"], figures["busiest_second"], figures["by_status"]) == (0, 0, {})


def test_a_reset_keeps_tokens_by_default(sandbox: Client) -> None:
    token = sandbox.app_token()
    sandbox.control("reset", {})
    assert sandbox.api(INDEX, "dynamic-eu", token=token).status_code == 200
    sandbox.control("reset", {"tokens": True})
    assert sandbox.api(INDEX, "dynamic-eu", token=token).status_code == 401
