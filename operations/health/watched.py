"""The findings that are looked for all the time: notices report them, and `manage.py doctor` begins with them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from operations.health.backups import backup_findings
from operations.health.certificate import Certificate, certificate_findings, read_certificate
from operations.health.disks import Disk, disk_findings, read_disks
from operations.health.finding import Finding
from operations.health.postgresql import PostgreSQL, postgresql_findings, read_postgresql
from operations.health.redis_server import RedisServer, read_redis, redis_findings
from operations.health.sync_work import sync_findings
from operations.status import SyncStatus, gather


@dataclass(frozen=True, slots=True)
class Facts:
    """The state of the servers, this machine and the sync. A server that does not answer is None."""

    postgresql: PostgreSQL | None
    redis: RedisServer | None
    sync: SyncStatus
    disks: list[Disk] = field(default_factory=list)
    certificate: Certificate | None = None


def gather_facts(*, outside: bool = True) -> Facts:
    """Ask everybody, which takes seconds if a server does not answer; `outside` also the site's public address."""
    certificate = read_certificate() if outside else None
    redis, disks = read_redis(), read_disks([settings.BACKUP_DIR])
    return Facts(read_postgresql(), redis, gather(has_redis=redis is not None), disks, certificate)


def findings(facts: Facts) -> Iterator[Finding]:
    """Yield what is wrong, servers first."""
    yield from postgresql_findings(facts.postgresql)
    yield from redis_findings(facts.redis)
    yield from disk_findings(facts.disks)
    yield from sync_findings(facts.sync)
    yield from backup_findings(facts.sync.backups)
    yield from certificate_findings(facts.certificate, timezone.now())
