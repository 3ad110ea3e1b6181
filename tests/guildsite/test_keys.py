"""Keys that others can know stop the start on a public address; secrets can be read from files."""

import os
import secrets
from pathlib import Path
from typing import Any

import pytest

from guildsite.checks import keys_are_private
from tests.settings_file import read_settings


@pytest.mark.parametrize(
    "key",
    [
        "django-insecure-" + secrets.token_urlsafe(48),
        "test-only-" + secrets.token_urlsafe(48),
        "demo-only-" + secrets.token_urlsafe(48),
        "changeme" * 5,
    ],
    ids=["django-insecure", "test-only", "demo-only", "changeme"],
)
@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "TOKEN_KEYS"])
def test_a_key_that_others_can_know_is_refused_only_where_others_come(settings: Any, name: str, key: str) -> None:
    settings.SITE_URL, settings.SITE_HOST, settings.ALLOWED_HOSTS = "https://guild.example", "guild.example", []
    settings.SECRET_KEY, settings.TOKEN_KEYS = secrets.token_urlsafe(48), [secrets.token_urlsafe(48)]
    assert keys_are_private(None) == []
    setattr(settings, name, key if name == "SECRET_KEY" else [key])
    (error,) = keys_are_private(None)
    assert key not in str(error)
    settings.SITE_HOST, settings.ALLOWED_HOSTS = "localhost", ["localhost", "127.0.0.1"]
    assert keys_are_private(None) == []
    settings.ALLOWED_HOSTS = ["192.168.0.7"]
    assert keys_are_private(None) == [error]


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_secret_can_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = secrets.token_urlsafe(48)
    file = tmp_path / "secret-key"
    file.write_text(f"{key}\n")
    settings = read_settings(monkeypatch, SECRET_KEY="", SECRET_KEY_FILE=str(file))
    assert settings["SECRET_KEY"] == key
    assert key not in str(dict(os.environ)), "children of the process must not inherit it"


def test_fallback_keys_are_one_per_line_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = [secrets.token_urlsafe(48) for _ in range(2)]
    file = tmp_path / "earlier-keys"
    file.write_text("\n".join(keys))
    assert read_settings(monkeypatch, SECRET_KEY_FALLBACKS_FILE=str(file))["SECRET_KEY_FALLBACKS"] == keys


def test_the_variable_comes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Otherwise a file in `.env` could lead tests to the real database."""
    (tmp_path / "url").write_text("postgresql://real/database")
    settings = read_settings(monkeypatch, DATABASE_URL_FILE=str(tmp_path / "url"))
    assert settings["DATABASE_URL"] == os.environ["DATABASE_URL"]


def test_a_file_that_cannot_be_read_stops_the_start_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(monkeypatch, METRICS_TOKEN_FILE=str(tmp_path / "nothing"))
    assert ended.value.code == 78
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"guildsite: METRICS_TOKEN_FILE names {tmp_path / 'nothing'}, which cannot be read: No such")
