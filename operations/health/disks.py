"""Free space on the disks of this machine that the site writes to."""

import shutil
import socket
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from operations.health.finding import Finding, error, warning

GB = 1024**3
# Below the first a disk is full, below the second nearly so; a larger disk is nearly full below a tenth, up to 5 GB.
FULL, NEARLY_FULL = GB // 4, GB
SHARE, ENOUGH = 0.1, 5 * GB


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system, named by a folder on it; sizes in bytes."""

    folder: str
    free: int
    total: int


def read_disks(folders: Iterable[Path] = ()) -> list[Disk]:
    """Return the disks of the site's folder, of temporary files, and of further folders, each once."""
    found: dict[int, Disk] = {}
    for folder in (settings.BASE_DIR, Path(tempfile.gettempdir()), *folders):
        if folder.is_dir():
            usage = shutil.disk_usage(folder)
            found.setdefault(folder.stat().st_dev, Disk(str(folder), usage.free, usage.total))
    return list(found.values())


def disk_findings(disks: Iterable[Disk]) -> Iterator[Finding]:
    """Yield full disks, and those that soon will be. The cause names this machine: another one has other disks."""
    host = socket.gethostname()
    for disk in disks:
        text = _("The disk of %(folder)s on %(host)s has %(free)s left.") % {
            "folder": disk.folder,
            "host": host,
            "free": filesizeformat(disk.free),
        }
        mend = _("Delete what is not needed, such as old logs and backups, or get a larger disk.")
        if disk.free < FULL:
            yield error(f"disk-full-{host}", text, mend)
        elif disk.free < max(NEARLY_FULL, min(SHARE * disk.total, ENOUGH)):
            yield warning(f"disk-nearly-full-{host}", text, mend)
