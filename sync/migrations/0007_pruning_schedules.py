"""Once a week characters that nothing confirmed are asked about, and those that nobody has go, at a minute, hour and day
that each installation draws for itself."""

import json
import random

from django.db import migrations

CONFIRM = "Due: unconfirmed"
PRUNE = "Prune characters"


def create_schedules(apps, schema_editor):
    Crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, hour, day = random.randrange(60), random.randrange(24), random.randrange(7)

    def weekly(hour):
        return Crontab.objects.create(minute=str(minute), hour=str(hour % 24), day_of_week=str(day), timezone="UTC")

    Task.objects.get_or_create(
        name=CONFIRM,
        defaults={
            "task": "sync.tasks.mark_due",
            "args": json.dumps(["unconfirmed"]),
            "crontab": weekly(hour),
            "queue": "people",
        },
    )
    Task.objects.get_or_create(name=PRUNE, defaults={"task": "sync.tasks.prune_characters", "crontab": weekly(hour + 3)})


def delete_schedules(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=(CONFIRM, PRUNE)).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0006_asked_at"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_schedules, delete_schedules)]
