"""The whole examination of `manage.py doctor`: everything that is watched, and everything that is set up once."""

import logging
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings

from accounts.models import User
from operations.doctor import configuration, database, outside
from operations.health import backups, postgresql, redis_server
from operations.health.finding import Finding, warning
from operations.health.watched import Facts, findings, gather_facts

logger = logging.getLogger(__name__)
Check = Callable[[], Iterable[Finding]]


def examine() -> list[Finding]:
    """Return what is wrong, the worst first. A check that fails is a finding; the others go on."""
    facts = gather_facts()
    found = [one for check in _checks(facts) for one in _findings_of(check)]
    order = ["error", "warning", "hint"]
    # The same cause can be found by two checks.
    return sorted(dict.fromkeys(found), key=lambda one: order.index(one.severity))


def _checks(facts: Facts) -> Iterator[Check]:
    yield from (
        configuration.settings_findings,
        configuration.file_findings,
        configuration.package_findings,
        configuration.notice_findings,
        lambda: findings(facts),
    )
    if facts.postgresql is not None:
        server = facts.postgresql
        yield lambda: postgresql.version_findings(server)
        yield database.migration_findings
        yield database.schedule_findings
        yield database.visitor_findings
        yield backups.machine_findings
        yield lambda: database.admin_findings(User.objects.filter(is_superuser=True).exists())
    if facts.redis is not None:
        redis = facts.redis
        yield lambda: redis_server.version_findings(redis)
    yield lambda: outside.battlenet_findings(outside.ask_battlenet())
    if settings.DESTINY_ENABLED:
        yield lambda: outside.bungie_findings(*outside.ask_bungie())
    yield outside.site_findings
    yield outside.mail_server_findings


def _findings_of(check: Check) -> list[Finding]:
    try:
        return list(check())
    except Exception as failure:
        name = getattr(check, "__name__", "check")
        logger.debug("The check %s failed.", name, exc_info=True)
        text = f"A check could not be made: {name} ({type(failure).__name__})."
        return [warning(f"check-{name}", text, "Mend the other findings first, then run doctor again.")]
