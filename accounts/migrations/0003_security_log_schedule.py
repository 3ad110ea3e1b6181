"""The security log is cleaned once a day, at an hour that each installation draws for itself."""

import random

from django.db import migrations

NAME = "Clean the security log"


def create_schedule(apps, schema_editor):
    Crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, hour = random.randrange(60), random.randrange(24)
    crontab = Crontab.objects.create(minute=str(minute), hour=str(hour), timezone="UTC")
    Task.objects.get_or_create(name=NAME, defaults={"task": "accounts.tasks.clean_security_log", "crontab": crontab})


def delete_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_security_log"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_schedule, delete_schedule)]
