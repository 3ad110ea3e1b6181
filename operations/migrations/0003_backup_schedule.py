"""The daily backup, as a row that can be changed in the admin."""

import random

from django.db import migrations

TASK = "operations.tasks.back_up"


def create_schedule(apps, schema_editor):
    Crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    crontab = Crontab.objects.create(timezone="UTC", minute=random.randrange(60), hour=random.randrange(24))
    apps.get_model("django_celery_beat", "PeriodicTask").objects.create(
        name="Back up the database", task=TASK, crontab=crontab
    )


def delete_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task=TASK).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0002_backups"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_schedule, delete_schedule)]
