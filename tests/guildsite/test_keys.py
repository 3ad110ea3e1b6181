"""Keys that others can know stop the start on a public address; secrets can be read from files."""

import os
import secrets
from pathlib import Path
from typing import Any

import pytest

from guildsite.checks import keys_are_private
from tests.guildsite.test_environment import start
from tests.stack import free_port

WEB = ("-m", "gunicorn", "guildsite.wsgi", "--workers", "1", "--no-control-socket")
WORKER = ("-m", "celery", "-A", "guildsite", "worker", "--pool", "threads", "--concurrency", "1")
BEAT = ("-m", "celery", "-A", "guildsite", "beat")
PUBLIC = {"SITE_URL": "https://guild.example", "ALLOWED_HOSTS": "guild.example"}
PRINT_SETTING = "import os; from django.conf import settings; print(settings.{}, dict(os.environ))"


def good_keys() -> dict[str, str]:
    return {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "CRYPTOGRAPHY_KEY")}


@pytest.mark.parametrize("process", [WEB, WORKER, BEAT])
def test_no_process_starts_on_a_public_address_with_the_demos_key(process: tuple[str, ...]) -> None:
    bind = ("--bind", f"127.0.0.1:{free_port()}") if process is WEB else ()
    keys = good_keys() | {"CRYPTOGRAPHY_KEY": f"demo-only-{secrets.token_urlsafe(48)}"}
    ended = start(*process, *bind, **PUBLIC, **keys)
    # With these, gunicorn starts no further workers, and the supervisor no further processes.
    assert ended.returncode == (3 if process is WEB else 78)
    assert "CRYPTOGRAPHY_KEY is not safe on https://guild.example" in ended.stderr
    assert "generate one with: python3 -c" in ended.stderr
    assert keys["CRYPTOGRAPHY_KEY"] not in ended.stdout + ended.stderr


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


def test_an_invalid_setting_ends_gunicorn_instead_of_starting_one_worker_after_the_other() -> None:
    ended = start(*WEB, "--bind", f"127.0.0.1:{free_port()}", SECRET_KEY="")
    assert ended.returncode == 3
    assert ended.stderr.count("guildsite: SECRET_KEY is missing: generate one with") == 1


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_secret_can_be_in_a_file(tmp_path: Path) -> None:
    key = secrets.token_urlsafe(48)
    file = tmp_path / "secret-key"
    file.write_text(f"{key}\n")
    shown = start("-c", PRINT_SETTING.format("SECRET_KEY"), SECRET_KEY="", SECRET_KEY_FILE=str(file))
    assert shown.stdout.startswith(f"{key} ")
    assert shown.stdout.count(key) == 1, "children of the process must not inherit it"


def test_fallback_keys_are_one_per_line_in_a_file(tmp_path: Path) -> None:
    keys = [secrets.token_urlsafe(48) for _ in range(2)]
    file = tmp_path / "earlier-keys"
    file.write_text("\n".join(keys))
    shown = start("-c", PRINT_SETTING.format("SECRET_KEY_FALLBACKS"), SECRET_KEY_FALLBACKS_FILE=str(file))
    assert shown.stdout.startswith(str(keys))


def test_the_variable_comes_before_the_file(tmp_path: Path) -> None:
    """Otherwise a file in `.env` could lead tests to the real database."""
    (tmp_path / "url").write_text("postgresql://real/database")
    shown = start("-c", PRINT_SETTING.format("DATABASE_URL"), DATABASE_URL_FILE=str(tmp_path / "url"))
    assert shown.stdout.startswith(f"{os.environ['DATABASE_URL']} ")


def test_a_file_that_cannot_be_read_stops_the_start_with_one_line(tmp_path: Path) -> None:
    ended = start("manage.py", "check", METRICS_TOKEN_FILE=str(tmp_path / "nothing"))
    assert ended.returncode == 78
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"guildsite: METRICS_TOKEN_FILE names {tmp_path / 'nothing'}, which cannot be read: No such")
