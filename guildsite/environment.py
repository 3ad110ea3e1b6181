"""Reads the settings that the operator gives through the environment, and refuses senseless ones.

Every complaint is one line that names the variable, because the reader is a guild officer
looking at a terminal, not a developer reading a traceback.
"""

import sys
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

import environ

KNOWN_REGIONS = ("us", "eu", "kr", "tw")
SHORTEST_SECRET = 32


def refuse(name: str, reason: str) -> NoReturn:
    """End the process with status 1 and one line about the variable `name`."""
    sys.stderr.write(f"guildsite: {name} {reason} (see .env.example)\n")
    raise SystemExit(1)


def read_environment(base_dir: Path) -> environ.Env:
    """The process environment, completed by `.env` in `base_dir`; real variables win."""
    env = environ.Env()
    env_file = base_dir / ".env"
    if env_file.is_file():
        env.read_env(str(env_file))
    return env


def required(env: environ.Env, name: str) -> str:
    """The text of `name`; ends the process when it is missing or blank."""
    value = str(env.str(name, default="")).strip()
    if not value:
        refuse(name, "is missing")
    return value


def secret(env: environ.Env, name: str) -> str:
    """A secret of at least 32 characters; a shorter one can be guessed."""
    required(env, name)
    return optional_secret(env, name)


def optional_secret(env: environ.Env, name: str) -> str:
    """A secret as above, or "" for none."""
    value = str(env.str(name, default="")).strip()
    if 0 < len(value) < SHORTEST_SECRET:
        refuse(name, f"has {len(value)} characters, it needs at least {SHORTEST_SECRET}")
    return value


def positive(env: environ.Env, name: str, default: int) -> int:
    """A whole number above zero."""
    number = count(env, name, default)
    if number == 0:
        refuse(name, "must be above zero")
    return number


def count(env: environ.Env, name: str, default: int) -> int:
    """A whole number, which may be zero."""
    text = str(env.str(name, default=str(default))).strip()
    if not text.isdecimal():
        refuse(name, f"must be a whole number, not {text!r}")
    return int(text)


def up_to(env: environ.Env, name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`."""
    number = positive(env, name, default)
    if number > most:
        refuse(name, f"must be at most {most}, not {number}")
    return number


def percent(env: environ.Env, name: str, default: int) -> int:
    """A whole number of percent that leaves something over."""
    number = count(env, name, default)
    if number >= 100:
        refuse(name, f"must be a percentage below 100, not {number}")
    return number


def boolean(env: environ.Env, name: str, default: bool) -> bool:
    """A yes or no in one of the usual spellings."""
    text = str(env.str(name, default=str(default))).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off", ""}:
        return False
    refuse(name, f"must be true or false, not {text!r}")


def web_address(env: environ.Env, name: str, default: str) -> str:
    """An http or https address without a trailing slash; `{region}` may stand for the region."""
    value = str(env.str(name, default=default)).strip().rstrip("/")
    plain = value.replace("{region}", "us")
    parts = split_address(name, plain)
    if parts.scheme not in {"http", "https"} or not parts.hostname or set(plain) & set("{}?#"):
        refuse(name, f"must be an address like {default}, not {value!r}")
    return value


def site_address(env: environ.Env, name: str, default: str) -> str:
    """The address of the site, which has a host to itself."""
    value = web_address(env, name, default)
    if urlsplit(value).path:
        refuse(name, f"must end after host and port, unlike {value!r}")
    return value


def split_address(name: str, address: str) -> SplitResult:
    """The parts of an address. What is wrong with one is not shown: it may hold a password."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        refuse(name, "is not an address")
    return parts


def regions(env: environ.Env) -> tuple[str, ...]:
    """The Battle.net regions to ask, lower case, without repeats."""
    wanted = [part.strip().lower() for part in str(env.str("BLIZZARD_REGIONS", default="us,eu,kr,tw")).split(",")]
    unknown = sorted(set(wanted) - set(KNOWN_REGIONS))
    if unknown:
        refuse("BLIZZARD_REGIONS", f"knows {', '.join(KNOWN_REGIONS)}, not {', '.join(map(repr, unknown))}")
    return tuple(dict.fromkeys(wanted))


def database(env: environ.Env) -> dict[str, Any]:
    """Django's settings for the PostgreSQL database of DATABASE_URL."""
    url = required(env, "DATABASE_URL")
    parts = split_address("DATABASE_URL", url)
    if parts.scheme not in {"postgres", "postgresql"}:
        refuse("DATABASE_URL", "must begin with postgresql:// (no other database will do)")
    if not parts.path.strip("/"):
        refuse("DATABASE_URL", "must end with the name of the database")
    return dict(env.db_url_config(url))


def redis_address(env: environ.Env) -> str:
    """The address of the Redis server."""
    url = required(env, "REDIS_URL")
    if split_address("REDIS_URL", url).scheme not in {"redis", "rediss", "unix"}:
        refuse("REDIS_URL", "must begin with redis:// or rediss://")
    return url
