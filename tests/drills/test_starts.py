"""The processes of the site at their start: refused settings, statement timeouts, pools of connections."""

import secrets

import pytest

from tests.guildsite.test_environment import UNDER_HTTPS
from tests.stack import free_port, run_python

WEB = ("-m", "gunicorn", "guildsite.wsgi", "--workers", "1", "--no-control-socket")
WORKER = ("-m", "celery", "-A", "guildsite", "worker", "--pool", "threads", "--concurrency", "1")
BEAT = ("-m", "celery", "-A", "guildsite", "beat")
PUBLIC = {"SITE_URL": "https://guild.example", "ALLOWED_HOSTS": "guild.example"}


@pytest.mark.parametrize("process", [WEB, WORKER, BEAT])
def test_no_process_starts_on_a_public_address_with_the_demos_key(process: tuple[str, ...]) -> None:
    bind = ("--bind", f"127.0.0.1:{free_port()}") if process is WEB else ()
    keys = {"SECRET_KEY": secrets.token_urlsafe(48), "CRYPTOGRAPHY_KEY": f"demo-only-{secrets.token_urlsafe(48)}"}
    ended = run_python(*process, *bind, **PUBLIC, **keys)
    # With these, gunicorn starts no further workers, and the supervisor no further processes.
    assert ended.returncode == (3 if process is WEB else 78)
    assert "CRYPTOGRAPHY_KEY is not safe on https://guild.example" in ended.stderr
    assert "generate one with: python3 -c" in ended.stderr
    assert keys["CRYPTOGRAPHY_KEY"] not in ended.stdout + ended.stderr


def test_an_invalid_setting_ends_gunicorn_instead_of_starting_one_worker_after_the_other() -> None:
    ended = run_python(*WEB, "--bind", f"127.0.0.1:{free_port()}", SECRET_KEY="")
    assert ended.returncode == 3
    assert ended.stderr.count("guildsite: SECRET_KEY is missing: generate one with") == 1


def test_an_invalid_setting_ends_a_command_with_one_line() -> None:
    ended = run_python("manage.py", "check", DATABASE_URL="postgresql://guildsite:hunter2@db:port/guildsite")
    assert ended.returncode == 78
    assert (ended.stdout, ended.stderr) == ("", "guildsite: DATABASE_URL is not a URL (see .env.example)\n")


def test_allowed_hosts_must_contain_the_site() -> None:
    ended = run_python("manage.py", "check", SITE_URL="http://guild.example", ALLOWED_HOSTS="localhost")
    assert ended.returncode == 1
    assert "ALLOWED_HOSTS does not contain the host of SITE_URL, guild.example." in ended.stderr


def test_under_https_the_deployment_check_finds_nothing_to_warn_of() -> None:
    checked = run_python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **UNDER_HTTPS)
    assert checked.returncode == 0, checked.stderr
    assert "TRUSTED_PROXIES is 0" in checked.stdout + checked.stderr


SHOW = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SHOW statement_timeout")
    print(cursor.fetchone()[0])
"""
WSGI = "import guildsite.wsgi"
IN_WORKER = "from guildsite import celery_app; from celery.signals import worker_init; worker_init.send(sender=None)"
IN_BEAT = "from guildsite import celery_app; from celery.signals import beat_init; beat_init.send(sender=None)"
COMMAND = "import django; django.setup()"


@pytest.mark.parametrize(
    ("process", "environment", "limit"),
    [
        (WSGI, {}, "5s"),
        (WSGI, {"DB_STATEMENT_TIMEOUT_WEB": "7"}, "7s"),
        (f"{COMMAND}; {IN_WORKER}", {}, "1min"),
        (f"{COMMAND}; {IN_BEAT}", {"DB_STATEMENT_TIMEOUT_WORKER": "90"}, "90s"),
        (COMMAND, {}, "0"),
        (WSGI, {"DB_TRANSACTION_POOLING": "true"}, "0"),
    ],
    ids=[
        *("web", "web, as the settings say", "worker", "beat, as the settings say", "management command"),
        "web whose connections others use, too",
    ],
)
def test_each_kind_of_process_has_its_timeout(process: str, environment: dict[str, str], limit: str) -> None:
    ended = run_python("-c", f"{process}\n{SHOW}", **environment)
    assert ended.stdout.strip() == limit, ended.stderr


CROWD = """
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from sync.engine.database_pool import count_connections
OURS = "SELECT pg_sleep(0.1), count(*) FROM pg_stat_activity WHERE application_name LIKE 'guildsite web/2 %'"
def ask(number):
    with connection.cursor() as cursor:
        cursor.execute(OURS)
        found = cursor.fetchone()[1]
    connection.close()
    return found
with ThreadPoolExecutor(8) as threads:
    print(max(threads.map(ask, range(16))), 2 in count_connections().pools)
"""


def test_the_threads_of_a_web_process_share_its_connections() -> None:
    ended = run_python("-c", f"import guildsite.wsgi\n{CROWD}", DB_POOL_WEB="2")
    assert ended.stdout.split() == ["2", "True"], ended.stderr
