"""Check the database: its migrations, the schedules, and where visitors seem to come from."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from ipaddress import ip_address

from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from django_celery_beat.models import PeriodicTask

from accounts.models import SecurityEvent
from operations.health.finding import Finding, error, hint, warning
from sync.engine.kinds import all_kinds

# Sign-ins that are looked at for where they came from.
RECENT, FEWEST = timedelta(days=30), 5


def migration_findings() -> Iterator[Finding]:
    """Yield whether the tables fit to this version of the code."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    if waiting := executor.migration_plan(loader.graph.leaf_nodes()):
        yield error(
            "migrations",
            _("%(count)d migrations were not applied, such as %(name)s.")
            % {"count": len(waiting), "name": f"{waiting[0][0].app_label}.{waiting[0][0].name}"},
            _("Run: python manage.py migrate"),
        )
    unknown = [
        name
        for name in loader.applied_migrations
        if name[0] in loader.migrated_apps and name not in loader.disk_migrations
    ]
    if unknown:
        yield warning(
            "newer-database",
            _("The database was used with a newer version of Guildsite: it has the migration %(name)s.")
            % {"name": ".".join(unknown[0])},
            _("Install that version again; migrations are not reversed."),
        )


def schedule_findings() -> Iterator[Finding]:
    """Yield schedules that are missing, switched off, or name a task that does not exist."""
    rows = {one.name: one for one in PeriodicTask.objects.all()}
    wanted = ["Dispatch", *(f"Due: {tier.name}" for kind in all_kinds() for tier in kind.tiers)]
    mend = _("Add it or switch it on in the admin under Periodic tasks.")
    for name in wanted:
        if name not in rows:
            yield error(f"schedule-{name}", _("The schedule %(name)s is missing.") % {"name": name}, mend)
        elif not rows[name].enabled:
            yield warning(f"schedule-{name}", _("The schedule %(name)s is switched off.") % {"name": name}, mend)
    current_app.autodiscover_tasks(force=True)
    for row in rows.values():
        if row.enabled and row.task not in current_app.tasks:
            yield warning(
                f"schedule-{row.name}",
                _("The schedule %(name)s runs a task that does not exist: %(task)s.")
                % {"name": row.name, "task": row.task},
                _("Delete or correct it in the admin under Periodic tasks."),
            )


def visitor_findings() -> Iterator[Finding]:
    """Yield whether TRUSTED_PROXIES fits to the addresses of the last sign-ins."""
    since = timezone.now() - RECENT
    addresses = SecurityEvent.objects.filter(created_at__gt=since, address__isnull=False).order_by("-created_at")
    yield from proxy_findings(addresses.values_list("address", flat=True)[:100])


def proxy_findings(addresses: Iterable[str | None]) -> Iterator[Finding]:
    """Yield whether all visitors seem to come from our own machines."""
    found = [ip_address(one) for one in addresses if one]
    if settings.HTTPS and len(found) >= FEWEST and not any(one.is_global for one in found):
        yield warning(
            "proxies",
            _("All sign-ins seem to come from private addresses, such as those of a reverse proxy."),
            _("Set TRUSTED_PROXIES to the number of your reverse proxies; each must set X-Forwarded-For."),
        )


def admin_findings(has_admins: bool) -> Iterator[Finding]:
    """Yield whether somebody can open the admin."""
    if not has_admins:
        yield hint(
            "site-admin",
            _("There is no site admin."),
            _('Sign in, then run: python manage.py grant_admin "Name#1234"'),
        )
