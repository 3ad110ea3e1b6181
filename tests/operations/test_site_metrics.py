"""Metrics of requests, tasks, servers and processes, and what docs/monitoring makes of them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.test import Client

from operations import background, process_metrics, traffic
from operations.models import BackupRun
from sync.tasks import dispatch
from tests.battlenet import CHECKOUT
from tests.stack import Stack, wait_until
from tests.sync.heartbeats import heartbeat

TOKEN = "a token of at least thirty-two characters"
MONITORING = CHECKOUT / "docs" / "monitoring"
NAME = re.compile(r"\bguildsite_[a-z_]+")


@pytest.fixture(autouse=True)
def counters_at_zero(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    background.report("test", "000000")
    with redis.Redis.from_url(django_settings.REDIS_URL) as connection:
        for key in connection.scan_iter("metrics:*"):
            connection.delete(key)
        # Other tests leave messages that no worker took.
        connection.delete("interactive", "background")


def text_of_metrics(client: Client) -> str:
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def scrape(client: Client) -> Callable[[], dict[str, float]]:
    """Return the metrics by name and labels, with what this process has counted."""

    def read() -> dict[str, float]:
        background.report("web", "a1b2c3")
        lines = [line for line in text_of_metrics(client).splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    return read


@pytest.mark.django_db
def test_requests_are_counted_by_view_and_status_with_their_times(
    client: Client, scrape: Callable[[], dict[str, float]]
) -> None:
    for path in ("/", "/", "/guilds/eu/tarn-hollow/nobody/", "/nowhere/"):
        client.get(path)
    read = scrape()
    assert read['guildsite_http_requests_total{status="200",view="landing"}'] == 2
    assert read['guildsite_http_requests_seconds_count{view="guilds:overview"}'] == 1
    assert read['guildsite_http_requests_total{status="404",view="unknown"}'] == 1
    assert read['guildsite_http_requests_seconds_count{view="landing"}'] == 2
    assert read['guildsite_http_requests_seconds_bucket{le="10",view="landing"}'] == 2
    assert 0 < read['guildsite_http_requests_seconds_sum{view="landing"}'] < 20
    assert not [name for name in read if "nobody" in name]


@pytest.mark.django_db
def test_servers_processes_and_findings_are_measured(scrape: Callable[[], dict[str, float]]) -> None:
    read = scrape()
    assert read["guildsite_database_connections"] >= 1
    assert read["guildsite_database_connections_left"] > 0
    assert read["guildsite_database_size_bytes"] > 1_000_000
    assert read["guildsite_redis_memory_bytes"] > 100_000
    assert read['guildsite_queue_length{queue="interactive"}'] == 0
    assert read['guildsite_process_resident_memory_bytes{process="a1b2c3",role="web"}'] > 10_000_000
    assert read['guildsite_findings{severity="error"}'] == 3  # two queues and the scheduler


@pytest.mark.django_db
def test_counts_survive_a_redis_that_is_away(
    client: Client, scrape: Callable[[], dict[str, float]], settings: Any
) -> None:
    url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:9"
    client.get("/")
    background.report("web", "a1b2c3")
    settings.REDIS_URL = url
    assert scrape()['guildsite_http_requests_total{status="200",view="landing"}'] == 1


def test_the_counts_of_two_processes_are_summed() -> None:
    one, other = traffic.Traffic("test"), traffic.Traffic("test")
    with redis.Redis.from_url(django_settings.REDIS_URL) as connection:
        connection.delete("metrics:traffic:test")
        for process, seconds in ((one, 0.01), (other, 0.05), (other, 99.0)):
            process.count("guilds:roster", "200", seconds)
            process.flush(connection)
        totals = one.totals(connection)
        assert totals.outcomes == {("guilds:roster", "200"): 3}
        assert totals.seconds["guilds:roster"] == pytest.approx(99.06)
        assert [count for _, count in totals.histogram("guilds:roster")] == [2, 2, 2, 2, 2, 2, 2, 2, 3]
        connection.delete("metrics:traffic:test")


def test_the_running_site_reports_its_processes_and_tasks(stack: Stack) -> None:
    dispatch.apply_async(queue="interactive")
    with redis.Redis.from_url(django_settings.REDIS_URL) as connection:
        wait_until(lambda: {"web", "celery"} <= {one.role for one in process_metrics.processes(connection)})
        wait_until(lambda: traffic.tasks.totals(connection).outcomes["sync.tasks.dispatch", "SUCCESS"])


def families(text: str) -> set[str]:
    """Return the names under which Prometheus stores the metrics of a scrape."""
    found = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        found |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    return found


def files() -> dict[Path, str]:
    return {path: path.read_text() for path in sorted(MONITORING.iterdir()) if path.suffix in (".json", ".yml")}


@pytest.mark.django_db
def test_every_metric_of_the_dashboard_and_the_alerts_exists(client: Client) -> None:
    heartbeat("dispatch", kind="dispatch")
    BackupRun.objects.create(file="backup")
    known = families(text_of_metrics(client))
    wanted = {name for text in files().values() for name in NAME.findall(text)}
    assert len(wanted) > 20
    assert wanted - known == set()


def test_the_dashboard_is_json_with_a_query_in_each_panel() -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    assert all(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"]) >= 20
