"""The schedules of Destiny: rows that can be changed in the admin, which exist only while Destiny is on."""

import json
import random
from typing import Any

from django.conf import settings
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from sync.destiny.jobs import BungieJob, open_game_job
from sync.destiny.kinds import KINDS
from sync.destiny.manifest.kind import TIER, manifest_job
from sync.destiny.vendor_kinds import OF_MEMBERSHIPS, OF_THE_GAME

TASK = "sync.tasks.mark_due"
# Bungie's new content comes with the daily reset at 17:00 UTC.
RESET_HOUR, EARLIEST_MINUTE = 17, 20
# Vendors are read in the first minutes after the reset, and again when their stock has settled.
FIRST_MINUTES, AGAIN_AFTER = range(2, 8), 12


def keep_schedules() -> None:
    """Add the schedules and the jobs of the whole game if Destiny is on, and delete the schedules if it is off."""
    if settings.DESTINY_ENABLED:
        manifest_job()
        for kind in (BungieJob.Kind.PUBLIC_VENDORS, BungieJob.Kind.MILESTONES):
            open_game_job(kind)
    update_schedules()


@transaction.atomic
def update_schedules() -> None:
    """Add the schedules that are missing, or delete all of them if Destiny is off."""
    tiers = {f"Due: {tier.name}": tier.name for kind in KINDS for tier in kind.tiers}
    existing = PeriodicTask.objects.filter(name__in=tiers)
    if not settings.DESTINY_ENABLED:
        existing.delete()
        return
    for name in sorted(tiers.keys() - set(existing.values_list("name", flat=True))):
        crontab = CrontabSchedule.objects.create(timezone="UTC", **_times(tiers[name]))
        # To mark jobs due takes a moment, and nothing else may hold it up.
        values = {"task": TASK, "args": json.dumps([tiers[name]]), "crontab": crontab, "queue": "interactive"}
        PeriodicTask.objects.get_or_create(name=name, defaults=values)


def _times(tier: str) -> dict[str, Any]:
    """Return when a tier is due: each installation draws its own minutes and hours."""
    if tier == "Bungie tokens in use":
        return {"minute": f"{random.randrange(12)}-59/12"}
    if tier == TIER:
        return {"minute": str(random.randrange(EARLIEST_MINUTE, 60)), "hour": str(RESET_HOUR)}
    if tier in (*OF_MEMBERSHIPS, *OF_THE_GAME):
        first = random.choice(FIRST_MINUTES)
        # What is the same for everybody costs one request, so it is read each hour.
        hour = "*" if tier in OF_THE_GAME else str(RESET_HOUR)
        return {"minute": f"{first},{first + AGAIN_AFTER}", "hour": hour}
    return {"minute": str(random.randrange(60)), "hour": str(random.randrange(24))}
