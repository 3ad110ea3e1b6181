"""Deleted guilds go for good once a day, at an hour that each installation draws for itself."""

import random

from django.db import migrations

NAME = "Purge deleted guilds"


def create_schedule(apps, schema_editor):
    Crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, hour = random.randrange(60), random.randrange(24)
    crontab = Crontab.objects.create(minute=str(minute), hour=str(hour), timezone="UTC")
    Task.objects.get_or_create(name=NAME, defaults={"task": "sync.tasks.purge_guilds", "crontab": crontab})


def delete_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0003_request_tally"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_schedule, delete_schedule)]
