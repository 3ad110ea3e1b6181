"""Environment variables: an invalid value stops the start with one line."""

import re
import secrets

import pytest

from tests.battlenet import CHECKOUT
from tests.settings_file import read_settings

UNDER_HTTPS = {
    "SITE_URL": "https://guild.example",
    "ALLOWED_HOSTS": "guild.example",
    "DEBUG": "false",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "CRYPTOGRAPHY_KEY": secrets.token_urlsafe(48),
}


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
        ("BUNGIE_API_KEY", "", "is missing: set all of BUNGIE_CLIENT_ID, BUNGIE_CLIENT_SECRET, BUNGIE_API_KEY"),
        ("BUNGIE_URL", "www.bungie.net", "must be a URL like https://www.bungie.net"),
        ("DEBUG", "maybe", "must be true or false, not 'maybe'"),
    ],
)
def test_an_invalid_value_stops_the_start_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, complaint: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(monkeypatch, **{name: value})
    assert ended.value.code == 78
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith(f"guildsite: {name} {complaint}")
    assert line.endswith("(see .env.example)")
    assert "hunter2" not in line


def test_every_variable_is_in_env_example() -> None:
    explained = (CHECKOUT / ".env.example").read_text()
    source = "".join((CHECKOUT / "guildsite" / name).read_text() for name in ("settings.py", "environment.py"))
    read = set(re.findall(r'\benv(?:,|\.\w+\()\s*"([A-Z_]+)"', source))
    assert {"SECRET_KEY", "DATABASE_URL", "BLIZZARD_REGIONS", "ALLOWED_HOSTS", "TRUSTED_PROXIES"} <= read
    assert [name for name in sorted(read) if f"{name}=" not in explained] == []


def test_under_https_cookies_are_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings(monkeypatch, **UNDER_HTTPS)
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
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert not settings["DEBUG"]
