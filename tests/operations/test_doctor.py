"""`manage.py doctor` names what is wrong with an installation, and how to mend it."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.management import call_command
from django.db import connection
from django_celery_beat.models import PeriodicTask

from accounts.models import SecurityEvent, User
from guildsite.checks import bungie_accepts_the_site
from operations.doctor.outside import BattlenetAnswers, battlenet_findings
from operations.health import postgresql, redis_server
from operations.health.certificate import certificate_findings, fetch_certificate, read_certificate
from operations.health.disks import GB, Disk, disk_findings
from operations.health.finding import Severity
from sync.models import Heartbeat
from tests.battlenet import CHECKOUT, Sandbox
from tests.operations.site import Listener, listening, make_certificate
from tests.stack import site_environment
from tests.sync.heartbeats import heartbeat

pytestmark = pytest.mark.django_db
Findings = dict[str, dict[str, str]]


@pytest.fixture
def address() -> Iterator[Listener]:
    """Yield the site's public address, which answers."""
    with listening() as listener:
        yield listener


@pytest.fixture
def installation(sandbox: Sandbox, settings: Any, address: Listener, people: Callable[[str], User]) -> Any:
    """Return the settings of a sound installation: all processes run, Battle.net and the site answer."""
    heartbeat("interactive@one", queues=["interactive"])
    heartbeat("worker@one", queues=["interactive", "background"])
    heartbeat("beat@one", kind="beat")
    heartbeat("dispatch", kind="dispatch")
    User.objects.filter(pk=people("Ada").pk).update(is_superuser=True)
    settings.SITE_URL, settings.NOTICE_WEBHOOK = address.url, f"{address.url}/hook"
    return settings


def doctor() -> tuple[int, Findings]:
    """Return the exit status and the findings by cause."""
    out, status = StringIO(), 0
    try:
        call_command("doctor", "--json", stdout=out)
    except SystemExit as end:
        status = int(str(end.code))
    found = json.loads(out.getvalue())
    assert all(one["text"] and one["mend"] for one in found)
    return status, {one["cause"]: one for one in found}


def test_a_sound_installation_has_nothing_to_mend(installation: Any) -> None:
    assert doctor() == (0, {})
    out = StringIO()
    call_command("doctor", stdout=out)
    assert out.getvalue() == "Nothing is wrong.\n"


def wrong_secret(settings: Any) -> None:
    settings.BLIZZARD_CLIENT_SECRET = "mistyped"


def unregistered_redirect_url(settings: Any) -> None:
    settings.SITE_URL = settings.SITE_URL.replace("localhost", "guild.example")


def battlenet_away(settings: Any) -> None:
    settings.BLIZZARD_OAUTH_URL = "http://127.0.0.1:9"


def site_away(settings: Any) -> None:
    settings.SITE_URL = "http://localhost:9"


def host_not_allowed(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["guild.example"]


def debug_in_public(settings: Any) -> None:
    settings.DEBUG, settings.SITE_HOST = True, "guild.example"


def migration_missing(settings: Any) -> None:
    with connection.cursor() as cursor:
        newest = "SELECT max(name) FROM django_migrations WHERE app = 'sync'"
        cursor.execute(f"DELETE FROM django_migrations WHERE app = 'sync' AND name = ({newest})")


def wrong_api_key(settings: Any) -> None:
    settings.BUNGIE_API_KEY = "no such key"


def bungie_away(settings: Any) -> None:
    settings.BUNGIE_URL = "http://127.0.0.1:9"


def used_with_a_newer_version(settings: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('sync', '9999_later', now())")


def nothing_is_scheduled(settings: Any) -> None:
    PeriodicTask.objects.filter(name="Dispatch").delete()


def schedule_switched_off(settings: Any) -> None:
    PeriodicTask.objects.filter(name="Due: all rosters").update(enabled=False)


def nobody_serves_the_background(settings: Any) -> None:
    Heartbeat.objects.filter(name="worker@one").delete()


def mail_server_away(settings: Any) -> None:
    settings.NOTICE_EMAILS, settings.EMAIL_HOST, settings.EMAIL_PORT = ["ada@guild.example"], "127.0.0.1", 9
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def proxies_not_counted(settings: Any) -> None:
    settings.HTTPS = True
    for number in range(5):
        SecurityEvent.objects.create(event=SecurityEvent.Event.SIGNED_IN, address=f"10.0.0.{number}")


def redis_deletes(settings: Any) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.config_set("maxmemory-policy", "allkeys-lru")


def redis_away(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9"


@pytest.fixture
def policy(settings: Any) -> Iterator[None]:
    """Put Redis's policy back."""
    url = settings.REDIS_URL
    yield
    with redis.Redis.from_url(url) as server:
        server.config_set("maxmemory-policy", "noeviction")


@pytest.mark.parametrize(
    ("break_it", "cause", "told"),
    [
        (wrong_secret, "battlenet-credentials", "client id or secret"),
        (wrong_api_key, "bungie-key", "BUNGIE_API_KEY"),
        (bungie_away, "bungie-unreachable", "firewall"),
        (unregistered_redirect_url, "redirect-url", "/accounts/battlenet/login/callback/"),
        (battlenet_away, "battlenet-unreachable", "http://127.0.0.1:9"),
        (site_away, "site-address", "http://localhost:9"),
        (host_not_allowed, "guildsite.E001", "ALLOWED_HOSTS"),
        (debug_in_public, "debug", "DEBUG=false"),
        (migration_missing, "migrations", "python manage.py migrate"),
        (used_with_a_newer_version, "newer-database", "sync.9999_later"),
        (nothing_is_scheduled, "schedule-Dispatch", "Periodic tasks"),
        (schedule_switched_off, "schedule-Due: all rosters", "switched off"),
        (nobody_serves_the_background, "missing-worker-of-the-queue-background", "Procfile"),
        (mail_server_away, "mail", "EMAIL_URL"),
        (proxies_not_counted, "proxies", "TRUSTED_PROXIES"),
        (redis_deletes, "redis-policy", "noeviction"),
        (redis_away, "redis-down", "REDIS_URL"),
    ],
)
def test_it_names_what_is_wrong_and_how_to_mend_it(
    installation: Any, policy: None, break_it: Callable[[Any], None], cause: str, told: str
) -> None:
    break_it(installation)
    status, found = doctor()
    assert status == 1
    assert told in found[cause]["text"] + found[cause]["mend"]
    assert installation.BLIZZARD_CLIENT_SECRET not in json.dumps(found)


@pytest.mark.parametrize("server", ["DATABASE_URL", "REDIS_URL"])
def test_it_works_without_its_servers(sandbox: Sandbox, server: str) -> None:
    away = {"DATABASE_URL": "postgresql://guildsite:hunter2@127.0.0.1:9/guildsite", "REDIS_URL": "redis://127.0.0.1:9"}
    environment = site_environment(sandbox.url) | {server: away[server], "SITE_URL": "http://localhost:9"}
    command = [sys.executable, "manage.py", "doctor"]
    ended = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    name = "PostgreSQL" if server == "DATABASE_URL" else "Redis"
    assert f"{name} does not answer" in ended.stdout
    assert "Traceback" not in ended.stderr + ended.stdout
    assert "hunter2" not in ended.stderr + ended.stdout


def test_a_redis_that_is_frozen_counts_as_down(installation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        installation.REDIS_URL = f"redis://127.0.0.1:{frozen.getsockname()[1]}"
        assert "redis-down" in doctor()[1]


def test_a_file_that_others_can_read_and_packages_of_another_version_are_found(
    installation: Any, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=x")
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "requirements.txt").write_text("django==1.0 \\\n    --hash=sha256:0\n")
    installation.BASE_DIR = tmp_path
    _, found = doctor()
    assert "chmod 600" in found["env-file-readable"]["mend"]
    assert "django 5.2" in found["packages"]["text"]


def test_a_full_disk_is_found(installation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(100 * GB, 100 * GB, 0))
    (found,) = doctor()[1].values()
    assert (found["cause"], found["severity"]) == (f"disk-full-{socket.gethostname()}", "error")


def test_a_disk_is_nearly_full_below_a_tenth_but_not_with_plenty_left() -> None:
    def severities(free: float, total: float) -> list[Severity]:
        return [one.severity for one in disk_findings([Disk("/", int(free * GB), int(total * GB))])]

    assert severities(3, 20) == []
    assert severities(1.9, 20) == [Severity.WARNING]
    assert severities(6, 1_000) == []
    assert severities(4, 1_000) == [Severity.WARNING]
    assert severities(0.2, 20) == [Severity.ERROR]


def test_a_clock_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = battlenet_findings(BattlenetAnswers(token=200, authorize=302, clock_offset=-3600))
    assert "by 3600 seconds" in found.text
    server = postgresql.read_postgresql()
    assert server is not None
    assert not list(postgresql.postgresql_findings(server))
    late = datetime.now().timestamp() - 3600
    monkeypatch.setattr("operations.health.postgresql.time.time", lambda: late)
    (found,) = postgresql.postgresql_findings(postgresql.read_postgresql())
    assert (found.cause, "by 3600 seconds" in found.text or "by 3599 seconds" in found.text) == ("clock-database", True)


def test_a_certificate_that_expires_soon_is_found(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, valid_for=timedelta(days=10))
    now = datetime.now(UTC)
    with listening(certificate) as listener:
        (found,) = certificate_findings(fetch_certificate("localhost", listener.port), now)
        assert "self-signed" in found.text.lower().replace("self signed", "self-signed")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        (found,) = certificate_findings(fetch_certificate("localhost", listener.port), now)
        assert (now + timedelta(days=10)).date().isoformat() in found.text
        assert not list(certificate_findings(fetch_certificate("localhost", listener.port), now - timedelta(days=9)))
    (found,) = certificate_findings(fetch_certificate("localhost", listener.port), now)
    assert "ConnectionRefusedError" in found.text
    settings.SITE_URL = "http://localhost:8000"
    assert read_certificate() is None


def test_a_redirect_url_that_bungie_refuses_is_named(settings: Any) -> None:
    settings.BUNGIE_URL = "https://www.bungie.net"
    for url, https, host, is_named in (
        ("http://guild.example", False, "guild.example", True),
        ("https://localhost", True, "localhost", True),
        ("https://guild.example", True, "guild.example", False),
        ("https://127.0.0.1:8000", True, "127.0.0.1", False),
    ):
        settings.SITE_URL, settings.HTTPS, settings.SITE_HOST = url, https, host
        assert bool(bungie_accepts_the_site(None)) is is_named, url
