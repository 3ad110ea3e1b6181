"""Sessions of the old table are of no more use; expired ones go once a day, at an hour that each installation draws for
itself."""

import random

from django.db import migrations

NAME = "Clear expired sessions"


def delete_old_sessions(apps, schema_editor):
    apps.get_model("sessions", "Session").objects.all().delete()


def create_schedule(apps, schema_editor):
    Crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, hour = random.randrange(60), random.randrange(24)
    crontab = Crontab.objects.create(minute=str(minute), hour=str(hour), timezone="UTC")
    Task.objects.get_or_create(name=NAME, defaults={"task": "accounts.tasks.clear_expired", "crontab": crontab})


def delete_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_browser_sessions"),
        ("sessions", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.RunPython(delete_old_sessions, migrations.RunPython.noop),
        migrations.RunPython(create_schedule, delete_schedule),
    ]
