"""Check the settings, the files beside them, and the installed programs."""

import stat
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from re import MULTILINE, compile

from django.conf import settings
from django.core import checks
from django.utils.translation import gettext as _

from operations.health.finding import Finding, Severity, error, hint, warning

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
OLDEST_PYTHON = (3, 11)
PIN = compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", MULTILINE)


def settings_findings() -> Iterator[Finding]:
    """Yield what Django and the apps say about the settings; on a public address also its deployment checks."""
    is_public = settings.SITE_HOST not in LOCAL_HOSTS
    for message in checks.run_checks(include_deployment_checks=is_public):
        if message.is_silenced() or message.level < checks.INFO:
            continue
        severity = Severity.ERROR if message.is_serious() else Severity.WARNING
        if message.level == checks.INFO:
            severity = Severity.HINT
        yield Finding(str(message.id), severity, str(message.msg), str(message.hint or _("See .env.example.")))
    if settings.DEBUG and is_public:
        yield error("debug", _("DEBUG is on, on a public address."), _("Set DEBUG=false and restart."))


def file_findings() -> Iterator[Finding]:
    """Yield what is wrong with the file `.env` and the static files."""
    env_file = settings.BASE_DIR / ".env"
    if env_file.is_file() and env_file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield warning(
            "env-file-readable",
            _("Other users of this machine can read .env, which contains secrets."),
            _("Run: chmod 600 .env"),
        )
    if not settings.DEBUG and not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        yield error(
            "static-files",
            _("The static files were not collected: every page fails."),
            _("Run: python manage.py collectstatic --noinput"),
        )


def package_findings(requirements: Path | None = None) -> Iterator[Finding]:
    """Compare Python and the installed packages with `requirements.txt`."""
    if sys.version_info < OLDEST_PYTHON:
        yield error("python", _("This Python is too old."), _("Install Python 3.11 or later."))
    text = (requirements or settings.BASE_DIR / "requirements.txt").read_text()
    wrong = [f"{name} {has or _('missing')}" for name, has in _other_versions(PIN.findall(text))]
    if wrong:
        yield warning(
            "packages",
            _("Packages differ from requirements.txt: %(packages)s.") % {"packages": ", ".join(wrong[:5])},
            _("Run: pip install --require-hashes -r requirements.txt"),
        )


def notice_findings() -> Iterator[Finding]:
    """Yield what keeps operators from being told what is wrong."""
    if not settings.NOTICE_EMAILS and not settings.NOTICE_WEBHOOK:
        yield hint(
            "notices",
            _("Nobody is told when something goes wrong."),
            _("Set NOTICE_EMAILS and EMAIL_URL, or NOTICE_WEBHOOK."),
        )
    if settings.NOTICE_EMAILS and not settings.EMAIL_HOST:
        yield error(
            "mail",
            _("NOTICE_EMAILS is set, but no mail server."),
            _("Set EMAIL_URL, such as smtp+tls://user:password@mail.example:587"),
        )


def _other_versions(pins: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, version in pins:
        try:
            has = metadata.version(name)
        except metadata.PackageNotFoundError:
            has = ""
        # Packages for other platforms are pinned too; what is missing fails at the start.
        if has not in ("", version):
            yield name, has
