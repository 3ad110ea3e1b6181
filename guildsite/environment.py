"""Read and validate environment variables. If one is missing or invalid, the process names it and ends."""

import sys
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

import environ

KNOWN_REGIONS = ("us", "eu", "kr", "tw")
SHORTEST_SECRET = 32


def refuse(name: str, reason: str) -> NoReturn:
    """End the process with status 1 and one line about the variable."""
    sys.stderr.write(f"guildsite: {name} {reason} (see .env.example)\n")
    raise SystemExit(1)


def read_environment(base_dir: Path) -> environ.Env:
    """Return the environment, completed by `.env` in `base_dir`. Existing variables take precedence."""
    env = environ.Env()
    env_file = base_dir / ".env"
    if env_file.is_file():
        env.read_env(str(env_file))
    return env


def required(env: environ.Env, name: str) -> str:
    """Return a text that must not be blank."""
    value = str(env.str(name, default="")).strip()
    if not value:
        refuse(name, "is missing")
    return value


def secret(env: environ.Env, name: str) -> str:
    """Return a secret of at least SHORTEST_SECRET characters."""
    required(env, name)
    return optional_secret(env, name)


def optional_secret(env: environ.Env, name: str) -> str:
    """Return a secret as above, or an empty text."""
    value = str(env.str(name, default="")).strip()
    if 0 < len(value) < SHORTEST_SECRET:
        refuse(name, f"has {len(value)} characters, it needs at least {SHORTEST_SECRET}")
    return value


def positive(env: environ.Env, name: str, default: int) -> int:
    """Return a whole number above zero."""
    number = count(env, name, default)
    if number == 0:
        refuse(name, "must be above zero")
    return number


def count(env: environ.Env, name: str, default: int) -> int:
    """Return a whole number, possibly zero."""
    text = str(env.str(name, default=str(default))).strip()
    if not text.isdecimal():
        refuse(name, f"must be a whole number, not {text!r}")
    return int(text)


def up_to(env: environ.Env, name: str, default: int, most: int) -> int:
    """Return a whole number from 1 to `most`."""
    number = positive(env, name, default)
    if number > most:
        refuse(name, f"must be at most {most}, not {number}")
    return number


def percent(env: environ.Env, name: str, default: int) -> int:
    """Return a whole percentage below 100."""
    number = count(env, name, default)
    if number >= 100:
        refuse(name, f"must be a percentage below 100, not {number}")
    return number


def boolean(env: environ.Env, name: str, default: bool) -> bool:
    """Return True or False for one of the usual spellings."""
    text = str(env.str(name, default=str(default))).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off", ""}:
        return False
    refuse(name, f"must be true or false, not {text!r}")


def web_url(env: environ.Env, name: str, default: str) -> str:
    """Return an http or https URL without a trailing slash. It can contain `{region}`."""
    value = str(env.str(name, default=default)).strip().rstrip("/")
    plain = value.replace("{region}", "us")
    parts = split_url(name, plain)
    if parts.scheme not in {"http", "https"} or not parts.hostname or set(plain) & set("{}?#"):
        refuse(name, f"must be a URL like {default}, not {value!r}")
    return value


def site_url(env: environ.Env, name: str, default: str) -> str:
    """Return the URL of the site, which must not have a path."""
    value = web_url(env, name, default)
    if urlsplit(value).path:
        refuse(name, f"must not have a path, unlike {value!r}")
    return value


def split_url(name: str, url: str) -> SplitResult:
    """Return the parts of a URL. Errors do not quote it: it can contain a password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        refuse(name, "is not a URL")
    return parts


def regions(env: environ.Env) -> tuple[str, ...]:
    """Return the Battle.net regions to sync, in lower case, without duplicates."""
    wanted = [part.strip().lower() for part in str(env.str("BLIZZARD_REGIONS", default="us,eu,kr,tw")).split(",")]
    unknown = sorted(set(wanted) - set(KNOWN_REGIONS))
    if unknown:
        refuse("BLIZZARD_REGIONS", f"can contain {', '.join(KNOWN_REGIONS)}, not {', '.join(map(repr, unknown))}")
    return tuple(dict.fromkeys(wanted))


def database(env: environ.Env) -> dict[str, Any]:
    """Return Django's settings for the PostgreSQL database of DATABASE_URL."""
    url = required(env, "DATABASE_URL")
    parts = split_url("DATABASE_URL", url)
    if parts.scheme not in {"postgres", "postgresql"}:
        refuse("DATABASE_URL", "must start with postgresql:// (other databases are not supported)")
    if not parts.path.strip("/"):
        refuse("DATABASE_URL", "must end with the name of the database")
    return dict(env.db_url_config(url))


def redis_url(env: environ.Env) -> str:
    """Return the URL of the Redis server."""
    url = required(env, "REDIS_URL")
    if split_url("REDIS_URL", url).scheme not in {"redis", "rediss", "unix"}:
        refuse("REDIS_URL", "must start with redis:// or rediss://")
    return url
