"""The schedules, as rows that can be changed in the admin. Each installation has its own minutes and hours, so that
not all of them call Battle.net at the full hour."""

import json
import random

from django.db import migrations

EVERY_TWO_SECONDS = 2


def create_schedules(apps, schema_editor):
    Crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    Interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, hour, day = random.randrange(60), random.randrange(24), random.randrange(7)
    times = {
        "active characters": {"hour": f"{hour % 12},{hour % 12 + 12}"},
        "other characters": {"hour": str((hour + 3) % 24), "day_of_week": str(day)},
        "rosters in use": {"hour": "*"},
        "all rosters": {"hour": str((hour + 6) % 24)},
        "game data": {"hour": str((hour + 9) % 24), "day_of_month": str(1 + random.randrange(28))},
    }
    for tier, time in times.items():
        crontab = Crontab.objects.create(minute=str(minute), timezone="UTC", **time)
        Task.objects.get_or_create(
            name=f"Due: {tier}",
            defaults={"task": "sync.tasks.mark_due", "args": json.dumps([tier]), "crontab": crontab, "queue": "people"},
        )
    interval, _ = Interval.objects.get_or_create(every=EVERY_TWO_SECONDS, period="seconds")
    Task.objects.get_or_create(
        name="Dispatch",
        defaults={
            "task": "sync.tasks.dispatch",
            "interval": interval,
            "queue": "people",
            # One that waited so long behind others is pointless: the next one does its work.
            "expire_seconds": EVERY_TWO_SECONDS,
        },
    )


def delete_schedules(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task__startswith="sync.tasks.").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_schedules, delete_schedules)]
