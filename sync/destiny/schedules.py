"""The schedules of Destiny's tiers, which exist only while Destiny is on."""

import json
import random

from django.conf import settings
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from sync.destiny.manifest.kind import TIER, manifest_job

# Bungie's new content comes with the daily reset at 17:00 UTC.
HOUR, EARLIEST_MINUTE = 17, 20
NAME = f"Due: {TIER}"


@transaction.atomic
def keep_schedules() -> None:
    """Add the missing schedules if Destiny is on, and delete all of them if it is off.

    Their times can be changed in the admin, and each installation draws its own minute.
    """
    if not settings.DESTINY_ENABLED:
        PeriodicTask.objects.filter(name=NAME).delete()
        return
    manifest_job()
    if PeriodicTask.objects.filter(name=NAME).exists():
        return
    minute = str(random.randrange(EARLIEST_MINUTE, 60))
    crontab = CrontabSchedule.objects.create(minute=minute, hour=str(HOUR), timezone="UTC")
    PeriodicTask.objects.get_or_create(
        name=NAME,
        defaults={
            "task": "sync.tasks.mark_due",
            "args": json.dumps([TIER]),
            "crontab": crontab,
            # To mark a job due takes a moment, and nothing else may hold it up.
            "queue": "interactive",
        },
    )
