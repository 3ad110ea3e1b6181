"""The environment of the site's commands and processes, by profile."""

import os
import secrets
import sys
from pathlib import Path

import environ

from embedded import ports
from embedded.errors import ConfigurationError, StartError
from embedded.instance import CHECKOUT, Instance, Profile, write_private
from embedded.postgresql import client_programs
from embedded.servers import Servers

KEYS = ("SECRET_KEY", "CRYPTOGRAPHY_KEY")
SERVER_URLS = ("DATABASE_URL", "REDIS_URL")
SITE_PORT = 8000
SANDBOX_PORT = 8765


def given(profile: Profile) -> dict[str, str]:
    """Return what the operator set: the process environment and, for the real site, `.env`.

    Demo and tests ignore the file, so that they don't fill a real database with sandbox data.
    """
    found = (_dotenv() if profile is Profile.RUN else {}) | os.environ
    files = {name: found.get(f"{name}_FILE") for name in SERVER_URLS if not found.get(name)}
    return found | {name: Path(file).read_text().strip() for name, file in files.items() if file}


def for_site(profile: Profile, servers: Servers) -> dict[str, str]:
    """Return the environment for a command of the site, with this Python's programs first on the path."""
    return given(profile) | settings(profile, servers) | _commands()


def settings(profile: Profile, servers: Servers) -> dict[str, str]:
    """Return the variables that this package sets; for the real site only the servers' URLs."""
    addresses = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    if profile is Profile.RUN:
        return addresses
    site = {
        "DEBUG": "off",
        "BACKUP_DIR": str(Instance(profile).root / "backups"),
        "SITE_URL": f"http://{ports.LOOPBACK}:{port('PORT', SITE_PORT)}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
    }
    return addresses | _keys(Instance(profile)) | site | _sandbox(profile)


def port(variable: str, default: int) -> int:
    """Return a port from the environment."""
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise StartError(f"{variable} must be a port between 1 and 65535, not {text!r}.")
    return int(text)


def require_dotenv() -> None:
    """Raise an error if the real site has no settings."""
    if not _dotenv() and not {"BLIZZARD_CLIENT_ID", "BLIZZARD_CLIENT_ID_FILE"} & set(os.environ):
        raise ConfigurationError(f"{CHECKOUT / '.env'} is missing or empty: copy .env.example to it and fill it in.")


def _sandbox(profile: Profile) -> dict[str, str]:
    name = "sandbox" if profile is Profile.DEMO else "test"
    # In tests, a port on which nothing listens, so that a stray request fails immediately.
    listening = port("SANDBOX_PORT", SANDBOX_PORT) if profile is Profile.DEMO else 9
    address = f"http://{ports.LOOPBACK}:{listening}"
    return {
        "BLIZZARD_CLIENT_ID": f"{name}-client",
        "BLIZZARD_CLIENT_SECRET": f"{name}-secret",
        "BLIZZARD_OAUTH_URL": address,
        "BLIZZARD_API_URL": address,
        "BLIZZARD_MEDIA_URLS": f"{address}/render",
        "BLIZZARD_REGIONS": "us,eu,kr,tw",
        # Bungie's client ids are numbers.
        "BUNGIE_CLIENT_ID": "40001",
        "BUNGIE_CLIENT_SECRET": f"{name}-secret",
        "BUNGIE_API_KEY": f"{name}-api-key",
        "BUNGIE_URL": address,
    }


def _keys(instance: Instance) -> dict[str, str]:
    """Return keys that are generated at the first start and kept, so that sessions and tokens survive a restart."""
    file = instance.root / f"{instance.profile}.env"
    if not file.exists():
        # Under the lock, so that two parallel first starts use the same keys.
        with instance.locked():
            if not file.exists():
                # The site refuses keys with these prefixes on a public address.
                prefix = f"{instance.profile}-only-"
                write_private(file, "".join(f"{key}={prefix}{secrets.token_urlsafe(50)}\n" for key in KEYS))
    return _read(file)


def _commands() -> dict[str, str]:
    # Not resolved: the symlink in the virtual environment makes its packages visible.
    programs = str(Path(sys.executable).parent)
    # Last, so that the machine's own programs of PostgreSQL come first; `manage.py backup` chooses by version.
    clients = client_programs()
    return {
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath), *([str(clients)] if clients else [])]),
        "PYTHONUNBUFFERED": "1",
    }


def _dotenv() -> dict[str, str]:
    file = CHECKOUT / ".env"
    return _read(file) if file.is_file() else {}


def _read(file: Path) -> dict[str, str]:
    """Read a file like the site's settings do, without changing this process's environment."""

    class File(environ.Env):  # type: ignore[misc, unused-ignore]
        ENVIRON: dict[str, str] = {}  # noqa: RUF012  (the name and kind that the library prescribes)

    File.read_env(str(file))
    return dict(File.ENVIRON)
