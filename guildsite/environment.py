"""Read and validate environment variables. If one is missing or invalid, the process names it and ends."""

import os
import re
import sys
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

import environ

KNOWN_REGIONS = ("us", "eu", "kr", "tw")
# Bungie's codes, of which it has no other list.
MANIFEST_LANGUAGES = ("en", "fr", "es", "es-mx", "de", "it", "ja", "pt-br", "ru", "pl", "ko", "zh-cht", "zh-chs")
SHORTEST_SECRET = 32
# EX_CONFIG of sysexits.h: supervisors do not restart what ends with it.
CONFIGURATION_ERROR = 78
# Each of these can be in a file that NAME_FILE names, so that it is neither in the environment nor in `.env`.
SECRETS = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "CRYPTOGRAPHY_KEY",
    "CRYPTOGRAPHY_KEY_FALLBACKS",
    "DATABASE_URL",
    "REDIS_URL",
    "METRICS_TOKEN",
    "EMAIL_URL",
    "NOTICE_WEBHOOK",
    "BLIZZARD_CLIENT_ID",
    "BLIZZARD_CLIENT_SECRET",
    "BUNGIE_CLIENT_ID",
    "BUNGIE_CLIENT_SECRET",
    "BUNGIE_API_KEY",
    "MANIFEST_S3_ACCESS_KEY",
    "MANIFEST_S3_SECRET_KEY",
)
GENERATE = """generate one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))\""""


def refuse(name: str, reason: str) -> NoReturn:
    """End the process with one line about the variable, and the exit status of a configuration error."""
    sys.stderr.write(f"guildsite: {name} {reason} (see .env.example)\n")
    raise SystemExit(CONFIGURATION_ERROR)


def read_environment(base_dir: Path) -> environ.Env:
    """Return the environment, completed by `.env` in `base_dir` and by files of secrets.

    Existing variables take precedence. The process's own environment stays as it is, so that its children inherit none
    of these.
    """

    class Environment(environ.Env):  # type: ignore[misc, unused-ignore]
        ENVIRON: dict[str, str] = dict(os.environ)  # noqa: RUF012  (the name and kind that the library prescribes)

    env = Environment()
    env_file = base_dir / ".env"
    if env_file.is_file():
        env.read_env(str(env_file))
    for name in SECRETS:
        if not env.ENVIRON.get(name, "").strip() and (file := env.ENVIRON.get(f"{name}_FILE", "").strip()):
            env.ENVIRON[name] = _read_secret(name, Path(file))
    return env


def _read_secret(name: str, file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text"
        refuse(f"{name}_FILE", f"names {file}, which cannot be read: {reason}")


def required(env: environ.Env, name: str) -> str:
    """Return a text that must not be blank."""
    value = str(env.str(name, default="")).strip()
    if not value:
        refuse(name, "is missing")
    return value


def all_or_none(env: environ.Env, *names: str) -> list[str]:
    """Return texts that belong together: either all of them are set or all are empty."""
    values = [str(env.str(name, default="")).strip() for name in names]
    for name, value in zip(names, values, strict=True):
        if any(values) and not value:
            refuse(name, f"is missing: set all of {', '.join(names)}, or none of them")
    return values


def secret(env: environ.Env, name: str) -> str:
    """Return a secret of at least SHORTEST_SECRET characters."""
    if not (value := optional_secret(env, name)):
        refuse(name, f"is missing: {GENERATE}")
    return value


def optional_secret(env: environ.Env, name: str) -> str:
    """Return a secret as above, or an empty text."""
    value = str(env.str(name, default="")).strip()
    _require_length(name, value)
    return value


def fallback_secrets(env: environ.Env, name: str) -> list[str]:
    """Return earlier secrets, separated by commas or one per line."""
    values = [one for one in re.split(r"[,\s]+", str(env.str(name, default=""))) if one]
    for value in values:
        _require_length(name, value)
    return values


def _require_length(name: str, value: str) -> None:
    if 0 < len(value) < SHORTEST_SECRET:
        refuse(name, f"has {len(value)} characters, it needs at least {SHORTEST_SECRET}: {GENERATE}")


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


def folder(env: environ.Env, name: str, default: Path) -> Path:
    """Return the absolute path of a folder, which need not exist."""
    text = str(env.str(name, default="")).strip()
    path = Path(text).expanduser() if text else default
    if not path.is_absolute():
        refuse(name, f"must be an absolute path, not {text!r}")
    return path


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
    return _checked_url(name, str(env.str(name, default=default)), default)


def web_urls(env: environ.Env, name: str, *defaults: str) -> tuple[str, ...]:
    """Return URLs like `web_url`, separated by commas; possibly none."""
    values = [one for one in re.split(r"[,\s]+", str(env.str(name, default=",".join(defaults)))) if one]
    return tuple(_checked_url(name, one, defaults[0]) for one in values)


def _checked_url(name: str, text: str, example: str) -> str:
    value = text.strip().rstrip("/")
    plain = value.replace("{region}", "us")
    parts = split_url(name, plain)
    if parts.scheme not in {"http", "https"} or not parts.hostname or set(plain) & set("{}?#"):
        refuse(name, f"must be a URL like {example}, not {value!r}")
    return value


def site_url(env: environ.Env, name: str, default: str) -> str:
    """Return the URL of the site, which must not have a path."""
    value = web_url(env, name, default)
    if urlsplit(value).path:
        refuse(name, f"must not have a path, unlike {value!r}")
    return value


def choice(env: environ.Env, name: str, *choices: str) -> str:
    """Return one of the choices; the first is the default."""
    value = str(env.str(name, default=choices[0])).strip().lower()
    if value not in choices:
        refuse(name, f"must be one of {', '.join(choices)}, not {value!r}")
    return value


def choices(env: environ.Env, name: str, *known: str, default: str) -> tuple[str, ...]:
    """Return the chosen ones of what is known, at least one, without duplicates."""
    wanted = [part.strip().lower() for part in str(env.str(name, default="") or default).split(",")]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        refuse(name, f"can contain {', '.join(known)}, not {', '.join(map(repr, unknown))}")
    return tuple(dict.fromkeys(wanted))


def object_store(env: environ.Env, prefix: str) -> dict[str, str]:
    """Return the options of a bucket in an S3-compatible object store; none without a bucket."""
    names = ("BUCKET", "ACCESS_KEY", "SECRET_KEY")
    bucket, access_key, secret_key = all_or_none(env, *(f"{prefix}_{name}" for name in names))
    if not bucket:
        return {}
    options = {"bucket_name": bucket, "access_key": access_key, "secret_key": secret_key}
    if str(env.str(f"{prefix}_URL", default="")).strip():
        options["endpoint_url"] = web_url(env, f"{prefix}_URL", default="https://s3.example")
    if region := str(env.str(f"{prefix}_REGION", default="")).strip():
        options["region_name"] = region
    return options


def languages(env: environ.Env, name: str, **known: str) -> list[tuple[str, str]]:
    """Return the chosen ones of the `known` languages (code=name), by default all; the first one is the default."""
    wanted = [part.strip().lower() for part in str(env.str(name, default=",".join(known))).split(",")]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        refuse(name, f"can contain {', '.join(known)}, not {', '.join(map(repr, unknown))}")
    return [(code, known[code]) for code in dict.fromkeys(wanted)]


def optional_web_url(env: environ.Env, name: str) -> str:
    """Return an http or https URL, or an empty text. Errors do not quote it: it can contain a secret."""
    value = str(env.str(name, default="")).strip()
    if value and (split_url(name, value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
        refuse(name, "must be a URL that starts with https://")
    return value


def email_addresses(env: environ.Env, name: str) -> list[str]:
    """Return addresses that are separated by commas."""
    found = [part.strip() for part in str(env.str(name, default="")).split(",") if part.strip()]
    if any("@" not in one for one in found):
        refuse(name, "must be email addresses, separated by commas")
    return found


def mail(env: environ.Env) -> dict[str, Any]:
    """Return Django's settings for the mail server of EMAIL_URL; without one, mails are printed."""
    schemes = {"smtp": (False, False), "smtp+tls": (True, False), "smtp+ssl": (False, True)}
    url = str(env.str("EMAIL_URL", default="")).strip()
    parts = split_url("EMAIL_URL", url)
    if url and (parts.scheme not in schemes or not parts.hostname):
        refuse("EMAIL_URL", "must be like smtp+tls://user:password@host:587")
    use_tls, use_ssl = schemes.get(parts.scheme, (False, False))
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{'smtp' if url else 'console'}.EmailBackend",
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if use_ssl else 587 if use_tls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": use_tls,
        "EMAIL_USE_SSL": use_ssl,
    }


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
