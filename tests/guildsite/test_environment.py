"""Environment variables: an invalid value stops the start with one line."""

import json
import os
import re
import secrets
import subprocess
import sys

import pytest

from tests.battlenet import CHECKOUT

SHOW_SETTINGS = """
import json, django
django.setup()
from django.conf import settings
names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "SECURE_PROXY_SSL_HEADER",
         "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "DEBUG", "CSRF_TRUSTED_ORIGINS",
         "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH",
         "CSRF_COOKIE_DOMAIN", "SECURE_HSTS_INCLUDE_SUBDOMAINS")
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def start(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env=inherited | {"DJANGO_SETTINGS_MODULE": "guildsite.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", "", "is missing"),
        ("CRYPTOGRAPHY_KEY", "too short", "has 9 characters, it needs at least 32"),
        ("DATABASE_URL", "sqlite:///db.sqlite3", "must start with postgresql:// (other databases are not supported)"),
        ("DATABASE_URL", "postgresql://guildsite:hunter2@db:port/guildsite", "is not a URL"),
        ("REDIS_URL", "http://localhost:6379", "must start with redis:// or rediss://"),
        ("BLIZZARD_REGIONS", "eu,mars", "can contain us, eu, kr, tw, not 'mars'"),
        ("BLIZZARD_RATE_PER_SECOND", "0", "must be above zero"),
        ("REVALIDATION_DAYS", "0", "must be above zero"),
        ("LINK_DAYS_MAX", "91", "must be at most 90, not 91"),
        ("BLIZZARD_RESERVE_PER_SECOND", "a fifth", "must be a whole number, not 'a fifth'"),
        ("BLIZZARD_RESERVE_PER_HOUR", "100", "must be a percentage below 100, not 100"),
        ("BLIZZARD_API_URL", "https://{area}.api.blizzard.com", "must be a URL like"),
        ("SITE_URL", "https://guild.example/personas", "must not have a path"),
        ("TRUSTED_PROXIES", "-1", "must be a whole number, not '-1'"),
        ("DB_STATEMENT_TIMEOUT_WEB", "0", "must be above zero"),
        ("DB_STATEMENT_TIMEOUT_WORKER", "a minute", "must be a whole number, not 'a minute'"),
        ("DEBUG", "maybe", "must be true or false, not 'maybe'"),
    ],
)
def test_an_invalid_value_stops_the_start_with_one_line(name: str, value: str, complaint: str) -> None:
    ended = start("manage.py", "check", **{name: value})
    assert ended.returncode == 78
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"guildsite: {name} {complaint}")
    assert line.endswith("(see .env.example)")
    assert "hunter2" not in line


def test_allowed_hosts_must_contain_the_site() -> None:
    ended = start("manage.py", "check", SITE_URL="http://guild.example", ALLOWED_HOSTS="localhost")
    assert ended.returncode == 1
    assert "ALLOWED_HOSTS does not contain the host of SITE_URL, guild.example." in ended.stderr


def test_every_variable_is_in_env_example() -> None:
    explained = (CHECKOUT / ".env.example").read_text()
    source = "".join((CHECKOUT / "guildsite" / name).read_text() for name in ("settings.py", "environment.py"))
    read = set(re.findall(r'\benv(?:,|\.\w+\()\s*"([A-Z_]+)"', source))
    assert {"SECRET_KEY", "DATABASE_URL", "BLIZZARD_REGIONS", "ALLOWED_HOSTS", "TRUSTED_PROXIES"} <= read
    assert [name for name in sorted(read) if f"{name}=" not in explained] == []


def test_under_https_cookies_and_the_deployment_check_are_strict() -> None:
    environment = {"SITE_URL": "https://guild.example", "ALLOWED_HOSTS": "guild.example", "DEBUG": "false"}
    environment |= {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "CRYPTOGRAPHY_KEY")}
    settings = json.loads(start("-c", SHOW_SETTINGS, **environment).stdout)
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SESSION_COOKIE_HTTPONLY"]
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert settings["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    # Subdomains are the operator's.
    assert not settings["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
    assert (settings["SESSION_COOKIE_NAME"], settings["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    assert (settings["SESSION_COOKIE_DOMAIN"], settings["CSRF_COOKIE_DOMAIN"]) == (None, None)
    assert settings["SESSION_COOKIE_PATH"] == "/"
    assert settings["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert not settings["DEBUG"]
    checked = start("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)
    assert checked.returncode == 0, checked.stderr
    assert "TRUSTED_PROXIES is 0" in checked.stdout + checked.stderr
